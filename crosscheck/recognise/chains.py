"""Loops that hand gradients from layer to layer, where each layer keeps what it computes: judged as a whole.

That every layer is right says nothing of the way through them: `dense1.backward(dense2.dinputs)` leaves one out.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from crosscheck.recognise import calls, naming
from crosscheck.recognise.decays import decays, said_of_decay
from crosscheck.recognise.hooks import fullest
from crosscheck.recognise.loops import Loop, loops_of
from crosscheck.recognise.places import Place
from crosscheck.recognise.shares import TINY, has_right_one, is_right, slopes
from crosscheck.recognise.statements import goes_back_in_time, root_word
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.ways import goes_by_hand
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walk


def chains(document: Document, world: World) -> Iterator[tuple[str, Loop]]:
    """Yield the loops that call backward methods which keep their results, or of several objects one after another."""
    keeping = {word for name in world.hooks.kept if naming.BACKWARD.search(word := name.rpartition(".")[2])}
    for name, node in loops_of(document.tree, world.tree).items():
        called = {root_word(part.func) for part in walk(node) if isinstance(part, ast.Call)}
        is_way = bool(called & keeping) or goes_by_hand(node.body)
        if is_way and world.hooks.entries.get(name) and not goes_back_in_time(node):
            yield name, node


def unit_of_chain(document: Document, world: World, name: str, node: Loop) -> Unit | None:
    """Return the unit that a turn of a loop is, if it computes its loss itself. Raises what the code raises.

    Where only steps are seen, its loss may be one that the steps of the last layers are derivatives of.
    """
    unit = calls.unit_of_loop(document, world, fullest(world.hooks.entries[name]), node)
    if unit is not None and unit.moves and goes_by_hand(node.body) and has_right_one(unit):
        return unit
    if unit is None or not isinstance(unit.subject.loss, Place):
        return None
    replay = unit.subject.replay
    silent = [] if agrees(unit) else decays(replay, unit.subject.loss, unit.subject.gradients)
    replay.silent = [leaf.path for leaf in silent]
    return replace(unit, assumptions=(*unit.assumptions, *map(said_of_decay, silent)))


STEPS = (1e-5, 1e-4, 1e-6)
"""Of a loss that bends a lot, or is large, one difference alone is off"""


def contradicts(unit: Unit) -> bool:
    """Tell whether a gradient is not what the loss says, as far as differences show: over steps of any length."""
    wrong: set[tuple[str, int]] | None = None
    for step in STEPS:
        try:
            claims = slopes(unit, step)
        except Exception:  # noqa: BLE001 - theirs
            return False
        here = {(name, n) for name, found in claims.items() for n, pair in enumerate(found) if not _fits(pair)}
        wrong = here if wrong is None else wrong & here
        if not wrong:
            return False
    return True


def _fits(pair: tuple[float, float]) -> bool:
    return abs(pair[0] - pair[1]) <= TINY * max(1.0, abs(pair[0]))


def agrees(unit: Unit) -> bool:
    """Tell whether no gradient contradicts the loss, and one is right: units of a dead layer have none at all."""
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs
        return False
    fits = all(_fits(pair) for found in claims.values() for pair in found)
    return fits and any(map(is_right, claims.values()))
