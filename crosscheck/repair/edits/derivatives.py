"""Derivatives of activations: of another one, of a value already activated, or none at all."""

import ast
import re
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits.factors import kept
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, expressions, last_name, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import operands, walk

FORMS = ("(1 - {x} * {x})", "{x} * (1 - {x})", "({x} > 0)", "(1 - {np}tanh({x}) ** 2)", "1")
"""tanh' by the output, sigmoid' by the output, relu', tanh' by the input, none"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of derivative factors."""
    for place in scope.editable:
        if isinstance(place.statement, ast.For):
            continue
        about = next(targets(place.statement), "")
        for expression in expressions(place.statement):
            for node in walk(expression):
                yield from _forms(scope, node, about)
                yield from _calls(scope, node, about)
                yield from _apart(scope, node, about)
        yield from _missing(scope, place, about)


def argument(node: ast.AST) -> ast.expr | None:
    """Return x where a node is a derivative factor such as `1 - x * x`, `x * (1 - x)`, `1 - np.tanh(x) ** 2`."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Gt | ast.GtE):
        return node.left
    if not isinstance(node, ast.BinOp):
        return None
    if isinstance(node.op, ast.Sub) and _is_one(node.left):
        right = node.right
        if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow):
            return _bare(right.left)
        if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
            return _bare(right.left) if _same(right.left, right.right) else None
        if isinstance(right, ast.Call) and len(right.args) == 1:
            return _bare(right.args[0])
        return right if isinstance(right, ast.Name | ast.Subscript | ast.Attribute) else None
    if isinstance(node.op, ast.Mult):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, ast.BinOp) and isinstance(other.op, ast.Sub | ast.Add) and _is_one(other.left):
                inner = other.right
                if _same(inner, one):
                    return one
    return None


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)


def _bare(node: ast.expr) -> ast.expr:
    """Return z of `np.tanh(z)`, anything else as it is."""
    return node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node


def _forms(scope: Scope, node: ast.AST, about: str) -> Iterator[Candidate]:
    x = argument(node)
    if x is None:
        return
    own, text = scope.text.of(node), scope.text.of(x)
    for form in FORMS:
        new = form.format(x=text, np=scope.numpy)
        if new.strip("()").replace(" ", "") != own.strip("()").replace(" ", ""):
            drops_tanh = "tanh" in own and "tanh" not in new and form != "1"
            code = "derivative-of-activated-value" if drops_tanh else "wrong-activation-derivative"
            cost = 0.9 if drops_tanh else 1.2 if form in FORMS[:2] else 1.8
            edit = scope.text.replace(node, f"({new})" if " * " in new and new[0] != "(" else new)
            yield Candidate((edit,), node.lineno, code, cost, about)  # pyright: ignore[reportAttributeAccessIssue]
    for other, extra in kept(scope):
        for form in FORMS[:2]:
            if other != text:
                new = form.format(x=other, np=scope.numpy)
                edit = scope.text.replace(node, new if new[0] == "(" else f"({new})")
                own_gate = re.sub(r"^_?(d|grad)_?", "", last_name(about)) == last_name(other.partition("[")[0])
                cost = 0.9 if own_gate else extra
                yield Candidate((edit,), node.lineno, "gates-confused", cost, about)  # pyright: ignore[reportAttributeAccessIssue]


def _apart(scope: Scope, node: ast.AST, about: str) -> Iterator[Candidate]:
    """Let `d * (1 - a * a)` take the place of `d * a * (1 - a)`, where the parts of the slope do not stand together."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return
    factors = list(operands(node, ast.Mult))
    texts = [scope.text.of(factor) for factor in factors]
    for slope in factors:
        inner = argument(slope) if isinstance(slope, ast.BinOp) and isinstance(slope.op, ast.Sub) else None
        x = scope.text.of(inner) if inner is not None else ""
        if not isinstance(slope, ast.BinOp) or inner is not slope.right or x not in texts:
            continue
        for form, cost in ((FORMS[0], 1.2), (FORMS[3], 1.8), (FORMS[2], 1.9)):
            new = form.format(x=x, np=scope.numpy)
            rest = [bracketed(one, scope.text.of(one)) for one in factors if one is not slope]
            rest.remove(x)
            edit = scope.text.replace(node, " * ".join([*rest, new]))
            yield Candidate((edit,), node.lineno, "wrong-activation-derivative", cost, about)


def _calls(scope: Scope, node: ast.AST, about: str) -> Iterator[Candidate]:
    """Drop a call, add one, name another function of the same kind, or pass its `derivative=True`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.left, ast.expr):
        edit = scope.text.replace(node, bracketed(node.left, scope.text.of(node.left)))
        yield Candidate((edit,), node.lineno, "wrong-activation-derivative", 2.2, about)
    if not isinstance(node, ast.Call) or not node.args:
        return
    name = ast.unparse(node.func)
    if name.endswith(("zeros", "zeros_like", "dot", "range", "len", "sum", "reversed", "zip", "clip")):
        return
    if len(node.args) == 1:
        inner = scope.text.of(node.args[0])
        yield Candidate(
            (scope.text.replace(node, bracketed(node.args[0], inner)),),
            node.lineno,
            "derivative-of-activated-value" if name.endswith(("tanh", "sigmoid")) else "extra-call",
            1.6,
            about,
        )
    helpers = _helpers(scope)
    for other in helpers:
        if other != name and (name in helpers or name.partition(".")[0] == scope.numpy[:-1]):
            edit = scope.text.replace(node.func, other)
            yield Candidate((edit,), node.lineno, "wrong-activation-derivative", 1.5, about)
    for keyword in _switches(scope, name):
        if not any(given.arg == keyword for given in node.keywords) and len(node.args) == 1:
            edit = scope.text.insert(scope.text.end(node.args[0]), f", {keyword}=True")
            yield Candidate((edit,), node.lineno, "derivative-forgotten", 0.9, about)


def _helpers(scope: Scope) -> list[str]:
    """Return the functions of the file that take one argument: activations and their derivatives."""
    found = []
    for node in walk(scope.tree):
        if isinstance(node, ast.FunctionDef):
            names = [item.arg for item in node.args.args]
            required = len(names) - len(node.args.defaults)
            if names[:1] == ["self"] and required == 2:
                found.append(f"self.{node.name}")
            elif required == 1 and names[:1] != ["self"]:
                found.append(node.name)
    return found[:12]


def _switches(scope: Scope, name: str) -> list[str]:
    """Return the parameters of a function of the file that are False by default."""
    last = name.rpartition(".")[2]
    for node in walk(scope.tree):
        if isinstance(node, ast.FunctionDef) and node.name == last and node.args.defaults:
            pairs = zip(node.args.args[-len(node.args.defaults) :], node.args.defaults, strict=True)
            return [item.arg for item, value in pairs if isinstance(value, ast.Constant) and value.value is False]
    return []


ACTIVATIONS = {"relu": FORMS[2], "maximum": FORMS[2], "tanh": FORMS[0], "sigmoid": FORMS[1], "sigm": FORMS[1]}
"""The slope by the output, by what the function is called"""


def _activated(scope: Scope) -> list[tuple[str, str]]:
    """Return what is put through an activation and known in the backward pass, with the slope that it has there."""
    known = {*scope.atoms, *scope.elements}
    found: dict[str, str] = {}
    for statement in walk(scope.tree):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            form = ACTIVATIONS.get(ast.unparse(statement.value.func).rpartition(".")[2].lower())
            found |= {ast.unparse(target): form for target in statement.targets if form}
    return [(text, form) for text, form in found.items() if text in known and not scope.is_gradient(text)][:12]


def _missing(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Multiply by the derivative of an activation that is nowhere taken."""
    for node in computed(place.statement):
        value = scope.text.of(node)
        if "zeros" in value:
            continue
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
            value = bracketed(node, value)
        for x, _ in kept(scope):
            for form, cost in ((FORMS[0], 1.7), (FORMS[1], 1.9), (FORMS[3], 2.2), (FORMS[2], 2.4)):
                new = form.format(x=x, np=scope.numpy)
                if new not in value:
                    edit = scope.text.replace(node, f"{value} * {new}")
                    yield Candidate((edit,), node.lineno, "derivative-forgotten", cost, about)
        for x, form in _activated(scope):
            new = form.format(x=x, np=scope.numpy)
            if new not in value:
                edit = scope.text.replace(node, f"{value} * {new}")
                yield Candidate((edit,), node.lineno, "derivative-forgotten", 1.5, about)
        for helper in _helpers(scope):
            for x, _ in kept(scope):
                edit = scope.text.replace(node, f"{value} * {helper}({x})")
                yield Candidate((edit,), node.lineno, "derivative-forgotten", 2.4, about)
