"""What a turn computes once more behind its update, of the data that it validates with, under the names of before.

`loss` is the loss of the training set then, and that of the validation set at the end of the turn: its own names keep
the two apart.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.late_losses import is_loss, is_of_gradients, moves
from crosscheck.recognise.liveness import taken_over
from crosscheck.recognise.statements import stored
from crosscheck.source.walking import forget, own_parts, walk

PREFIX = "validation_"
"""What such names begin with: those of no loss that is trained by (crosscheck.recognise.naming)"""
SUM = (ast.BinOp, ast.operator, ast.Name, ast.Constant, ast.expr_context)
"""What a sum of losses is written with"""


def with_names_of_their_own(tree: ast.Module) -> ast.Module:
    r"""Return a module in which what is computed anew behind an update has other names; the same if nothing is.

    >>> code = "for i in range(9):\n  loss = f(w, x)\n  dw = g(w, x)\n  w -= 0.1 * dw\n  loss = f(w, t)\n  print(loss)"
    >>> print(ast.unparse(with_names_of_their_own(ast.parse(code)).body[0].body[-2:]))
    validation_loss = f(w, t)
    print(validation_loss)
    """
    if not any(True for _ in _anew(tree)):
        return tree
    made = copy.deepcopy(tree)
    for body, start, names in list(_anew(made)):
        tail = body[start:]
        body[:] = _with_wholes(body[:start], tail, names) + tail
        for part in (part for statement in tail for part in walk(statement)):
            if isinstance(part, ast.Name) and part.id in names:
                part.id = PREFIX + part.id
    forget()
    return made


def _with_wholes(body: list[ast.stmt], tail: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """Return what stands before the update, with the loss that only the end of a turn puts together of its parts.

    `data_loss` and `l2_loss` are computed both before and behind it, and `loss = data_loss + lam * l2_loss` behind it.
    """
    made = list(body)
    for whole in tail:
        if not (isinstance(whole, ast.Assign) and is_loss(whole) and isinstance(whole.value, ast.BinOp)):
            continue
        parts = {part.id for part in walk(whole.value) if isinstance(part, ast.Name)} & names
        is_sum = all(isinstance(part, SUM) for part in walk(whole.value))
        places = [place for place, statement in enumerate(made) if parts & stored(statement)]
        known = {name for place in places for name in stored(made[place])}
        if is_sum and parts and parts <= known and not stored(whole) & {n for s in made for n in stored(s)}:
            first = copy.deepcopy(whole)
            first.was_late = True  # pyright: ignore[reportAttributeAccessIssue] - it is stated (late_losses.py)
            made.insert(places[-1] + 1, first)
    return made


def _anew(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int, set[str]]]:
    """Yield the bodies of loops, where in them that begins which stands behind the updates, and its own names."""
    for scope in [tree, *(node for node in walk(tree) if isinstance(node, ast.FunctionDef))]:
        for loop in (part for part in own_parts(scope) if isinstance(part, ast.For | ast.While)):
            updates = [place for place, statement in enumerate(loop.body) if moves(statement)]
            if not updates:
                continue
            before, tail = loop.body[: updates[0]], loop.body[updates[-1] + 1 :]
            trains = any(map(is_loss, before)) and any(map(is_of_gradients, before))
            parts = [part for statement in tail for part in walk(statement)]
            names = {name for statement in tail for name in stored(statement)}
            if not trains or not any(isinstance(part, ast.stmt) and is_loss(part) for part in parts):
                names &= {name for statement in before for name in stored(statement)}  # how good it is, perhaps
            names -= taken_over(tail) | taken_over(loop.body) | _read_outside(scope, loop)
            if names:
                yield loop.body, updates[-1] + 1, names


def _read_outside(scope: ast.AST, loop: ast.stmt) -> set[str]:
    """Return the names that a scope shares with others, or reads outside of a loop: behind it, in a loop around it."""
    inside = {id(part) for part in walk(loop)}
    names = (part for part in walk(scope) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))
    shared = (name for part in walk(scope) if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names)
    return {name.id for name in names if id(name) not in inside}.union(shared)
