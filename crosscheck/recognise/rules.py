"""The rules of optimisers, fitted to steps that were seen: which one is followed, and whether it is a right one.

Every rule is fitted entry by entry, and only a step that follows a *known wrong* rule exactly is called wrong; what
follows no rule that is written here is left alone.

    SGD        Δp = -η g
    momentum   v' = μ v + ν g              Δp linear in v and g
    Adagrad    G' = G + g²                 Δp = -η g / √(G' + ε)   or   -η g / (√G' + ε)
    RMSprop    G' = ρ G + (1 - ρ) g²       likewise
    Adam       m' = β₁ m + (1 - β₁) g,  v' = β₂ v + (1 - β₂) g²
               Δp = -η (m' / (1 - β₁ᵗ)) / (√(v' / (1 - β₂ᵗ)) + ε), or without the corrections
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.fitting import CLOSE, FEWEST, counts, fit
from crosscheck.recognise.rule_words import (
    AGAINST,
    CLIMBS,
    EXCHANGED,
    FIRST,
    FORGETS,
    GROWS,
    LATE,
    NOT_KEPT,
    NOT_SQUARED,
    NOT_STORED,
    SECOND,
    STALE,
)


class Step(NamedTuple):
    """One parameter's gradient and what the call did with it, the entries in a row."""

    gradient: np.ndarray
    change: np.ndarray
    memories: Sequence[tuple[np.ndarray, np.ndarray]]
    """Each before and after"""
    value: np.ndarray | None = None
    """The parameter before the step"""
    whole: "Step | None" = None
    """The same with all entries in their own shape, those as well that a clip may change or rounding hides"""
    spare: Sequence[tuple[np.ndarray, np.ndarray]] = ()
    """All memories of its shape, whatever their names: its own are among them perhaps"""
    sets_up: bool = False
    """Whether the call leaves arrays of its shape in objects that had none there: memories, for the calls to come"""


INSIDE = (1e-4, 0.9)
"""Sizes of gradients that no clip changes and no rounding hides"""


def within(whole: Step, largest: float = INSIDE[1]) -> Step:
    """Return the entries of a step whose gradients no clip changes and no rounding hides, in a row.

    Where nothing bounds anything, the `largest` may be as large as it is.
    """
    chosen = (np.abs(whole.gradient) > INSIDE[0]) & (np.abs(whole.gradient) < largest)
    memories, spare = ([(old[chosen], new[chosen]) for old, new in pairs] for pairs in (whole.memories, whole.spare))
    value = None if whole.value is None else whole.value[chosen]
    return Step(whole.gradient[chosen], whole.change[chosen], memories, value, whole, spare, whole.sets_up)


def wrong_rule(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> str | None:
    """Say what is wrong with a step; None if it follows a right rule, or none that is known."""
    gradient, change = sign * step.gradient, step.change
    if gradient.size >= FEWEST and any(_grows(old, new, gradient) for old, new in step.memories):
        return GROWS
    if gradient.size < FEWEST or not np.isfinite(change).all() or not change.all():
        return None
    if not step.memories:
        words = _without_memory(gradient, change)
        return None if words == NOT_KEPT and step.sets_up else words
    if (rate := fit(change, gradient)) is not None:  # what has its size and is read beside it is no memory of its own
        return CLIMBS if rate[0] > 0 else None
    if len(step.memories) == 1:
        return _with_one(gradient, change, *step.memories[0])
    if len(step.memories) == 2:
        return _with_two(gradient, change, step.memories, numbers, counters)
    return None


def _without_memory(gradient: np.ndarray, change: np.ndarray) -> str | None:
    rate = fit(change, gradient)
    if rate is not None:
        return CLIMBS if rate[0] > 0 else None
    if np.ptp(np.abs(change)) < 1e-12 * np.max(np.abs(change)):
        return None  # steps by the sign alone are meant
    roots = fit((gradient / change) ** 2, gradient**2, np.ones_like(gradient))
    if roots is not None and roots[0] > 0:
        return NOT_KEPT
    return None


def _with_one(gradient: np.ndarray, change: np.ndarray, old: np.ndarray, new: np.ndarray) -> str | None:
    if np.array_equal(old, new):
        return NOT_STORED if _uses_unstored(gradient, change, old) else None
    squares = fit(new, old, gradient**2)
    if squares is None:
        linear = fit(change, old, gradient) if fit(new, old, gradient) is not None else None
        if linear is not None:
            kept = fit(new, old, gradient)
            remembers = kept is not None and counts(linear[0], old, change) and counts(kept[1], gradient, new)
            against = remembers and kept is not None and linear[0] * kept[1] > 0
            forgets_nothing = remembers and kept is not None and abs(kept[0] - 1) < CLOSE and linear[0] < 0
            return CLIMBS if linear[1] > 0 else AGAINST if against else STALE if forgets_nothing else None
        return NOT_SQUARED if fit(new, old, gradient) is not None and divides(gradient / change, new) else None
    kept, added = squares
    ratio = gradient / change
    by_new, by_old = divides(ratio, new), divides(ratio, old)
    if abs(kept) < CLOSE and abs(added - 1) < CLOSE and by_new:
        return FORGETS
    if (by_new or by_old) and (ratio > 0).all():
        return CLIMBS
    if by_old and not by_new:
        return LATE
    return None


def _grows(old: np.ndarray, new: np.ndarray, gradient: np.ndarray) -> bool:
    """Tell whether more is kept of a memory than there was: no rule does, and none would settle."""
    fits = [fit(new, old, gradient), fit(new, old, gradient**2)]
    return any(fit is not None and fit[0] > 1 + CLOSE and counts(fit[0] - 1, old, new) for fit in fits)


def _uses_unstored(gradient: np.ndarray, change: np.ndarray, memory: np.ndarray) -> bool:
    """Tell whether a step is divided by the root of a memory with this gradient's square added, and nothing is kept."""
    ones = np.ones_like(memory)
    inside = fit((gradient / change) ** 2, memory, gradient**2, ones)
    if inside is not None:
        return bool(inside[0] > 0 and inside[1] > 0)
    outside = fit(np.abs(gradient / change), np.sqrt(memory + gradient**2), ones)
    return outside is not None and bool(outside[0] > 0)


def _with_two(
    gradient: np.ndarray,
    change: np.ndarray,
    memories: Sequence[tuple[np.ndarray, np.ndarray]],
    numbers: Sequence[float],
    counters: Sequence[float],
) -> str | None:
    for (m, m_new), (v, v_new) in (memories, memories[::-1]):
        first, second = fit(m_new, m, gradient), fit(v_new, v, gradient**2)
        if first is None or second is None:
            continue
        slope = fit(np.abs(m_new / change), np.sqrt(v_new), np.ones_like(v_new))
        if slope is None:
            return None
        if (first[1] * m_new / change > 0).all():
            return CLIMBS
        return _correction(slope[0], first[0], second[0], numbers, counters)[1]
    return None


def is_right(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> bool:
    """Tell whether a step follows a rule that is known to be right: SGD, momentum, Adagrad, RMSprop or Adam."""
    gradient, change = sign * step.gradient, step.change
    if gradient.size < FEWEST or not np.isfinite(change).all() or not change.all():
        return False
    ratio = gradient / change
    if not step.memories:
        return fit(change, gradient) is not None and bool((ratio < 0).all())
    if len(step.memories) == 1:
        ((old, new),) = step.memories
        squares, linear = fit(new, old, gradient**2), fit(new, old, gradient)
        if squares is not None:
            return _averages(squares, 1.0) and divides(ratio, new) and bool((ratio < 0).all())
        moved = fit(change, old, gradient) if linear is not None else None
        return moved is not None and linear is not None and moved[1] < 0 and is_momentum(linear, moved)
    for (m, m_new), (v, v_new) in (step.memories[:2], step.memories[1::-1]):
        first = fit(m_new, m, gradient)
        second = fit(v_new, v, gradient**2) if first is not None and _averages(first) else None
        if first is not None and second is not None and _averages(second):
            slope = fit(np.abs(m_new / change), np.sqrt(v_new), np.ones_like(v_new))
            right = (
                first[0] <= second[0] + CLOSE
                and slope is not None
                and _correction(slope[0], first[0], second[0], numbers, counters)[0]
            )
            return right and bool((m_new / change < 0).all())
    return False


def is_momentum(kept: np.ndarray, moved: np.ndarray) -> bool:
    """Tell whether a step goes by a velocity: by the new one, or by a look ahead of it (Nesterov), in two writings.

    Or by a share of the last gradient, which is all that is remembered.
    """
    share, added = kept
    if abs(share) < CLOSE and added and moved[1]:
        return bool(moved[0] * added / moved[1] > 0)
    if not 0 < share < 1 - CLOSE or not added:
        return False
    told = (share / added, share**2 / (added * (1 + share)), share**2 / (1 + share * added))
    return any(abs(moved[0] / moved[1] - past) <= 1e-5 * abs(past) for past in told)


def _averages(fit: np.ndarray, kept: float = 0.5) -> bool:
    """Tell whether a memory is a moving average of what is added to it; or, with `kept` of 1, perhaps the sum."""
    is_sum = kept == 1 and bool(np.all(np.abs(fit - 1) < CLOSE))
    return is_sum or bool(CLOSE < fit[0] < 1 - CLOSE and abs(fit[0] + fit[1] - 1) < CLOSE)


def _correction(
    slope: float, one: float, two: float, numbers: Sequence[float], counters: Sequence[float]
) -> tuple[bool, str | None]:
    """Tell whether Adam's moments are corrected as they should be, and say what is wrong if that is known."""
    right, wrong = False, None
    for rate in numbers:
        right |= is_close(slope, 1 / rate)
        for count in counters:
            first, second = 1 - one**count, 1 - two**count
            right |= is_close(slope, first / (rate * np.sqrt(second)))
            for words, value in (
                (SECOND, np.sqrt(first) / rate),
                (FIRST, np.sqrt(second) / rate),
                (EXCHANGED, second / (rate * np.sqrt(first))),
            ):
                wrong = words if is_close(slope, value) else wrong
    return right, None if right else wrong


def divides(ratio: np.ndarray, memory: np.ndarray) -> bool:
    """Tell whether a step is the gradient divided by the root of a memory, ε inside or outside of it."""
    ones = np.ones_like(memory)
    inside, outside = fit(ratio**2, memory, ones), fit(np.abs(ratio), np.sqrt(np.abs(memory)), ones)
    return any(fit is not None and fit[0] > 0 and abs(fit[1]) < 0.05 * fit[0] for fit in (inside, outside))


def is_close(one: float, other: float) -> bool:
    """Tell whether two numbers are one, but for what fitting it loses."""
    return bool(abs(one - other) <= 1e-6 * abs(other))


def biases_that_decay(steps: Mapping[str, Step], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return the biases whose plain steps hold a share of themselves, where those of matrices hold their gradients."""
    matrices = {name for name, shape in shapes.items() if len(shape) > 1 and min(shape) > 1}
    plain = {name: step for name, step in steps.items() if not step.memories and step.gradient.size >= FEWEST}
    alone = {name for name, step in plain.items() if fit(step.change, step.gradient) is not None}
    if not matrices & alone or not matrices <= alone:
        return []
    fits = {
        name: fit(step.change, step.gradient, step.value)
        for name, step in plain.items()
        if name not in alone and step.value is not None
    }
    fits = {
        name: shares
        for name, shares in fits.items()
        if shares is not None and counts(shares[0], plain[name].gradient, plain[name].change)
    }
    return [name for name, shares in fits.items() if shares[0] < 0 and CLOSE - 1 < shares[1] < 0]


def joined(one: Step, other: Step) -> Step:
    """Return two steps of one parameter as one, the entries one after another."""
    if len(one.memories) != len(other.memories) or len(one.spare) != len(other.spare):
        return one
    memories, spare = (
        [(np.concatenate([a, c]), np.concatenate([b, d])) for (a, b), (c, d) in zip(mine, theirs, strict=True)]
        for mine, theirs in ((one.memories, other.memories), (one.spare, other.spare))
    )
    gradient, change = (np.concatenate(both) for both in ((one.gradient, other.gradient), (one.change, other.change)))
    both = (one.value, other.value)
    value = None if both[0] is None or both[1] is None else np.concatenate([both[0], both[1]])
    return Step(gradient, change, memories, value, one.whole, spare, one.sets_up)
