"""Gradients that an object keeps times its rate, and takes away later: `self.steps += rate * d_weights`."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.pairs import UPSTREAM, PairReplay
from crosscheck.recognise.places import RETURNED
from crosscheck.recognise.results import sources
from crosscheck.recognise.shares import Claims, is_right, is_times, slopes
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walked


def at_a_rate(unit: Unit, replay: PairReplay, tree: ast.AST) -> Unit:
    """Return a unit whose kept gradients are judged divided by a rate, where none is right as it is and one is so.

    They must be what the file takes away without a rate: otherwise it is there twice.
    """
    if unit.subject.loss.name != UPSTREAM:
        return unit
    kept = {name for name, place in unit.subject.gradients.items() if place.where != RETURNED}
    words = {unit.subject.gradients[name].name for name in kept}
    if not words <= _taken_away(tree):
        return unit
    known = dict(_rates(replay)) if kept else {}
    if not known:
        return unit
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return unit
    name = next((name for name, rate in known.items() if _holds(claims, kept, rate)), None)
    if name is None:
        return unit
    unit.subject.times = {**unit.subject.times, **dict.fromkeys(kept, 1 / known[name])}
    names = ", ".join(sorted(kept))
    stated = f"{names} are kept with the rate {name} in their gradients: they were judged divided by it"
    return replace(unit, assumptions=(*unit.assumptions, stated))


def _taken_away(tree: ast.AST) -> set[str]:
    """Return the names in steps that no rate is in."""
    found: set[str] = set()
    for _, value, _ in steps_in(tree):
        words = {getattr(part, "attr", getattr(part, "id", "")) for part in walked(value)}
        found |= set() if any(map(is_rate, words)) else words
    return found


def _rates(replay: PairReplay) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a call that are called rates, by their names."""
    for place, value in sources(replay.run({})):
        if isinstance(value, int | float) and is_rate(place.name) and value not in (0, 1):
            yield place.name, float(value)


def _holds(claims: Claims, kept: set[str], rate: float) -> bool:
    """Tell whether a kept gradient is the derivative times a rate, and none the derivative itself."""
    return any(is_times(claims[name], rate) for name in kept) and not any(is_right(claims[name]) for name in kept)
