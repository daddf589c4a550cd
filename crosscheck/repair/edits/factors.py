"""Factors and terms: one too many, one too few, a sign, a pair of brackets, the two sides of a difference."""

import ast
import re
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, expressions, is_atom, operands_of_product, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import operands, walk

_MASK = re.compile(r"mask|valid|^pad|present", re.IGNORECASE)
_ONES = ("1", "1.", "1.0")
Arithmetic = ast.Add | ast.Sub | ast.Mult | ast.Div


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of sums and products, entry by entry."""
    for place in scope.editable:
        if isinstance(place.statement, ast.For | ast.If | ast.While):
            continue
        about = next(targets(place.statement), "")
        for node in _values(place.statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, Arithmetic) and _sign_of(scope, node):
                yield from _operands(scope, node, about)
                yield from _brackets(scope, node, about)
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
                edit = scope.text.replace(node, scope.text.of(node.operand))
                yield Candidate((edit,), node.lineno, "wrong-sign", 1.2, about)
            elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                yield from _constants(scope, node, about)
            if isinstance(node, ast.BinOp):
                yield from _powers(scope, node, about)
                yield from _into_products(scope, node, about)
            if isinstance(node, ast.expr):
                yield from _out_of_products(scope, node, about)
        yield from _scaled(scope, place, about)
        yield from _missing(scope, place, about)
        yield from _inside(scope, place, about)
        yield from _afterwards(scope, place, about)


def _inside(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Multiply one of several gradients that are stacked or handed over by what the forward keeps."""
    for node in _values(place.statement):
        items = node.elts if isinstance(node, ast.Tuple | ast.List) else node.args if isinstance(node, ast.Call) else []
        for item in items if len(items) > 1 else []:
            if is_atom(item) and scope.is_gradient(ast.unparse(item)):
                for factor, cost in kept(scope):
                    edit = scope.text.replace(item, f"{scope.text.of(item)} * {factor}")
                    yield Candidate((edit,), place.line, "missing-factor", cost + 0.1, about)


def _afterwards(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Scale a gradient once an entry of it has been changed, `dy[target] -= 1`; leave out what a mask leaves out."""
    statement = place.statement
    if isinstance(statement, ast.AugAssign) and about and scope.is_gradient(about):
        for mask in filter(_MASK.search, scope.elements):
            for factor, cost in ((mask, 1.7), (f"{mask}[:, None]", 1.6)):
                edit = scope.text.line_after(statement, f"{about} *= {factor}")
                yield Candidate((edit,), place.line, "missing-factor", cost, about)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript) and about:
        for size in scope.sizes:
            for sign, cost in (("/", 1.6), ("*", 2.2)):
                edit = scope.text.line_after(statement, f"{about} {sign}= {size}")
                yield Candidate((edit,), place.line, "constant-factor", cost, about)


def _values(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of what is computed, without targets and indices."""
    roots = [statement.value] if isinstance(statement, ast.Assign | ast.AugAssign) else list(expressions(statement))

    def visit(node: ast.AST | None) -> Iterator[ast.AST]:
        if node is None:
            return
        yield node
        for name, child in ast.iter_fields(node):
            if name in ("slice", "keywords", "func") and not isinstance(child, ast.Attribute):
                continue
            for item in child if isinstance(child, list) else [child]:
                if isinstance(item, ast.AST):
                    yield from visit(item)

    for root in roots:
        yield from visit(root)


SIGNS = ("**", "//", "+", "-", "*", "/", "@")


def _sign_of(scope: Scope, node: ast.BinOp) -> str:
    """Return the operator as it stands between its operands; nothing where the text holds no such expression."""
    between = scope.text.between(scope.text.end(node.left), scope.text.start(node.right))
    return next((sign for sign in SIGNS if sign in between), "")


def _operands(scope: Scope, node: ast.BinOp, about: str) -> Iterator[Candidate]:
    text = scope.text
    left, right = bracketed(node.left, text.of(node.left)), bracketed(node.right, text.of(node.right))
    between = text.between(text.end(node.left), text.start(node.right))

    def operator(symbol: str, code: str, cost: float) -> Candidate:
        own = _sign_of(scope, node)
        edit = type(text.replace(node, ""))(
            text.end(node.left), text.start(node.right), between.replace(own, symbol, 1)
        )
        return Candidate((edit,), node.lineno, code, cost, about)

    if isinstance(node.op, ast.Mult | ast.Div):
        constant = _is_size(scope, node.right) or _is_size(scope, node.left)
        code = "constant-factor" if constant else "extra-factor"
        yield Candidate((text.replace(node, left),), node.lineno, code, 1.1 if constant else 1.7, about)
        if isinstance(node.left, ast.BinOp) and _ends_in_slope(scope, node):
            rest = bracketed(node.left.left, text.of(node.left.left))
            yield Candidate((text.replace(node, rest),), node.lineno, "extra-factor", 1.6, about)
        if isinstance(node.op, ast.Mult):
            yield Candidate((text.replace(node, right),), node.lineno, code, 1.1 if constant else 1.7, about)
            yield operator("/", "constant-factor", 2.6)
        else:
            yield operator("*", "constant-factor", 1.8)
    if isinstance(node.op, ast.Add | ast.Sub):
        yield Candidate((text.replace(node, left),), node.lineno, "extra-term", 1.8, about)
        negative = right if isinstance(node.op, ast.Add) else f"-{right}"
        yield Candidate((text.replace(node, negative),), node.lineno, "extra-term", 2.0, about)
        yield operator("-" if isinstance(node.op, ast.Add) else "+", "wrong-sign", 1.2)
        yield operator("*", "sum-for-product", 2.6)
    else:
        yield operator("+", "product-for-sum", 2.8) if isinstance(node.op, ast.Mult) else operator("-", "wrong-sign", 4)
    if isinstance(node.op, ast.Sub):
        edits = (text.replace(node.left, right), text.replace(node.right, left))
        yield Candidate(edits, node.lineno, "wrong-sign", 2.4 if _is_size(scope, node.left) else 1.3, about)


def _ends_in_slope(scope: Scope, node: ast.BinOp) -> bool:
    """Tell whether a product ends in `x * (1 - x)`: of a logistic function that the gradient may be behind already."""
    inner = node.left
    if not isinstance(node.op, ast.Mult) or not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Mult):
        return False
    return _is_rest(scope, inner.right, node.right) or _is_rest(scope, node.right, inner.right)


def _is_rest(scope: Scope, one: ast.expr, other: ast.expr) -> bool:
    """Tell whether `other` is `1 - one`."""
    if not isinstance(other, ast.BinOp) or not isinstance(other.op, ast.Sub):
        return False
    return scope.text.of(other.left) in _ONES and scope.text.of(other.right) == scope.text.of(one)


def _powers(scope: Scope, node: ast.BinOp, about: str) -> Iterator[Candidate]:
    """Differentiate powers: the derivative of x³ is 3 x², that of 1 / x is -1 / x²."""
    text, exponent = scope.text, node.right
    if isinstance(node.op, ast.Pow) and isinstance(exponent, ast.Constant) and isinstance(exponent.value, int | float):
        power, base = exponent.value, bracketed(node.left, text.of(node.left))
        own = text.of(node)
        yield Candidate((text.replace(node, f"{power + 1:g} * {own}"),), node.lineno, "constant-factor", 1.6, about)
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):  # (1 - h) ** 2
            sign = "+" if isinstance(node.left.op, ast.Add) else "-"
            last = bracketed(node.left.right, text.of(node.left.right))
            edit = text.replace(node, f"({text.of(node.left.left)} {sign} {last} ** {power:g})")
            yield Candidate((edit,), node.lineno, "brackets-misplaced", 1.5, about)
        for written in (f"{power:g} * {base} ** {power - 1:g}", f"{base} ** {power - 1:g}", f"{base} ** {power + 1:g}"):
            edit = text.replace(node, f"({written})" if written[0].isdigit() else written)
            yield Candidate((edit,), node.lineno, "wrong-power", 2.0, about)
    elif isinstance(node.op, ast.Div) and not _is_size(scope, node.right):
        edit = text.replace(node.right, f"{bracketed(node.right, text.of(node.right))} ** 2")
        yield Candidate((edit,), node.lineno, "wrong-power", 1.9, about)


def _brackets(scope: Scope, node: ast.BinOp, about: str) -> Iterator[Candidate]:
    """Move brackets: `a * b + c` and `a * (b + c)`, to either side."""
    text = scope.text
    code = "brackets-misplaced"
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

    def of(part: ast.AST) -> str:
        return bracketed(part, text.of(part))

    for inner, outer, inner_first in ((node.left, node.right, True), (node.right, node.left, False)):
        if not isinstance(inner, ast.BinOp) or not isinstance(inner.op, Arithmetic):
            continue
        one, two = signs[type(node.op)], signs[type(inner.op)]
        if one in "+-" and two in "*/":
            if inner_first:  # a * b + c -> a * (b + c)
                new = [f"{of(inner.left)} {two} ({of(inner.right)} {one} {of(outer)})"]
                if two == "*":
                    new.append(f"({of(inner.left)} {one} {of(outer)}) * {of(inner.right)}")
            else:  # c + a * b -> (c + a) * b
                new = [f"({of(outer)} {one} {of(inner.left)}) {two} {of(inner.right)}"]
                if two == "*":
                    new.append(f"({of(outer)} {one} {of(inner.right)}) * {of(inner.left)}")
        elif one in "*/" and two in "+-":
            if inner_first:  # (a + b) * c -> a + b * c
                new = [f"{of(inner.left)} {two} {of(inner.right)} {one} {of(outer)}"]
                if one == "*":
                    new.append(f"{of(inner.left)} {one} {of(outer)} {two} {of(inner.right)}")
            elif one == "*":
                new = [
                    f"{of(outer)} * {of(inner.left)} {two} {of(inner.right)}",
                    f"{of(inner.left)} {two} {of(outer)} * {of(inner.right)}",
                ]
            else:
                continue
        else:
            continue
        for written in new:
            yield Candidate((text.replace(node, f"({written})"),), node.lineno, code, 1.8, about)


def _into_products(scope: Scope, node: ast.BinOp, about: str) -> Iterator[Candidate]:
    """Move what follows a matrix product into it: `W.T @ d * s` becomes `W.T @ (d * s)`."""
    text = scope.text
    if not isinstance(node.op, Arithmetic):
        return
    sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(node.op)]
    outer = text.of(node.right)
    for operand in operands_of_product(node.left):
        own = bracketed(operand, text.of(operand))
        within = text.replace(operand, f"({own} {sign} {bracketed(node.right, outer)})")
        rest = type(within)(text.end(node.left), text.end(node), "")
        yield Candidate((within, rest), node.lineno, "brackets-misplaced", 1.9, about)


def _out_of_products(scope: Scope, node: ast.expr, about: str) -> Iterator[Candidate]:
    """Move a factor or a term out of a matrix product: `W.T @ (d * s)` becomes `(W.T @ d) * s`."""
    text = scope.text
    for operand in operands_of_product(node):
        if isinstance(operand, ast.BinOp) and isinstance(operand.op, Arithmetic):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(operand.op)]
            whole, inner = text.of(node), text.of(operand)
            for kept_one, moved in ((operand.left, operand.right), (operand.right, operand.left)):
                if moved is operand.left and sign in "-/":
                    continue
                product = whole.replace(inner, text.of(kept_one), 1)
                edit = text.replace(node, f"({product}) {sign} {bracketed(moved, text.of(moved))}")
                yield Candidate((edit,), node.lineno, "brackets-misplaced", 1.9, about)


def _constants(scope: Scope, node: ast.Constant, about: str) -> Iterator[Candidate]:
    value = node.value
    assert isinstance(value, int | float)
    if isinstance(value, bool):
        return
    for other in {1, 2, 0.5, -value} - {value}:
        yield Candidate((scope.text.replace(node, repr(other)),), node.lineno, "constant-factor", 2.2, about)


def _scaled(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Multiply what a statement computes by a constant, or divide it."""
    statement = place.statement
    if isinstance(statement, ast.AugAssign) and not isinstance(statement.op, ast.Add | ast.Sub):
        return
    for node in computed(statement):
        if "zeros" in (value := _as_factor(scope, node)):
            continue
        yield Candidate((scope.text.replace(node, f"-{value}"),), node.lineno, "wrong-sign", 1.4, about)
        squared = bool({scope.text.of(factor) for factor in operands(node, ast.Mult)} & scope.squared)
        for number, cost in (("2", 1.0 if squared else 1.6), ("0.5", 1.6)):
            edit = scope.text.replace(node, f"{number} * {value}")
            yield Candidate((edit,), node.lineno, "constant-factor", cost, about)
        for size in scope.sizes:
            for symbol, cost in (("/", 1.5), ("*", 1.9)):
                edit = scope.text.replace(node, f"{value} {symbol} {size}")
                yield Candidate((edit,), node.lineno, "constant-factor", cost, about)


def _as_factor(scope: Scope, node: ast.expr) -> str:
    """Return the text of an expression as it stands in a product."""
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
    return scope.text.of(node) if is_product else bracketed(node, scope.text.of(node))


def _missing(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Multiply what a statement computes by something that the forward keeps: a gate, an activation."""
    for node in computed(place.statement):
        if "zeros" in (value := _as_factor(scope, node)):
            continue
        for factor, cost in kept(scope):
            if factor not in value:
                edit = scope.text.replace(node, f"{value} * {factor}")
                yield Candidate((edit,), node.lineno, "missing-factor", cost, about)
        for deep, side in _terms(node):
            own = _as_factor(scope, side)
            for factor, cost in kept(scope):
                edit = scope.text.replace(side, f"{own} * {factor}")
                yield Candidate((edit,), node.lineno, "missing-factor", cost + 0.1 + 0.3 * deep, about)


def _terms(node: ast.expr) -> Iterator[tuple[bool, ast.expr]]:
    """Yield the terms of every sum in an expression, each with whether the sum is only a part of it."""
    outer = node
    for inner in walk(node):
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
            is_whole = inner is outer
            outer = inner.left if is_whole else outer
            for side in (inner.left, inner.right):
                is_sum = isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add | ast.Sub)
                if not is_sum and not isinstance(side, ast.Constant):
                    yield not is_whole, side


def kept(scope: Scope) -> list[tuple[str, float]]:
    """Return what the forward keeps for the backward, element by element where there is time."""
    elements = [text for text in scope.elements if not scope.is_gradient(text.partition("[")[0])]
    plain = [
        atom
        for atom in scope.atoms
        if atom not in scope.containers
        and not scope.is_gradient(atom)
        and atom not in scope.matrices
        and (
            atom in scope.assigned_elsewhere
            or atom in scope.unpacked
            or atom in scope.recomputed
            or len(atom.rpartition(".")[2]) <= 2
        )
    ]
    return [(text, 1.9) for text in elements][:24] + [(text, 2.1) for text in plain][:24]


def _is_size(scope: Scope, node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return True
    return ast.unparse(node) in scope.sizes or (
        isinstance(node, ast.Call) and not is_atom(node) and "len(" in ast.unparse(node)
    )
