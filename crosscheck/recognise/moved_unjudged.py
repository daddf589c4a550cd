"""Single numbers that the code of a unit moves and that it has no gradient of: they must not pass in silence.

The one input of such a weight may be zero in every case: the loss does not depend on it then, and says nothing of it.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.pairing import update_pairs, velocities
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.single_numbers import moved_by_shares
from crosscheck.recognise.unit import Unit


def with_all_moved(unit: Unit) -> Unit:
    """Return a unit that is known to have no gradient of what its code moves beside what it judges."""
    left = tuple(dict.fromkeys(_left(unit)))
    return replace(unit, without=(*unit.without, *left)) if left else unit


def _left(unit: Unit) -> Iterator[str]:
    replay = getattr(unit.subject, "replay", None)
    if not isinstance(replay, Replay):
        return
    judged = {unit.subject.ids.get(name) for name in unit.names}
    known = [f"_{name}_" for name in (*unit.names, *unit.without)]
    moved = {name for node in unit.functions for name in _moved(node)} - velocities(unit.document.tree)
    for leaf in leaves(replay.roots()):
        is_judged = id(leaf.value) in judged or any(f"_{leaf.name}_" in name for name in known)
        is_number = is_floating(leaf.value) and leaf.value.size == 1
        if leaf.name in moved and is_number and not is_judged and not is_state(leaf):
            yield leaf.name


def _moved(node: ast.AST) -> Iterator[str]:
    """Yield what some code moves down by a share of something else, at a rate, or by what is called its gradient."""
    found = {name for name, word in update_pairs(node) if _is_step(word, name)}
    found |= set(moved_by_shares(node))
    others = naming.RATE, naming.LOSS, naming.MEMORY
    yield from (n for n in found if not naming.looks_like_gradient(n) and not any(known.search(n) for known in others))


def _is_step(word: str, name: str) -> bool:
    return bool(naming.RATE.search(word)) or naming.is_gradient_of(word, name) >= 2
