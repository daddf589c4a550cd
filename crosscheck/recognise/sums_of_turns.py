"""Turns that go by the gradients of several examples: each parameter by all of them, and by the same share of all.

`gW_sum += gW; gU = gU`, or `W -= rate * gW_sum / n; U -= rate * gU_sum`: the gradients are right, and what is made of
those of one parameter is not what is made of those of the others.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.fitting import FEWEST, counts, fit
from crosscheck.recognise.rule_words import CLIMBS, LAST_ALONE, MISPLACED, SHARED, STALE

SAME = 1e-6
"""How closely two rates are one, or one is so many times the other"""


class Moved(NamedTuple):
    """A parameter in a turn: what it was, how it changed, and the gradients that were computed for it."""

    value: np.ndarray
    change: np.ndarray
    gradients: Sequence[np.ndarray]
    is_added: bool = False
    """Whether the gradients are added to what lies there: the first one holds what lay there when the turn began"""
    is_piled_up: bool = False
    """Whether something lay there, and lies there still when the turn ends"""


def uneven(moved: Mapping[str, Moved]) -> dict[str, str]:
    """Say which parameters go by something else than the sum of their gradients where others go by that.

    >>> gradients = list(np.random.default_rng(0).normal(size=(3, 8)))
    >>> def step(change): return Moved(np.ones(8), change, gradients)
    >>> W, U, b = step(-0.1 * sum(gradients)), step(-0.1 * gradients[-1]), step(-0.3 * sum(gradients))
    >>> [words[:30] for words in uneven({"W": W, "U": U}).values()], uneven({"W": W, "V": W})
    (['only the last of the gradients'], {})
    >>> list(uneven({"W": W, "b": b}))
    ['b']
    """
    several = {name: one for name, one in moved.items() if len(one.gradients) > 1 and one.value.size >= FEWEST}
    rates = {name: rate for name, one in several.items() if (rate := _rate(one, sum(one.gradients))) is not None}
    last = {name for name in several.keys() - rates.keys() if _goes_by_last(several[name])}
    is_meant = bool(rates) or all(several[name].is_added for name in last)  # what is added up is meant to be a sum
    found = dict.fromkeys(last if is_meant and (rates or len(last) > 1) else (), LAST_ALONE)
    falling = {name: rate for name, rate in rates.items() if rate < 0}
    if falling:
        found |= dict.fromkeys(rates.keys() - falling.keys(), CLIMBS)
    number = {len(one.gradients) for one in several.values()}
    if len(number) == 1 and len(falling) > 1:
        (count,) = number
        least = max(falling.values())
        found |= {name: SHARED for name, rate in falling.items() if _is_times(rate, least, count)}
    found |= {name: STALE for name, one in moved.items() if one.is_piled_up and _goes_by_all(one)}
    found |= {name: MISPLACED for name, one in moved.items() if _is_misplaced(one)}
    return dict(sorted(found.items()))


def _is_misplaced(one: Moved) -> bool:
    """Tell whether the step of some entries is taken by others: `E[w - 1] -= rate * g` of a gradient by `E[w]`.

    >>> value, change, gradient = np.ones(12), np.zeros(12), np.zeros(12)
    >>> gradient[:5] = np.arange(1, 6)
    >>> change[6:11] = -0.1 * gradient[:5]
    >>> _is_misplaced(Moved(value, change, [gradient])), _is_misplaced(Moved(value, -gradient, [gradient]))
    (True, False)
    """
    change, gradient = np.ravel(one.change), np.ravel(sum(one.gradients, np.zeros(one.change.shape)))
    moved, wanted = change != 0, gradient != 0
    are_others = moved.sum() == wanted.sum() >= FEWEST and not (moved & wanted).any()
    return bool(are_others) and fit(change[moved], gradient[wanted]) is not None


def _rate(one: Moved, whole: np.ndarray | int) -> float | None:
    """Return the rate at which a parameter goes by a gradient, beside decay perhaps; None if it does not."""
    change, gradient, value = (np.ravel(part) for part in (one.change, np.asarray(whole), one.value))
    plain = fit(change, gradient)
    if plain is not None:
        return float(plain[0])
    decayed = fit(change, gradient, value)
    if decayed is None or not counts(decayed[0], gradient, change) or not -1 < decayed[1] < 0:
        return None
    return float(decayed[0])


def _goes_by_all(one: Moved) -> bool:
    return one.value.size >= FEWEST and _rate(one, sum(one.gradients, np.zeros(one.change.shape))) is not None


def _goes_by_last(one: Moved) -> bool:
    return any(_rate(one, gradient) is not None for gradient in (one.gradients[-1], one.gradients[0]))


def _is_times(rate: float, least: float, count: int) -> bool:
    return abs(rate - count * least) <= SAME * abs(rate)
