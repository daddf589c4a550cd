"""Calls of another kind than the one that was judged: with other activations, of objects made of other layers."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from crosscheck.recognise import calls, naming
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.kinds import Kind, kind_of, told_apart
from crosscheck.recognise.loops import Loop, LoopReplay
from crosscheck.recognise.pair_units import unit_of_pair
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.unit import Unit

MOST = 3
"""Calls of other kinds that are judged"""


def of_other_kinds(unit: Unit) -> Iterator[Unit]:
    """Yield the units that calls of other kinds are which the file makes, named by what they are handed.

    Those for which no loss is found, or another one, are left out.
    """
    replay = getattr(unit.subject, "replay", None)
    replay = getattr(replay, "inner", replay)
    judged = replay.backward if isinstance(replay, PairReplay) else getattr(replay, "entry", None)
    if judged is None:
        return
    usual = kind_of(judged.arguments)
    unit.world.believed[judged.function] = unit.subject.loss
    seen: set[Kind] = {usual}
    for entry in _calls(unit, judged.function):
        kind = kind_of(entry.arguments)
        if kind in seen or len(seen) > MOST or not entry.finished:
            continue
        seen.add(kind)
        found = _unit_of(unit, replay, entry)
        if found is not None and found.names == unit.names and _name_of_loss(found) == _name_of_loss(unit):
            told = told_apart(kind, usual) or "another call"
            yield replace(found, name=f"{unit.name} with {told}", kind=told)


def with_states_given(unit: Unit) -> Unit | None:
    """Return the unit of a call that was made up, with the first states that it was not handed; None if it has none.

    `def forward(self, x, h0=None)` begins with zeros then, and a way back that forgets what it began with is right.
    """
    replay = getattr(unit.subject, "replay", None)
    replay = getattr(replay, "inner", replay)
    if not unit.is_made_up or not isinstance(replay, Replay) or isinstance(replay, LoopReplay):
        return None
    left = [name for name, value in replay.entry.arguments.items() if value is None and naming.STATE.match(name)]
    try:
        ends = replay.run({}).variables if left else {}
        states = {name: np.array(ends[name]) for name in left if is_floating(ends.get(name))}
        if not states:
            return None
        random = np.random.default_rng(11)
        given = {name: random.standard_normal(state.shape) * 0.5 for name, state in states.items()}
        entry = replace(replay.entry, arguments={**replay.entry.arguments, **given})
        document, world, nodes = unit.document, unit.world, functions_of(unit.document.tree)
        if isinstance(replay, PairReplay):
            found = unit_of_pair(document, world, entry, replay.backward, nodes)
        else:
            found = calls.unit_of(document, world, entry, nodes[entry.function])
    except Exception:  # noqa: BLE001 - theirs: the call that was judged says what there is to say
        return None
    if found is None or not found.names.keys() >= unit.names.keys() or _name_of_loss(found) != _name_of_loss(unit):
        return None
    told = f"{' and '.join(states)} given"
    return replace(found, name=f"{unit.name} with {told}", kind=told)


def _name_of_loss(unit: Unit) -> str:
    loss = getattr(unit.subject.loss, "inner", unit.subject.loss)
    return str(getattr(loss, "place", getattr(loss, "name", "")))


def of_same_kind(units: Iterable[Unit], kind: str) -> list[Unit]:
    """Return the units among some, or of other kinds of their calls, whose calls are of one kind."""
    return [unit for unit in units if not kind] or [o for unit in units for o in of_other_kinds(unit) if o.kind == kind]


def _calls(unit: Unit, function: str) -> list[Entry]:
    hooks = unit.world.hooks
    return [*hooks.entries.get(function, ()), *hooks.others.entries.get(function, ())]


def _unit_of(unit: Unit, replay: object, entry: Entry) -> Unit | None:
    document, world, node = unit.document, unit.world, unit.functions[-1]
    try:
        if isinstance(replay, PairReplay):
            forward = _before(unit, replay, entry)
            nodes = functions_of(document.tree)
            return None if forward is None else unit_of_pair(document, world, forward, entry, nodes)
        if isinstance(node, Loop):
            return calls.unit_of_loop(document, world, entry, node)
        return calls.unit_of(document, world, entry, node) if isinstance(node, ast.FunctionDef) else None
    except Exception:  # noqa: BLE001 - theirs: the call that was judged says what there is to say
        return None


def _before(unit: Unit, replay: PairReplay, backward: Entry) -> Entry | None:
    """Return the last call of the forward of a pair before a call of its backward, of the same object."""
    owner = backward.ids.get("self")
    known = [
        entry
        for entry in _calls(unit, replay.entry.function)
        if entry.finished and entry.order < backward.order and entry.ids.get("self") in (owner, None)
    ]
    return max(known, key=lambda entry: entry.order, default=None)
