"""Gradients that layers add up, and that a training steps by without ever setting them to zero.

The layers are right, each by itself; a turn of the training is made twice, once as if turns before it had left nothing,
and once as if they had left ones. What lies there still when the turn ends, and has moved a parameter, piles up.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.engines.uncleared import CLEARS
from crosscheck.recognise.hooks import fullest
from crosscheck.recognise.leaves import Leaf, Path, leaves
from crosscheck.recognise.loops import LoopReplay, loops_of
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.rule_words import EMPTIED, STALE
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World
from crosscheck.source.walking import last_word, walk
from crosscheck.verdicts import Finding, Severity

NOW_AND_THEN = re.compile(r"zero|step|update|apply|optim|reset|clear", re.IGNORECASE)
"""What is called under a condition where gradients of several turns are meant to be added up"""


def with_piled_up(world: World, units: Sequence[Unit]) -> list[Unit]:
    """Return units with what is wrong with a training that goes through them, where gradients of theirs pile up."""
    found = list(units)
    loops = loops_of(world.document.tree, world.tree)
    for name, node in loops.items():
        if name not in world.hooks.entries or any(_is_asked(part) for part in walk(node) if isinstance(part, ast.If)):
            continue
        try:
            with np.errstate(all="ignore"):
                wrong = _piled_up(world, name, found)
        except Exception:  # noqa: BLE001, S112 - theirs: what the turn calls may need more than is there
            continue
        for place, said in wrong.items():
            found[place] = replace(found[place], faults=(*found[place].faults, said))
        if wrong:
            break
    return found


def _piled_up(world: World, name: str, units: Sequence[Unit]) -> dict[int, Finding]:
    """Return what is to be said of the units, by their places, whose gradients pile up in the turns of a loop."""
    replay = LoopReplay(world, fullest(world.hooks.entries[name]), world.tree)
    here = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    pairs = {place: list(found.values()) for place, unit in enumerate(units) if (found := _buffers(here, unit))}
    if not pairs:
        return {}
    every = [pair for found in pairs.values() for pair in found]
    start = {id(leaf.value): leaf.value.copy() for leaf in here}
    bare, full = (_after(replay, start, every, number) for number in (0.0, 1.0))

    def is_piled_up(parameter: Leaf, buffer: Leaf) -> bool:
        lies = [np.asarray(after[buffer.path]) for after in (bare, full)]
        ends = [np.asarray(after[parameter.path]) for after in (bare, full)]
        is_kept = lies[0].any() and np.allclose(lies[1] - lies[0], 1.0, rtol=1e-6, atol=0)
        return bool(is_kept) and not np.array_equal(ends[0], ends[1])

    wrong = {place: [pair for pair in found if is_piled_up(*pair)] for place, found in pairs.items()}
    said = {place: _said(found, units[place]) for place, found in wrong.items() if found}
    stays = all(np.array_equal(np.asarray(bare[leaf.path]), start[id(leaf.value)]) for leaf, _ in every)
    line = _emptied_before_step(replay.loop, units) if stays and not said else None
    if line is not None:
        place, found = next(iter(pairs.items()))
        first, *others = (str(parameter) for parameter, _ in found)
        alike = f" (likewise {', '.join(others)})" if others else ""
        text = f"The update of {first} is wrong{alike}: {EMPTIED}."
        said[place] = Finding("update-differs", Severity.ERROR, first, text, line=line)
    return said


def _emptied_before_step(loop: ast.AST, units: Sequence[Unit]) -> int | None:
    """Return the line in which a turn empties gradients between the way back and the step; None if it does not."""
    words = {name.rpartition(".")[2] for unit in units for name in unit.covers}
    at: dict[str, int] = {}
    for place, statement in enumerate(getattr(loop, "body", ())):
        parts = list(walk(statement))
        calls = {last_word(part.func) for part in parts if isinstance(part, ast.Call)}
        zeros = any(isinstance(part, ast.Assign) and getattr(part.value, "value", None) == 0 for part in parts)
        does = {
            "back": bool(calls & words),
            "clear": zeros or any(map(CLEARS.search, calls)),
            "step": any(isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub | ast.Add) for part in parts)
            and any(isinstance(part, ast.For) for part in parts),
        }
        for word in (word for word, is_so in does.items() if is_so):
            at.setdefault(word, place)
    if at.keys() >= {"back", "clear", "step"} and at["back"] < at["clear"] < at["step"]:
        return loop.body[at["clear"]].lineno  # pyright: ignore[reportAttributeAccessIssue]
    return None


def _said(pairs: Sequence[tuple[Leaf, Leaf]], unit: Unit) -> Finding:
    first, *others = (str(parameter) for parameter, _ in pairs)
    alike = f" (likewise {', '.join(others)})" if others else ""
    said = f"Every turn adds to {pairs[0][1]} of the one before: set it to zero before gradients are added"
    message = f"The update of {first} is wrong{alike}: {STALE}. {said}."
    return Finding("update-differs", Severity.ERROR, first, message, line=_line(unit, pairs[0][1]))


def _is_asked(node: ast.If) -> bool:
    calls = (part for part in walk(node) if isinstance(part, ast.Call))
    return any(NOW_AND_THEN.search(last_word(call.func)) for call in calls)


def _buffers(here: Sequence[Leaf], unit: Unit) -> dict[Path, tuple[Leaf, Leaf]]:
    """Return the parameters of a loop with the arrays that a judged layer adds their gradients to, by their paths."""
    replay = getattr(unit.subject, "replay", None)
    added = {id(array) for array in getattr(replay, "zeroed", ())}
    if not added or replay is None:
        return {}
    found: dict[Path, tuple[Leaf, Leaf]] = {}
    paths = {id(leaf.value): _within(leaf.path) for leaf in leaves(replay.roots())}
    buffers = {path for identity, path in paths.items() if identity in added and path}
    at = {leaf.path: leaf for leaf in here}
    for parameter, place in unit.subject.gradients.items():
        ends, gradient = paths.get(unit.subject.ids.get(parameter, 0), ()), _within(place.path)
        if not ends or gradient not in buffers:
            continue
        own = _beside(at, ends, gradient)
        if not own and ends[:-1] == gradient[:-1]:  # an optimiser may have the objects that hold both in a list
            own = _beside(at, ends[-1:], gradient[-1:])
        found |= own
    return found


def _beside(at: Mapping[Path, Leaf], parameter: Path, gradient: Path) -> dict[Path, tuple[Leaf, Leaf]]:
    """Return the arrays at the ends of two paths, in one object each, where they have the same shape."""
    pairs = {
        path: (leaf, at.get((*path[: -len(parameter)], *gradient)))
        for path, leaf in at.items()
        if path[-len(parameter) :] == parameter
    }
    return {p: (one, two) for p, (one, two) in pairs.items() if two is not None and two.value.shape == one.value.shape}


def _within(path: Path) -> Path:
    """Return the path of an attribute within the object that has it: `.weight.grad` of `self.weight.grad`."""
    place = next((number for number, step in enumerate(path) if str(step).startswith(".")), len(path))
    return tuple(path[place:])


def _after(
    replay: LoopReplay, start: Mapping[int, np.ndarray], pairs: Sequence[tuple[Leaf, Leaf]], number: float
) -> dict[Path, Any]:
    """Return what a turn leaves of parameters and buffers, where these begin with one number."""
    own = {identity: value.copy() for identity, value in start.items()}
    own |= {id(buffer.value): np.full_like(buffer.value, number) for _, buffer in pairs}
    result = replay.run(own)
    return {leaf.path: result.left_at(leaf.path) for pair in pairs for leaf in pair}


def _line(unit: Unit, buffer: Leaf) -> int | None:
    """Return the first line in which a judged layer adds to what is called so, or to anything."""
    added = [part for one in unit.functions for part in walk(one) if isinstance(part, ast.AugAssign)]
    named = [part.lineno for part in added if last_word(part.target) == buffer.name]
    return min(named or [part.lineno for part in added], default=None)
