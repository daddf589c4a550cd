"""What an optimiser remembers of gradients, entry by entry: by what each memory was moved in a step."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.fitting import CLOSE, counts, fit

Pair = tuple[np.ndarray, np.ndarray]


class Moment(NamedTuple):
    """A memory before and after a step; the rest is None where it was moved in another way."""

    old: np.ndarray
    new: np.ndarray
    first: np.ndarray | None
    """How much it keeps of itself, and takes in of the gradient"""
    second: np.ndarray | None
    """The same of the gradient's square"""


def moment_of(pair: Pair, gradient: np.ndarray) -> Moment:
    """Return by what a memory was moved."""
    old, new = pair
    first, second = fit(new, old, gradient), fit(new, old, gradient**2)
    if first is not None and not counts(first[1], gradient, new):
        first = None
    if second is not None and not counts(second[1], gradient**2, new):
        second = None
    return Moment(old, new, first, second)


def is_mean(shares: np.ndarray, power: int = 1) -> bool:
    """Tell whether a memory keeps a share of itself and takes in the rest, of a gradient divided by a count perhaps.

    A mean of gradients may take them in with a minus: then the step adds what others subtract.

    >>> is_mean(np.array([0.9, -0.1])), is_mean(np.array([0.9, 0.0234])), is_mean(np.array([0.9, 0.1 / 8**2]), 2)
    (True, False, True)
    """
    kept, added = shares[0], shares[1] if power > 1 else abs(shares[1])
    if not CLOSE < kept < 1 - CLOSE or added <= 0:
        return False
    count = ((1 - kept) / added) ** (1 / power)
    return bool(count > 1 - CLOSE and abs(count - round(count)) < CLOSE * count)


def is_sum(shares: np.ndarray) -> bool:
    """Tell whether a memory keeps all of itself, and adds what it takes in as it is."""
    return bool(np.all(np.abs(shares - 1) < CLOSE))


def is_greatest(pair: Pair, other: np.ndarray) -> bool:
    """Tell whether a memory is the greater of what it was and of a multiple of something, in every entry."""
    old, new = pair
    grown = new != old
    if not grown.any() or grown.all():
        return False
    factors = new[grown] / other[grown]
    return bool(np.ptp(factors) <= CLOSE * np.abs(factors).max() and (factors[0] * other[~grown] <= old[~grown]).all())


def is_norm(pair: Pair, gradient: np.ndarray) -> bool:
    """Tell whether a memory is the greater of a share of what it was and of the gradient's size: that of Adamax."""
    old, new = pair
    decayed = ~np.isclose(new, np.abs(gradient), CLOSE, 0)
    if not decayed.any():
        return False
    shares = new[decayed] / old[decayed]
    return bool(np.ptp(shares) <= CLOSE and 0 < shares[0] < 1)


def mixed(moments: Sequence[Moment]) -> bool:
    """Tell whether one moment takes in its share by the decay of the other one, which it is not the mean by."""
    firsts = [one.first for one in moments if one.first is not None]
    seconds = [one.second for one in moments if one.second is not None]
    pairs = [pair for one in firsts for two in seconds for pair in ((one, two), (two, one))]
    return any(
        not _adds_up(mine[0], mine[1])
        and _adds_up(theirs[0], mine[1])
        and (_adds_up(theirs[0], theirs[1]) or _adds_up(mine[0], theirs[1]))
        for mine, theirs in pairs
    )


def _adds_up(kept: float, added: float) -> bool:
    return abs(kept + added - 1) < CLOSE


def crossed(moments: Sequence[Moment], gradient: np.ndarray) -> bool:
    """Tell whether a mean of gradients goes into one of squares, the other way round, or two memories change places.

    What is made of another memory and the gradient alone need not be one: a step that is kept for no purpose.
    """
    powers = gradient, gradient**2
    lost = [one for one in moments if one.first is None and one.second is None and not np.array_equal(one.old, one.new)]
    for one, other in ((one, other) for one in lost for other in moments if other is not one):
        kinds = other.second, other.first
        for kind, power in zip(kinds, powers, strict=True):
            if kind is not None and any(_is_made_of(one.new, held, power) for held in (other.old, other.new)):
                return True
        if any(other is own for own in lost) and all(
            any(_is_made_of(mine.new, theirs.old, power) for power in powers)
            for mine, theirs in ((one, other), (other, one))
        ):
            return True
    return False


def _is_made_of(new: np.ndarray, *columns: np.ndarray) -> bool:
    shares = fit(new, *columns)
    return shares is not None and all(counts(share, column, new) for share, column in zip(shares, columns, strict=True))
