"""Loops of a script that compute the same in every turn: the steps that were meant to stand in them stand behind."""

import ast
import copy

from crosscheck.source.walking import walk


def with_idle_loops_once(tree: ast.Module) -> ast.Module:
    r"""Return a module in which the body of such a loop stands by itself; the same if there is none.

    >>> code = "for i in range(9):\n  h = x @ w\n  o = h @ v\nw -= x.T @ o"
    >>> print(ast.unparse(with_idle_loops_once(ast.parse(code))))
    h = x @ w
    o = h @ v
    w -= x.T @ o
    """
    if not any(map(_is_idle, tree.body)):
        return tree
    made = copy.copy(tree)
    made.body = [part for one in tree.body for part in (one.body if _is_idle(one) else [one])]  # pyright: ignore
    return made


def _is_idle(loop: ast.stmt) -> bool:
    """Tell whether each turn of a loop assigns what only follows from what stands before the loop."""
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name) or loop.orelse:
        return False
    is_counted = isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") in ("range", "xrange")
    plain = [part for part in loop.body if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)]
    if not is_counted or len(plain) != len(loop.body) or len(plain) < 2:
        return False
    later = {part.targets[0].id for part in plain if isinstance(part.targets[0], ast.Name)}
    for part in plain:
        read = {name.id for name in walk(part.value) if isinstance(name, ast.Name)}
        if read & (later | {loop.target.id}) or any(
            isinstance(one, ast.Attribute) and _draws(one) for one in walk(part)
        ):
            return False
        later -= {target.id for target in part.targets if isinstance(target, ast.Name)}
    return True


def _draws(part: ast.Attribute) -> bool:
    return part.attr in ("random", "append", "pop") or "rand" in part.attr
