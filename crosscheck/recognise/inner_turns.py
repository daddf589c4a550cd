"""Losses of the last of several turns, where the gradients of all these turns are added up.

    for task in tasks:
        loss, g = gradient(theta, *task)
        total = [a + b for a, b in zip(total, g)]
        mean += loss / 4

What is left in `loss` is that of one task. The gradients are those of the sum of all, of which `mean` is a share; where
nothing adds the losses up, or the gradients are not those of their sum, nothing is known of what they should be.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.roles import Roles
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.statements import goes_back_in_time, root_word, stored
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.source.walking import walk

SAID = "{} is left by the last turn of an inner loop, and the gradients of all its turns are added up"
MOVED = "its gradients are taken where other weights were moved to first: of what they should be it says nothing"


def at_moved(node: ast.AST) -> bool:
    r"""Tell whether a turn computes gradients twice, the second time at weights that it moved by the first ones.

    >>> turn = "loss, g = slope(w, x)\nfast = step(w, g, 0.1)\nloss, g = slope({}, x)\nw = step(w, g, 0.01)"
    >>> [at_moved(ast.parse(turn.format(weights))) for weights in ("fast", "w")]
    [True, False]
    """
    made = [part for part in walk(node) if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call)]
    pairs = [part for part in made if isinstance(part.targets[0], ast.Tuple) and len(part.targets[0].elts) > 1]
    for first in pairs:
        known, word = _read(first.value), root_word(first.value.func)  # pyright: ignore[reportAttributeAccessIssue]
        for step in made:
            moved = stored(step) - known
            if not (stored(first) & _read(step.value) and known & _read(step.value)):
                continue
            if any(root_word(one.value.func) == word and moved & _read(one.value) for one in pairs):  # pyright: ignore
                return True
    return False


def _read(node: ast.AST) -> set[str]:
    return {name.id for name in walk(node) if isinstance(name, ast.Name)}


def of_all_turns(
    assemble: Callable[..., Unit], document: Any, world: Any, replay: Any, roles: Roles, unit: Unit, *nodes: Any
) -> Unit:
    """Return a unit of the sum of losses, if its own loss is of the last turn of an inner loop and not right.

    Raises Doubtful where the sum of losses does not tell of the gradients either.
    """
    loss = roles.loss
    if not isinstance(loss, Place) or loss.where == RETURNED:
        return unit
    name, node = str(loss.path[0]), nodes[-1]
    summed = {str(place.path[0]) for place in roles.gradients.values() if place.path}
    inner = [loop for loop in _inner(node) if name in _assigned(loop) and summed & _added(loop)]
    is_moved = at_moved(node)
    if not (inner or is_moved) or _share(unit) == 1.0:
        return unit
    if is_moved:
        raise Doubtful(MOVED)
    for total, constant in (pair for loop in inner for pair in _totals(loop, name)):
        scaled = Scaled(Place(loss.where, (total,), total), constant)
        other = assemble(document, world, replay, replace(roles, loss=scaled), *nodes)
        if 2 * _share(other) >= 1.0:
            return replace(other, assumptions=(*other.assumptions, f"the loss was taken to be {scaled}"))
    raise Doubtful(SAID.format(name))


def _share(unit: Unit) -> float:
    """Return which share of the gradients is right."""
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return 1.0
    return sum(map(is_right, claims.values())) / max(len(claims), 1)


def _inner(node: ast.AST) -> Iterator[ast.For | ast.While]:
    loops = (part for part in walk(node) if isinstance(part, ast.For | ast.While) and part is not node)
    return (loop for loop in loops if not goes_back_in_time(loop))


def _assigned(loop: ast.AST) -> set[str]:
    """Return what each turn writes anew."""
    return {name for part in walk(loop) if isinstance(part, ast.Assign) for name in stored(part)}


def _added(loop: ast.AST) -> set[str]:
    """Return what each turn adds to: `total += g`, `total = [a + b for a, b in zip(total, g)]`."""
    found = {root_word(part.target) for part in walk(loop) if isinstance(part, ast.AugAssign)}
    for part in (part for part in walk(loop) if isinstance(part, ast.Assign)):
        found |= stored(part) & _read(part.value)
    return found


def _totals(loop: ast.AST, name: str) -> Iterator[tuple[str, float]]:
    """Yield what a loss is added to, and what makes the sum of that: `mean += loss / 4` is a quarter of it.

    >>> list(_totals(ast.parse("mean += loss / 4; total += loss; other += loss * w; n += 1"), "loss"))
    [('mean', 4.0), ('total', 1.0)]
    """
    for part in walk(loop):
        match part:
            case ast.AugAssign(target=ast.Name(id=total), op=ast.Add(), value=ast.Name(id=word)) if word == name:
                yield total, 1.0
            case ast.AugAssign(
                target=ast.Name(id=total),
                op=ast.Add(),
                value=ast.BinOp(left=ast.Name(id=word), op=ast.Div(), right=ast.Constant(value=int(count))),
            ) if word == name:
                yield total, float(count)
            case _:
                pass
