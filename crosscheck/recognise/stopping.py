"""Ends of a training: a turn that is good enough stops before it takes its step, and nothing would be seen of that."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.source.walking import walk


def without_stops(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    r"""Return the statements of a turn without those that end the loop by what the turn itself computed.

    >>> loop = ast.parse("while True:\n  J = f(w)\n  if J < 0.1: break\n  w -= 0.1 * g(w)").body[0]
    >>> [ast.unparse(statement) for statement in without_stops(loop.body)]
    ['J = f(w)', 'w -= 0.1 * g(w)']
    >>> [ast.unparse(statement) for statement in without_stops([loop.body[0], loop.body[2], loop.body[1]])]
    ['J = f(w)', 'w -= 0.1 * g(w)']
    """
    made: list[ast.stmt] = []
    for number, statement in enumerate(body):
        computed = {name for before in body[:number] for name in _stored(before)}
        if isinstance(statement, ast.If) and _stops(statement, computed):
            made += statement.orelse
        else:
            made.append(statement)
    return made


def _stops(statement: ast.If, computed: set[str]) -> bool:
    """Tell whether a branch only leaves the loop, perhaps with a word, where a number has become small or large."""
    *others, last = statement.body
    leaves = isinstance(last, ast.Break | ast.Return) and all(isinstance(o, ast.Expr | ast.Pass) for o in others)
    orders = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    tests = [part for part in walk(statement.test) if isinstance(part, ast.Compare)]
    sizes = [test for test in tests if all(isinstance(op, orders) for op in test.ops)]
    return leaves and any(computed & _read(test) for test in sizes)


def _stored(statement: ast.stmt) -> Iterator[str]:
    yield from (n.id for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}
