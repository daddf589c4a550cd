"""Losses that a program computes and gives no name: `print(loss + lam * np.abs(a).sum())`, `return (a + b) / len(x)`.

They are given one, so that evidence can tell whether gradients are those of the loss that has a name, or is returned,
or of this one.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.inner_outputs import inner_outputs
from crosscheck.recognise.loss_sums import PENALISING
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import Roles, is_number
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.statements import is_plain, root_word, stored
from crosscheck.recognise.straight import SIZED, SIZES, values_read
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import forget, walk

CALLED = re.compile(r"^_(whole|sum)_in_line_(\d+)$")
"""The names that are given to losses"""
INNER = ("output", "difference", "target")


def named_totals(tree: ast.Module) -> ast.Module:
    """Return a module in which losses without a name have one; the same if there are none."""
    if not any(True for node in walk(tree) for _ in _found(tree, node)):
        return tree
    changed = copy.deepcopy(tree)
    for node in list(walk(changed)):
        for at, value, kind in sorted(_found(changed, node), key=lambda one: -one[0]):
            name = ast.Name(f"{'' if kind in INNER else '_'}{kind}_in_line_{value.lineno}", ast.Store())
            made = ast.Assign([ast.copy_location(name, value)], copy.deepcopy(value))
            node.body.insert(at, ast.copy_location(made, value))  # pyright: ignore[reportAttributeAccessIssue]
    forget()
    return changed


def _found(tree: ast.Module, node: ast.AST) -> Iterator[tuple[int, ast.expr, str]]:
    """Yield losses and outputs without a name, with where in a body they can be computed, and what they are.

    Losses are a whole or a sum.
    """
    if isinstance(node, ast.For | ast.While | ast.FunctionDef):
        yield from inner_outputs(tree, node.body)
    if isinstance(node, ast.For | ast.While):
        yield from ((at, value, "whole") for at, value in _wholes(node.body))
    elif isinstance(node, ast.FunctionDef) and isinstance(last := node.body[-1], ast.Return):
        value = last.value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) and _is_size(value.right):
            whole = value.left
            if not isinstance(whole, ast.Constant) and is_plain(whole) and _takes_steps(node):
                yield len(node.body) - 1, whole, "sum"


def _takes_steps(node: ast.FunctionDef) -> bool:
    """Tell whether a function moves weights itself: nobody else needs the gradients of what it returns."""
    calls = (part for part in walk(node) if isinstance(part, ast.Call))
    return moves_weights(node) or any(root_word(call.func) == "setattr" for call in calls)


def _wholes(body: list[ast.stmt]) -> Iterator[tuple[int, ast.expr]]:
    """Yield the sums that are only shown or noted down, of a loss of this body and of something weighed."""
    for place, statement in enumerate(body):
        calls = [n for n in walk(statement) if isinstance(n, ast.Call) and root_word(n.func) in ("print", "append")]
        shown = (part for call in calls for value in call.args for part in walk(value))
        for value in shown:
            if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and is_plain(value)):
                continue
            read = values_read(value)
            writing = [n for n, before in enumerate(body[:place]) if stored(before) & read]
            is_penalised = any(map(PENALISING.search, read)) and any(isinstance(n, ast.Call) for n in walk(value))
            if (
                is_penalised
                and isinstance(value.left, ast.Name)
                and naming.LOSS.search(value.left.id)
                and writing
                and all(isinstance(body[n], ast.Assign) for n in writing)
            ):
                yield writing[-1] + 1, value


def _is_size(node: ast.expr) -> bool:
    return all(
        isinstance(part, SIZED)
        or (isinstance(part, ast.Call) and root_word(part.func) in ("len", "float", "int"))
        or (isinstance(part, ast.Attribute) and (part.attr in SIZES or isinstance(part.value, ast.Name)))
        for part in walk(node)
    )


def better(
    assemble: Callable[..., Unit], document: Any, world: Any, replay: Replay, roles: Roles, unit: Unit, *nodes: Any
) -> Unit:
    """Return a unit of a loss without a name, where more gradients are its derivatives than those of a unit's own.

    The number that is returned first is one as well, where a loss that it is made of has a name: `total = ce / steps`.
    """
    words = {n.id for node in nodes for n in walk(node) if isinstance(n, ast.Name) and CALLED.match(n.id)}
    own = roles.loss if isinstance(roles.loss, Place) else None  # it may be minus one, whose way is known
    is_local = own is not None and own.where == LOCAL and own.path[0] not in words
    if not words and not is_local:
        return unit
    result, best, most = replay.run({}), unit, _right(unit)
    named = (word for word in sorted(words) if is_number(result.variables.get(word)))
    losses = [Place(LOCAL, (word,), _spoken(word)) for word in named]
    if is_local and most < len(unit.names):
        first = (one for one, value in sources(result) if one.path in (("return",), ("return", 0)) and is_number(value))
        losses += [one for one in first if one.where == RETURNED][:1]
    for loss in losses:
        other = assemble(document, world, replay, replace(roles, loss=loss), *nodes)
        if (right := _right(other)) > most:
            best, most = replace(other, assumptions=(*other.assumptions, f"the loss was taken to be {loss}")), right
    return best


def _spoken(name: str) -> str:
    kind, line = name[1:].split("_in_line_")
    return f"the sum that line {line} divides" if kind == "sum" else f"the whole sum in line {line}"


def _right(unit: Unit) -> int:
    try:
        return sum(map(is_right, slopes(unit).values()))
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return 0
