"""Ways back through layers that a program writes out by hand: `dense.backward(d)`, then `conv.backward(...)`."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.source.walking import walk

FEWEST = 2
"""Layers that a way goes through at the least"""
BENDS = naming.re.compile(
    r"\b(?:maximum|tanh|\w*relu|\w*sigm\w*|logistic|exp|softplus|swish|gelu|elu|softmax)\(", naming.re.I
)
"""What is computed between layers that has a derivative of its own"""
OF_LOSSES = naming.re.compile(r"softmax|sigm|logistic|exp\(", naming.re.I)
"""What the derivative of a loss may have in it already"""


def ways_back(statements: Sequence[ast.stmt]) -> list[tuple[int, str]]:
    """Return where some statements call the backward passes of objects whose forwards they called: place, object.

    >>> code = "a = f.forward(x); b = g(a); g.backward(d); e = d + 1; f.backward(g.dx)"
    >>> ways_back(ast.parse(code).body)
    [(2, 'g'), (4, 'f')]
    """
    known: set[str] = set()
    found: list[tuple[int, str]] = []
    for place, statement in enumerate(statements):
        for owner, method in _calls(statement):
            if not naming.BACKWARD.search(method):
                known.add(owner)
            elif owner in known:
                found.append((place, owner))
    return found


def goes_by_hand(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether statements go back through several objects, one after another."""
    return len({owner for _, owner in ways_back(statements)}) >= FEWEST


def reach_of_way(statements: Sequence[ast.stmt]) -> tuple[int, int] | None:
    """Return the first statement that calls an object of a way by hand, and the last that calls or changes one.

    None if there is no way.
    """
    if not goes_by_hand(statements):
        return None
    owners = {owner for _, owner in ways_back(statements)}
    places = [n for n, statement in enumerate(statements) if owners & {*_changed(statement), *dict(_calls(statement))}]
    return places[0], places[-1]


def left_out(statements: Sequence[ast.stmt]) -> ast.stmt | None:
    """Return what some statements compute between two layers, where nothing on the way back by hand answers to it.

    >>> code = "a = f.forward(x); b = relu(a); c = g.forward(b); d = g.backward(c - y); f.backward(d)"
    >>> ast.unparse(left_out(ast.parse(code).body))
    'b = relu(a)'
    >>> left_out(ast.parse(code.replace("f.backward(d)", "d *= b > 0; f.backward(d)")).body)
    """
    way = ways_back(statements) if goes_by_hand(statements) else []
    if not way or not all(map(_hands_through, statements[way[0][0] + 1 : way[-1][0] + 1])):
        return None
    owners = {owner for _, owner in way}
    outputs: set[str] = set()
    bent: dict[str, ast.stmt] = {}
    for statement in statements[: way[0][0]]:
        called = owners & dict(_calls(statement)).keys()
        read = {node.id for node in walk(statement) if isinstance(node, ast.Name)}
        for name in read & bent.keys() if called else ():
            if called != {way[0][1]} or not OF_LOSSES.search(ast.unparse(bent[name])):
                return bent[name]
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name):
            is_bent = _bends(statement, outputs, owners)
            bent |= {target.id: statement} if is_bent else {}
            bent = bent if is_bent else {name: one for name, one in bent.items() if name != target.id}
            outputs |= {target.id} if called else set()
    return None


def _bends(statement: ast.stmt, outputs: set[str], owners: set[str]) -> bool:
    """Tell whether a statement computes something of the outputs of layers that has a derivative of its own."""
    for call in (node for node in walk(statement) if isinstance(node, ast.Call)):
        if BENDS.search(f"{ast.unparse(call.func)}("):
            within = [part for argument in call.args for part in walk(argument)]
            names = {part.id for part in within if isinstance(part, ast.Name)}
            called = {ast.unparse(part.value) for part in within if isinstance(part, ast.Attribute)}
            if names & outputs or called & owners:
                return True
    return False


def _hands_through(statement: ast.stmt) -> bool:
    """Tell whether a statement calls a backward pass with what another returned, as it is, or does nothing to it."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and not any(naming.BACKWARD.search(method) for _, method in _calls(statement)):
        return True
    if not isinstance(statement, ast.Assign | ast.Expr) or not isinstance(value, ast.Call):
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    plain = (ast.Name, ast.Attribute, ast.Constant, ast.expr_context)
    return all(isinstance(part, plain) for one in given for part in walk(one))


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield the objects of which a statement changes an attribute: `dense.W -= rate * dense.dW`."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Attribute):
        yield ast.unparse(statement.target.value)


def _calls(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield objects and the methods of theirs that a plain statement calls."""
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
        return
    for call in (node for node in walk(statement) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name | ast.Attribute):
            yield ast.unparse(call.func.value), call.func.attr
        elif isinstance(call.func, ast.Name):
            yield call.func.id, "__call__"
