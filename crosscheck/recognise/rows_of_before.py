"""Turns in which an inner loop moves rows of what it reads: one word's row, then those of words drawn at random.

Each of these steps is meant to be taken of the gradient at the beginning of the turn, whatever rows the loop came to
before. So the turn reads a copy of the array, but for a row that was moved just before: that is an error to be seen.
"""

import ast
import copy
from collections.abc import Iterator, Sequence

from crosscheck.recognise.pairing import added_up_in
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk, walked


def with_rows_of_before(tree: ast.Module) -> ast.Module:
    r"""Return a module whose turns read rows as they are at their beginning; the same if none moves rows in a loop.

    >>> inner = "\n    for n in rows:\n        e += g(C[n]) * C[n]\n        C[n] -= 0.1 * g(C[n])"
    >>> turn = f"for x in xs:\n    e = np.zeros(5){inner}\n    W[x] -= 0.1 * e"
    >>> print(ast.unparse(with_rows_of_before(ast.parse(turn))))
    for x in xs:
        C_of_before = C.copy()
        e = np.zeros(5)
        for n in rows:
            e += g(C_of_before[n]) * C_of_before[n]
            C[n] -= 0.1 * g(C_of_before[n])
        W[x] -= 0.1 * e
    """
    if not any(_arrays(node) for node in walked(tree)):
        return tree
    made = copy.deepcopy(tree)
    for node in walk(made):
        for array, name in _arrays(node).items():
            assert isinstance(node, ast.For | ast.While)
            _read(node.body, array, name, set())
            kept = ast.parse(f"{name} = {array}.copy()").body[0]
            for part in walk(kept):
                ast.copy_location(part, node.body[0])
            node.body.insert(0, kept)
    return made


def _arrays(node: ast.AST) -> dict[str, str]:
    """Return the arrays of which a turn's inner loop moves rows, while it adds up another step; and what copies get."""
    if not isinstance(node, ast.For | ast.While):
        return {}
    summed = added_up_in(ast.Module([node], []))
    found: dict[str, str] = {}
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.For) and _moves_by(node.body[place + 1 :], summed & _added(statement)):
            for part in statement.body:
                if (moved := _moved_row(part)) is not None:
                    array = ast.unparse(moved.value)
                    found[array] = f"{root_word(moved)}_of_before"
    return {array: name for array, name in found.items() if root_word(ast.parse(array).body[0].value) not in summed}  # pyright: ignore[reportAttributeAccessIssue]


def _added(loop: ast.For) -> set[str]:
    return {root_word(part.target) for part in walked(loop) if isinstance(part, ast.AugAssign)}


def _moves_by(statements: Sequence[ast.stmt], sums: set[str]) -> bool:
    """Tell whether one of some statements moves a row by a sum."""
    for statement in statements:
        moved = _moved_row(statement)
        value = statement.value if isinstance(statement, ast.AugAssign | ast.Assign) else None
        if (
            moved is not None
            and value is not None
            and sums & {root_word(n) for n in walked(value) if isinstance(n, ast.expr)}
        ):
            return True
    return False


def _moved_row(statement: ast.stmt) -> ast.Subscript | None:
    """Return the row that a statement adds to, or takes away from: of `C[n] -= step`, and of `C[n] = C[n] - step`."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        target = statement.target
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        target = statement.targets[0]
        is_step = isinstance(statement.value.op, ast.Add | ast.Sub)
        if not is_step or ast.unparse(statement.value.left) != ast.unparse(target):
            return None
    else:
        return None
    return target if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name | ast.Attribute) else None


def _read(body: Sequence[ast.stmt], array: str, name: str, moved: set[str]) -> None:
    """Let statements read the copy of an array, in all rows but those that are moved before; the tree is changed."""
    for statement in body:
        own = _moved_row(statement)
        first = statement.value.left if own is not None and isinstance(statement, ast.Assign) else None  # pyright: ignore[reportAttributeAccessIssue]
        inner = [part for field in ("body", "orelse") for part in getattr(statement, field, [])]
        within = {id(node) for part in inner for node in walk(part)}
        for node in _rows(statement, array):
            if id(node) not in within and node is not first and ast.unparse(node.slice) not in moved:
                node.value = ast.copy_location(ast.Name(name, ast.Load()), node.value)
        _read(inner, array, name, set(moved))
        if own is not None and ast.unparse(own.value) == array:
            moved.add(ast.unparse(own.slice))


def _rows(statement: ast.stmt, array: str) -> Iterator[ast.Subscript]:
    for node in walk(statement):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == array:
            yield node
