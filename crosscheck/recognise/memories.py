"""What an optimiser remembers from one call to the next, told from the gradients that look just like it.

Of an array M that the call begins with, the call leaves c · M + d. A gradient is d with c = 0, or with c = 1 where it
is added to a buffer. A running mean has another c (Adam, RMSprop, momentum), a sum of squares has c = 1 and for d the
square of another array (Adagrad).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.replay import Replay

FEWEST_SQUARES = 5
"""Entries of an array that can be told to hold the squares of another"""
FEWEST_SHARES = 3
CLOSE = 1e-6


def memories(
    places: Sequence[Any], replay: Replay, arrays: Sequence[Leaf], values: Mapping[int, Any], active: Collection[str]
) -> set[tuple[Any, ...]]:
    """Return the paths of what is remembered, among the places where a call leaves results.

    `active` names the arrays that the loss depends on; where nothing is known of the loss it is empty.
    """
    known = {leaf.path: leaf for leaf in arrays}
    held = [known[place.path] for place in places if place.where == "after" and place.path in known]
    held = [leaf for leaf in held if str(leaf) not in active]
    found: set[tuple[Any, ...]] = set()
    for group in [held] if active else [[leaf] for leaf in held]:
        if group:
            found |= _remembered(group, places, replay, values)
    # What shares a list with them is too small to tell, or was zero.
    containers = {path[:-1] for path in found if not str(path[-1]).startswith(".")}
    return found | {leaf.path for leaf in held if len(leaf.path) > 1 and leaf.path[:-1] in containers}


def made_of(
    remembered: Collection[tuple[Any, ...]],
    places: Sequence[Any],
    replay: Replay,
    arrays: Sequence[Leaf],
    values: Mapping[int, Any],
) -> set[tuple[str, tuple[Any, ...]]]:
    """Return the kinds and paths of places whose numbers come from what is remembered: steps, corrected means."""
    group = [leaf for leaf in arrays if leaf.path in remembered]
    if not group:
        return set()
    try:
        later = [replay.run(_copies({**values, **given})) for given in _starts(group, values)]
        ends = [[place.read(result) for result in later] for place in places]
    except Exception:  # noqa: BLE001 - it needs what it remembers
        return set()
    return {
        (place.where, place.path)
        for place, (now, bare) in zip(places, ends, strict=True)
        if not np.array_equal(now, bare, equal_nan=True)
    }


def _starts(group: Sequence[Leaf], values: Mapping[int, Any]) -> tuple[dict[int, Any], dict[int, Any]]:
    full = {id(leaf.value): np.abs(values[id(leaf.value)]) + 0.1 for leaf in group}
    return full, {id(leaf.value): np.zeros_like(leaf.value) for leaf in group}


def _remembered(
    group: Sequence[Leaf], places: Sequence[Any], replay: Replay, values: Mapping[int, Any]
) -> set[tuple[Any, ...]]:
    start, empty = _starts(group, values)
    try:
        later = [replay.run(_copies({**values, **given})) for given in (start, empty)]
        others = [place.read(later[1]) for place in places]
        ends = [[result.left_at(leaf.path) for result in later] for leaf in group]
    except Exception:  # noqa: BLE001 - it needs what it remembers
        return set()
    if len(group) == 1 and _reaches_others(group[0], places, later):
        return set()
    pairs = zip(group, ends, strict=True)
    return {
        leaf.path for leaf, (now, bare) in pairs if _decays(start[id(leaf.value)], now, bare) or _adds(bare, others)
    }


def _reaches_others(leaf: Leaf, places: Sequence[Any], later: Sequence[Any]) -> bool:
    """Tell whether an array moves others of other shapes, as no memory does.

    Of `b -= rate * (W @ h + b - y)` a constant share remains as well.
    """
    for place in (one for one in places if one.where == "after"):
        now, bare = (np.asarray(place.read(result)) for result in later)
        if now.shape == bare.shape != leaf.value.shape and not np.array_equal(now, bare):
            return True
    return False


def _copies(values: Mapping[int, Any]) -> dict[int, Any]:
    return {identity: value.copy() if isinstance(value, np.ndarray) else value for identity, value in values.items()}


def _decays(start: np.ndarray, now: Any, bare: Any) -> bool:
    """Tell whether one constant share of what was there before remains, neither nothing nor all of it."""
    if not all(isinstance(array, np.ndarray) and array.shape == start.shape for array in (now, bare)):
        return False
    with np.errstate(all="ignore"):
        shares = (now - bare) / start
    if start.size < FEWEST_SHARES or not np.isfinite(shares).all() or np.ptp(shares) > CLOSE:
        return False
    return bool(0.01 < shares.flat[0] < 1 - 1e-4)


def _adds(bare: Any, others: Sequence[Any]) -> bool:
    """Tell whether an array that was empty holds the squares of another, times one constant."""
    if not isinstance(bare, np.ndarray) or bare.size < FEWEST_SQUARES or not (bare >= 0).all() or not bare.any():
        return False
    with np.errstate(all="ignore"):
        for other in others:
            if isinstance(other, np.ndarray) and other.shape == bare.shape and other is not bare and other.any():
                ratio = bare[other != 0] / other[other != 0] ** 2
                if ratio.size >= FEWEST_SQUARES and np.ptp(ratio) <= CLOSE * np.max(ratio):
                    return True
    return False
