"""Ways back through layers that a program writes out by hand: `dense.backward(d)`, then `conv.backward(...)`."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming

FEWEST = 2
"""Layers that a way goes through at the least"""


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


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield the objects of which a statement changes an attribute: `dense.W -= rate * dense.dW`."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Attribute):
        yield ast.unparse(statement.target.value)


def _calls(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield objects and the methods of theirs that a plain statement calls."""
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
        return
    for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name | ast.Attribute):
            yield ast.unparse(call.func.value), call.func.attr
        elif isinstance(call.func, ast.Name):
            yield call.func.id, "__call__"
