"""Derivatives of single operations, in the closures or beside the parents of an autograd engine: a line or two.

So little may be edited that much may be tried: every variable of the operation as a factor or in the place of another.
"""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, is_atom, nodes_in, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import operands, walk

FORMS = ("(1 - {x} ** 2)", "{x} * (1 - {x})", "({x} > 0)", "1 / {x}", "{x} ** 2", "{x} - 1")
MANY = 14
"""Variables of one operation that are tried"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of the derivative of one operation, and of the way back through the graph."""
    if not scope.is_operation:
        return
    for place in scope.editable:
        about = next(targets(place.statement), "")
        yield from _order(scope, place, about)
        yield from _kept(scope, place, about)
        known = _variables(scope, place)
        for node in _values(place.statement):
            yield from _with_variables(scope, node, known, about)
            yield from _powers(scope, node, about)
        for node in _wholes(place.statement):
            yield from _whole(scope, node, known, about)
        yield from _exchanged(scope, place, about)
        yield from _summed_back(scope, place, about)


def _variables(scope: Scope, place: Place) -> list[str]:
    """Return the variables of the operation: its arguments, what they hold, and what its forward has computed."""
    function = next((f for f in scope.functions if _holds(f, place)), place.function)
    loaded: dict[str, None] = {}
    arguments = [a.arg for n in walk(function) if isinstance(n, ast.FunctionDef) for a in n.args.args]
    attributes = {
        n.attr
        for n in walk(function)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in arguments
    }
    called = {n.func for n in walk(function) if isinstance(n, ast.Call)}
    for node in walk(function):
        if is_atom(node) and node not in called and isinstance(getattr(node, "ctx", None), ast.Load):
            loaded[ast.unparse(node)] = None
    for name in arguments:
        loaded |= {
            f"{name}.{attribute}": None for attribute in attributes if f"{name}.{attribute}" not in scope.upstream
        }
        loaded[name] = None
    bare = {
        node.value.id for node in walk(function) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    known = [name for name in loaded if name not in scope.never and name not in bare and "." not in name]
    known += [name for name in loaded if "." in name and name.rpartition(".")[0] not in scope.never - {"self"}]
    return [name for name in dict.fromkeys(known) if not _is_of_gradients(scope, name)][:MANY]


def _holds(function: ast.AST, place: Place) -> bool:
    return function is place.function or any(node is place.function for node in walk(function))


def _is_of_gradients(scope: Scope, name: str) -> bool:
    return name in scope.upstream or name.rpartition(".")[2] in {
        n.rpartition(".")[2] for n in scope.upstream if "." in n
    }


def _values(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the parts of what a statement computes, inside of lambdas as well, but no target and no function's name."""
    if hasattr(statement, "body"):
        return
    written = {id(n) for t in getattr(statement, "targets", [getattr(statement, "target", None)]) if t for n in walk(t)}
    called = {id(n.func) for n in nodes_in(statement) if isinstance(n, ast.Call)}
    inner = {id(n.value) for n in nodes_in(statement) if isinstance(n, ast.Attribute)}
    for node in nodes_in(statement):
        is_value = isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call | ast.Compare | ast.Constant) or is_atom(node)
        if is_value and isinstance(node, ast.expr) and id(node) not in written | called | inner:
            yield node


def _wholes(statement: ast.stmt) -> list[ast.expr]:
    """Return what a statement computes as a whole, and each derivative that stands in a pair beside its parent."""
    if hasattr(statement, "body"):
        return []
    found = computed(statement)
    for node in nodes_in(statement):
        if isinstance(node, ast.Lambda):
            found += node.body.elts if isinstance(node.body, ast.Tuple) else [node.body]
        elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
            others = ast.Name | ast.Tuple | ast.List | ast.Starred | ast.Lambda  # parents, and what holds pairs of them
            found += [item for item in node.elts if not isinstance(item, others)]
    return list({id(node): node for node in found}.values())


def _with_variables(scope: Scope, node: ast.expr, known: list[str], about: str) -> Iterator[Candidate]:
    own = scope.text.of(node)
    factor = bracketed(node, own)
    for name in known:
        if is_atom(node) and name != own and not _is_of_gradients(scope, own):
            yield Candidate((scope.text.replace(node, name),), node.lineno, "wrong-variable", 1.5, about)
        if not isinstance(node, ast.Constant) and not _is_of_gradients(scope, own):
            yield Candidate(
                (scope.text.replace(node, f"{factor} * {name}"),), node.lineno, "missing-factor", 1.9, about
            )


def _whole(scope: Scope, node: ast.expr, known: list[str], about: str) -> Iterator[Candidate]:
    text = scope.text
    own = text.of(node)
    factor = own if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) else bracketed(node, own)
    for gradient in scope.upstream:
        if gradient not in own:
            yield Candidate((text.replace(node, f"{factor} * {gradient}"),), node.lineno, "missing-factor", 0.8, about)
    yield Candidate((text.replace(node, f"-{factor}"),), node.lineno, "wrong-sign", 1.3, about)
    for name in known:
        yield Candidate((text.replace(node, f"{name} * {factor}"),), node.lineno, "missing-factor", 1.5, about)
        yield Candidate((text.replace(node, f"{factor} / {name}"),), node.lineno, "missing-factor", 1.9, about)
    factors = list(operands(node, ast.Mult))
    rest = [text.of(one) for one in factors if _is_of_gradients(scope, text.of(one))]
    for name in known:
        for form in FORMS:
            slope = form.format(x=name)
            new = " * ".join([*rest, slope if slope.startswith("(") or not rest else f"({slope})"])
            yield Candidate((text.replace(node, new),), node.lineno, "wrong-activation-derivative", 2.1, about)


def _powers(scope: Scope, node: ast.expr, about: str) -> Iterator[Candidate]:
    """Differentiate powers whatever the exponent is called: x ** n becomes n * x ** (n - 1)."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Pow):
        return
    text, base, exponent = scope.text, scope.text.of(node.left), scope.text.of(node.right)
    lower = text.replace(node.right, f"({exponent} - 1)")
    yield Candidate((lower,), node.lineno, "wrong-power", 1.0, about)
    base, power = bracketed(node.left, base), bracketed(node.right, exponent)
    if isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Sub):
        factor = text.of(node.right.left)
        edit = text.replace(node, f"{factor} * {base} ** {power}")
        yield Candidate((edit,), node.lineno, "missing-factor", 0.9, about)
    edit = text.replace(node, f"{power} * {base} ** ({exponent} - 1)")
    yield Candidate((edit,), node.lineno, "wrong-power", 1.3, about)


def _exchanged(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Exchange the derivatives of two pairs: `[(self, b), (other, a)]`."""
    if hasattr(place.statement, "body"):
        return
    for node in nodes_in(place.statement):
        if isinstance(node, ast.Lambda) and isinstance(node.body, ast.Tuple) and len(node.body.elts) == 2:
            one, other = node.body.elts
            edits = (scope.text.replace(one, scope.text.of(other)), scope.text.replace(other, scope.text.of(one)))
            yield Candidate(edits, one.lineno, "gradients-exchanged", 0.9, about)
        pairs = [item for item in getattr(node, "elts", []) if isinstance(item, ast.Tuple) and len(item.elts) == 2]
        if isinstance(node, ast.Tuple | ast.List) and len(pairs) == 2 == len(node.elts):
            one, other = (pair.elts[1] for pair in pairs)
            edits = (scope.text.replace(one, scope.text.of(other)), scope.text.replace(other, scope.text.of(one)))
            yield Candidate(edits, one.lineno, "gradients-exchanged", 1.0, about)


def _order(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Go through the nodes from the last to the first."""
    statement, text = place.statement, scope.text
    if isinstance(statement, ast.For) and isinstance(statement.iter, ast.Name):
        edit = text.replace(statement.iter, f"reversed({text.of(statement.iter)})")
        yield Candidate((edit,), statement.lineno, "loop-order", 1.0, about)
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Name):
        edit = text.replace(statement.value, f"{text.of(statement.value)}[::-1]")
        yield Candidate((edit,), statement.lineno, "loop-order", 1.2, about)
    for node in nodes_in(statement) if not hasattr(statement, "body") else ():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "pop"
            and node.args
        ):
            yield Candidate((text.replace(node.args[0], ""),), statement.lineno, "loop-order", 1.2, about)


def _kept(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Add to what is there already where it may not be there at all: in a dictionary, or None at first."""
    statement, text = place.statement, scope.text
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target, value = statement.targets[0], text.of(statement.value)
    if isinstance(target, ast.Subscript):
        before = f"{text.of(target.value)}.get({text.of(target.slice)}, 0.0)"
        edit = text.replace(statement.value, f"{before} + {value}")
        yield Candidate((edit,), place.line, "overwritten", 1.2, about)
    elif isinstance(target, ast.Attribute):
        own = text.of(target)
        edit = text.replace(statement.value, f"{value} if {own} is None else {own} + {value}")
        yield Candidate((edit,), place.line, "overwritten", 1.2, about)


def _summed_back(scope: Scope, place: Place, about: str) -> Iterator[Candidate]:
    """Sum a gradient back to its operand's shape as the file does elsewhere: `unbroadcast(g, other.data.shape)`."""
    owners = [name for name in _variables(scope, place) if "." in name]
    shapes: dict[tuple[str, str], None] = {}
    for node in walk(scope.tree):
        if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
            second = ast.unparse(node.args[1])
            if second.endswith(".shape") or second.startswith("s"):
                shapes[ast.unparse(node.func), second] = None
    gradients = [node for node in _values(place.statement) if scope.text.of(node) in scope.upstream]
    for node in [*_wholes(place.statement), *gradients]:
        own = scope.text.of(node)
        for function, shape in list(shapes)[:6]:
            for written in dict.fromkeys([shape, *(f"{name}.shape" for name in owners)]):
                if f"{function}(" not in own:
                    edit = scope.text.replace(node, f"{function}({own}, {written})")
                    yield Candidate((edit,), node.lineno, "sum-missing", 1.4, about)
