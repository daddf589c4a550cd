"""Entries that are moved by way of names, at once: `new = w[0] - s; last = w[1] - t; w[0] = new; w[1] = last`.

That is `w[0], w[1] = w[0] - s, w[1] - t`, which says what moves and by what.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.source.walking import forget, own_parts, walk


def with_writes_at_once(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such statements are one; the same if it has none.

    >>> code = "for i in range(3):\n  p = P[i] + a * e * Q[i]\n  q = Q[i] + a * e * P[i]\n  P[i] = p\n  Q[i] = q"
    >>> print(ast.unparse(with_writes_at_once(ast.parse(code))))
    for i in range(3):
        P[i], Q[i] = (P[i] + a * e * Q[i], Q[i] + a * e * P[i])
    """
    if not any(True for _ in _groups(tree)):
        return tree
    made = copy.deepcopy(tree)
    for body, start, count in list(_groups(made)):
        first, writes = body[start : start + count], body[start + count : start + 2 * count]
        values = {part.targets[0].id: part.value for part in first}  # pyright: ignore
        targets = [part.targets[0] for part in writes]  # pyright: ignore
        whole = ast.Assign(
            [ast.Tuple(targets, ast.Store())],
            ast.Tuple([values[part.value.id] for part in writes], ast.Load()),  # pyright: ignore
        )
        if count == 1:
            whole = ast.Assign(targets, values[writes[0].value.id])  # pyright: ignore
        body[start : start + 2 * count] = [ast.fix_missing_locations(ast.copy_location(whole, first[0]))]
    forget()
    return made


def _groups(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int, int]]:
    """Yield the bodies in which such statements stand, the last ones first, where they begin and how many are moved."""
    for scope in [tree, *(node for node in walk(tree) if isinstance(node, ast.FunctionDef))]:
        read = [part.id for part in walk(scope) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
        for body in (part.body for part in own_parts(scope) if isinstance(part, ast.For | ast.While | ast.If)):
            for start in range(len(body) - 2, -1, -1):
                count = next((n for n in range((len(body) - start) // 2, 0, -1) if _is_group(body, start, n, read)), 0)
                if count:
                    yield body, start, count


def _is_group(body: list[ast.stmt], start: int, count: int, read: list[str]) -> bool:
    """Tell whether as many statements name what some entries are moved to, and as many write these back."""
    moved: dict[str, str] = {}
    for part in body[start : start + count]:
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Subscript() as place, op=op)):
                if not isinstance(op, ast.Add | ast.Sub):
                    return False
                moved[name] = ast.unparse(place)
            case _:
                return False
    for part in body[start + count : start + 2 * count]:
        match part:
            case ast.Assign(targets=[ast.Subscript() as place], value=ast.Name(id=name)):
                if moved.pop(name, "") != ast.unparse(place) or read.count(name) != 1:
                    return False
            case _:
                return False
    return not moved
