"""The same call without its backward pass: all that a numerical derivative of the loss needs, in half the time.

What is cut off is what the loss does not depend on: of a function the last statements, of a loop any of them. Whoever
uses it compares its loss with that of the whole call once in every case (crosscheck/recognise/slopes.py).
"""

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any

from crosscheck.recognise.forward_slice import names_of
from crosscheck.recognise.instrument import HOOKS
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.steps import Stepping
from crosscheck.recognise.subject import CallSubject, Patches
from crosscheck.recognise.unit import Unit, changed_code, codes_by_name
from crosscheck.recognise.watching import Watched
from crosscheck.recognise.world import FILENAME
from crosscheck.source import compiled
from crosscheck.source.walking import walk


def loss_alone(unit: Unit) -> CallSubject | None:
    """Return a subject that gives the loss of a unit and no gradients; None where nothing can be cut off."""
    subject = unit.subject
    if not isinstance(subject, CallSubject) or subject.patches:
        return None
    found = _shorter(unit, subject.replay)
    if found is None:
        return None
    short = CallSubject(found[0], subject.ids, subject.loss, {}, subject.replaced, found[1])
    short.written = subject.written
    return short


def _shorter(unit: Unit, replay: Replay) -> tuple[Replay, Patches] | None:
    """Return a shorter call, and the code that is shorter in it."""
    if isinstance(replay, Stepping):  # the steps are no part of the loss
        return _shorter(unit, replay.inner)
    if isinstance(replay, Watched):
        inside = _shorter(unit, replay.inner)
        wanted = frozenset(_read_by(unit.subject.loss))
        return None if inside is None else (replay.around(inside[0], wanted), inside[1])
    if isinstance(replay, PairReplay):
        replay = copy.copy(replay)
        replay.forward_only = replay.shows_handed = True
        return replay, ()
    if isinstance(replay, LoopReplay):
        return replay.cut(replay.statements, names_of(unit.subject.loss)), ()
    shell = _without_backward(unit, replay.name)
    patches = changed_code(unit.world, codes_by_name(compiled(shell, FILENAME))) if shell else ()
    return (replay, patches) if patches else None


def _read_by(loss: Any) -> Iterator[str]:
    """Yield the names under which a loss is found after a call, and what it is made of."""
    if isinstance(loss, Place):
        yield str(loss.path[0])
    elif isinstance(loss, tuple | Mapping):
        for part in loss.values() if isinstance(loss, Mapping) else loss:
            yield from _read_by(part)


def first_behind(body: list[ast.stmt], backward: frozenset[int]) -> int:
    """Return the number of the first statement from which on there are only such of the backward pass."""
    first = len(body)
    while first and all(line in backward for line in _lines(body[first - 1])):
        first -= 1
    return first


def _lines(statement: ast.stmt) -> Iterator[int]:
    """Yield the lines of what a statement does; 0, which is no line of anything, for what leaves the function."""
    for node in walk(statement):
        if isinstance(node, ast.Return | ast.Raise | ast.Yield | ast.YieldFrom):
            yield 0
        elif isinstance(node, ast.stmt) and not hasattr(node, "body") and HOOKS not in ast.unparse(node):
            yield node.lineno


def _without_backward(unit: Unit, name: str) -> ast.Module | None:
    """Return the judged function, in its class, without what stands behind the loss; None if that is nothing."""
    owners, tree = name.split("."), unit.world.tree
    node: Any = tree
    for name in owners:
        found = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name]
        if len(found) != 1:
            return None
        node = found[0]
    if not isinstance(node, ast.FunctionDef):
        return None
    *body, last = node.body
    if not isinstance(last, ast.Return):
        return None
    first = first_behind(body, unit.editable)
    end = _returning(last, _stored(body[first:]) - _stored(body[:first]))
    if first in (0, len(body)) or end is None:
        return None
    short = copy.copy(node)
    short.body = [*body[:first], end]
    for name in reversed(owners[:-1]):
        short = ast.copy_location(ast.ClassDef(name, [], [], [short], []), node)
    return ast.Module([short], [])


def _stored(body: list[ast.stmt]) -> set[str]:
    names = (node for statement in body for node in walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _returning(last: ast.Return, missing: set[str]) -> ast.Return | None:
    """Return the return statement with None in place of everything that some names are missing for."""
    call = last.value
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != f"{HOOKS}.leave":
        return None
    name, value, here = call.args

    def kept(item: ast.expr) -> ast.expr:
        read = {node.id for node in walk(item) if isinstance(node, ast.Name)}
        return ast.copy_location(ast.Constant(None), item) if read & missing else item

    if isinstance(value, ast.Tuple):
        value = ast.copy_location(ast.Tuple([kept(item) for item in value.elts], ast.Load()), value)
    hook = ast.copy_location(ast.Call(call.func, [name, kept(value), here], []), call)
    return ast.copy_location(ast.Return(hook), last)
