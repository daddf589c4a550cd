"""Parameters that the code of a unit moves and that it has no gradient of: they must not pass in silence.

The input of a weight may be zero in every case, or its label; a loss that does not depend on it says nothing of it.
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
from crosscheck.recognise.unit import Unit


def with_all_moved(unit: Unit) -> Unit:
    """Return a unit that is known to have no gradient of what its code moves beside what it judges."""
    left = tuple(dict.fromkeys(_left(unit)))
    return replace(unit, without=(*unit.without, *left)) if left else unit


def _left(unit: Unit) -> Iterator[str]:
    replay = getattr(unit.subject, "replay", None)
    if not isinstance(replay, Replay):
        return
    known = [f"_{name}" for name in (*unit.names, *unit.without)]
    moved = {name for node in unit.functions for name in _moved(node)} - velocities(unit.document.tree)
    for leaf in leaves(replay.roots()):
        is_judged = any(name.endswith(f"_{leaf.name}") for name in known)
        if leaf.name in moved and is_floating(leaf.value) and not is_judged and not is_state(leaf):
            yield leaf.name


def _moved(node: ast.AST) -> Iterator[str]:
    """Yield what some code moves at a rate, or by what is called its gradient."""
    for name, word in update_pairs(node):
        is_step = bool(naming.RATE.search(word)) or naming.is_gradient_of(word, name) >= 2
        others = (naming.RATE, naming.LOSS, naming.MEMORY)
        if is_step and not naming.looks_like_gradient(name) and not any(known.search(name) for known in others):
            yield name
