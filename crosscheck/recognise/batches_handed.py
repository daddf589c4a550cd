"""The rows that a turn takes of its data, as a cost is handed them that the program itself hands all of the data.

    order = np.random.permutation(n)
    for start in range(0, n, size):
        rows = order[start : start + size]
        ... X[rows], Y[rows] ...
    costs.append(self.cost(X, Y))

The gradient of a turn is that of `cost(X[rows], Y[rows])`: the cost of all rows is no loss of it.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from crosscheck.recognise.statements import assigned_in, root_variable
from crosscheck.source.walking import walk

Loop = ast.For | ast.While


def rows_of_turn(given: Mapping[str, Any], loop: Loop) -> dict[str, Any] | None:
    r"""Return what a cost is handed with the rows of a turn in place of all rows; None if these are not plainly told.

    What the turn takes no rows of stays as it is.

    >>> code = "for s in range(0, n, 9):\n  j = order[s : s + 9]\n  e = X[j] @ w - y[j]"
    >>> found = rows_of_turn({"X": "X", "y": "y", "w": "w"}, ast.parse(code).body[0])
    >>> {name: part if isinstance(part, str) else ast.unparse(part) for name, part in found.items()}
    {'X': 'X[j]', 'y': 'y[j]', 'w': 'w'}
    >>> code = "for s in range(0, n, 9):\n  for i in order[s : s + 9]: e += X[i] @ w - y[i]"
    >>> ast.unparse(rows_of_turn({"X": "X"}, ast.parse(code).body[0])["X"])
    'X[order[s:s + 9]]'
    """
    turning = {name.id for name in walk(loop) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    inner = {name: over for part in walk(loop) if part is not loop for name, over in _gone_through(part)}
    told: dict[str, dict[str, ast.Subscript]] = {}
    for part in _taken(loop, turning):
        if isinstance(part.value, ast.Name):
            rows = _rows(part, inner)
            if rows is None:
                return None
            told.setdefault(part.value.id, {})[ast.unparse(rows)] = rows
    found: dict[str, Any] = {}
    for name, value in given.items():
        rows = told.get(value, {}) if isinstance(value, str) else {}
        if len(rows) > 1:
            return None
        found[name] = next(iter(rows.values()), value)
    return found


def _gone_through(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the variables of a loop, each with what it goes through: a call that says so of none."""
    loops = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
    for one in loops:
        for name in walk(one.target):
            if isinstance(name, ast.Name):
                yield name.id, one.iter if one.target is name else ast.Call(ast.Name("?", ast.Load()), [], [])


def _rows(entry: ast.Subscript, inner: Mapping[str, ast.expr]) -> ast.Subscript | None:
    """Return all entries that an inner loop takes one by one: `X[order[s:]]` of `for i in order[s:]: ... X[i]`.

    None where that is not plainly told.
    """
    read = {name.id for name in walk(entry.slice) if isinstance(name, ast.Name)} & inner.keys()
    if not read:
        return entry
    if not isinstance(entry.slice, ast.Name):
        return None
    over = inner[entry.slice.id]
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range":
        over = ast.Call(ast.Name("list", ast.Load()), [over], [])
    elif not isinstance(over, ast.Name | ast.Subscript):
        return None
    return ast.copy_location(ast.Subscript(entry.value, over, ast.Load()), entry)


def _taken(loop: Loop, turning: set[str]) -> Iterator[ast.Subscript]:
    """Yield what is read of arrays that the loop itself neither makes nor moves, by what it makes in each turn."""
    made = {root_variable(target) for part in walk(loop) for target, _ in assigned_in(part)}
    made |= {root_variable(part.target) for part in walk(loop) if isinstance(part, ast.AugAssign)}
    for part in walk(loop):
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load):
            read = {name.id for name in walk(part.slice) if isinstance(name, ast.Name)}
            if read & turning and root_variable(part.value) not in made:
                yield part
