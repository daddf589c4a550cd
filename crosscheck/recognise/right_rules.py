"""Whether a step follows a right rule in one of the ways in which it is written: with decay, bounds, any memories."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import numpy as np

from crosscheck.recognise.adaptive import Adaptive, penalised
from crosscheck.recognise.fitting import CLOSE, FEWEST, counts, fit
from crosscheck.recognise.rules import Step, is_close, is_momentum, is_right, wrong_rule


def follows(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> bool:
    """Tell whether a step follows a right rule, with decay perhaps, by whatever memories of its shape there are."""
    spare = step.spare or step.memories  # a state of the same shape may be among those that it was said to have
    if len(spare) > MANY:
        with np.errstate(all="ignore"):
            own = [pair for pair in spare if _takes_in(pair, step)]
            spare = own + [pair for pair in spare if any(_is_largest_of(pair, one) for one in own if one is not pair)]
        step = step._replace(spare=spare)
    wanted = [(), step.memories, *((one,) for one in spare), *permutations(spare, 2)]
    with np.errstate(all="ignore"):
        if any(_follows(step._replace(memories=own), numbers, counters, sign) for own in wanted):
            return True
        return any(one.is_right() or one.is_by_sign() for one in _adaptive(step, numbers, counters, sign))


MANY = 4
"""Memories of which each pair can be tried: many layers of one shape have more, all but a few of other parameters"""


def _takes_in(pair: tuple[np.ndarray, np.ndarray], step: Step) -> bool:
    """Tell whether a memory has taken in a gradient, its square or its size, with decay of its parameter perhaps."""
    (old, new), gradient = pair, step.gradient
    terms = [(gradient,), (gradient**2,), (np.abs(gradient),)]
    if step.value is not None:
        terms += [(gradient, step.value), (gradient**2, gradient * step.value, step.value**2)]
    if any(fit(new, old, *others) is not None for others in terms):
        return True
    size = np.abs(gradient)
    return bool(np.isclose(new, size).any() and (new >= (1 - CLOSE) * size).all())  # the larger one of both


def _is_largest_of(pair: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
    """Tell whether a memory keeps the largest that another one has been."""
    (old, new), (_, latest) = pair, other
    return bool((new != old).any() and np.array_equal(new, np.maximum(old, latest)))


def fault_of(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> str | None:
    """Say what is wrong with a step; None if it follows a right rule, or if that is not certain."""
    words = wrong_rule(step, numbers, counters, sign)
    is_moved = step.gradient.size >= FEWEST and bool(np.isfinite(step.change).all() and step.change.all())
    if words is not None or not is_moved or follows(step, numbers, counters, sign):
        return words
    with np.errstate(all="ignore"):
        said = (one.fault() for one in _adaptive(step, numbers, counters, sign))
        return next((words for words in said if words is not None), None)


def _adaptive(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int) -> Iterator[Adaptive]:
    """Yield a step as one that may be divided by a root, by its gradient alone and with decay in that."""
    pairs, gradient = step.spare or step.memories, sign * step.gradient
    yield Adaptive(gradient, step.change, pairs, step.value, numbers, counters)
    for other in () if step.value is None else penalised(gradient, step.value, pairs):
        yield Adaptive(other, step.change, pairs, step.value, numbers, counters)


def _follows(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int) -> bool:
    if is_right(step, numbers, counters, sign):
        return True
    gradient, change, value = sign * step.gradient, step.change, step.value
    if value is None or not change.all():
        return False
    if not step.memories:
        fits = (fit(change, gradient, penalty) for penalty in (value, np.sign(value)))
        if _is_clipped(gradient, change) or _is_bounded(gradient, change, value):
            return True
        told = [factors for factors in fits if factors is not None and counts(factors[0], gradient, change)]
        return any(
            factors[0] < 0 and CLOSE - 1 < factors[1] < 0 and not _is_kept(factors[1], numbers) for factors in told
        )
    if len(step.memories) == 1:
        ((old, new),) = step.memories
        kept, moved = fit(new, old, gradient, value), fit(change, old, gradient, value)
        if (
            kept is not None
            and moved is not None
            and moved[1] < 0
            and CLOSE - 1 < moved[2] < CLOSE
            and is_momentum(kept[:2], moved[:2])
        ):
            return True
    few = [number for number in numbers if number < 1]
    decays = sorted({*few, *(2 * n for n in few), *(n * m for n in few for m in few)})
    return any(
        is_right(other, numbers, counters, sign)
        for share in decays
        for other in (
            step._replace(gradient=step.gradient + sign * share * value),
            step._replace(change=change + share * value),
            step._replace(change=(change + share * value) / (1 - share)),  # of what the step has moved already
        )
    )


MOST_DECAY = 0.01
"""A share that decay may take away in one step, though what is left of the parameter is a number in the file"""


def _is_kept(share: float, numbers: Sequence[float]) -> bool:
    """Tell whether what decay leaves is a number of the file, as a velocity keeps it: `w = 0.9 * w - s`."""
    return share < -MOST_DECAY and any(abs(1 + share - number) < CLOSE for number in numbers)


def _is_clipped(gradient: np.ndarray, change: np.ndarray) -> bool:
    """Tell whether a step is a share of its gradient with a bound on each entry."""
    bound = np.max(np.abs(change))
    free = np.abs(change) < (1 - CLOSE) * bound
    rate = fit(change[free], gradient[free])
    if rate is None or rate[0] >= 0:
        return False
    meant = np.clip(rate[0] * gradient, -bound, bound)
    return bool(np.max(np.abs(meant - change)) <= CLOSE * bound)


def _is_bounded(gradient: np.ndarray, change: np.ndarray, value: np.ndarray) -> bool:
    """Tell whether a step is a share of its gradient, but for what would be on the wrong side of zero and is zero."""
    free = value + change != 0
    rate = fit(change[free], gradient[free])
    if rate is None or rate[0] >= 0:
        return False
    beyond = (value + rate[0] * gradient)[~free]
    return bool((beyond <= 0).all() or (beyond >= 0).all())


def counted(steps: Mapping[str, Step], numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> list[str]:
    """Return the parameters whose moments are corrected by another count of steps than those of the first one.

    A count that grows within the loop over the parameters is another one for each of them.
    """
    reached = [float(count) for count in range(1, int(max(counters, default=0)) + 1)][-MOST_COUNTS:]
    counts = {name: _counts(step, numbers, reached, sign) for name, step in steps.items()}
    known = {name: found for name, found in counts.items() if found}
    if len(known) < 2 or set.intersection(*known.values()):
        return []
    return list(known)[1:]


MOST_COUNTS = 40
"""Steps, the last of them, by the number of which moments may have been corrected"""


def _counts(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int) -> set[float]:
    """Return the counts of steps by which both moments of a step are corrected as Adam corrects them."""
    change, own = step.change, sign * step.gradient
    if len(step.memories) != 2 or own.size < FEWEST or not change.all():
        return set()
    others = [] if step.value is None else penalised(own, step.value, step.memories)
    ways = [(g, pairs) for g in (own, *others) for pairs in (step.memories, step.memories[::-1])]
    for gradient, ((m, m_new), (v, v_new)) in ways:
        first, second = fit(m_new, m, gradient), fit(v_new, v, gradient**2)
        if first is not None and second is not None:
            slope = fit(np.abs(m_new / change), np.sqrt(v_new), np.ones_like(v_new))
            shares = (
                {n: (1 - first[0] ** n) / np.sqrt(1 - second[0] ** n) for n in counters} if slope is not None else {}
            )
            return {
                n
                for n, share in shares.items()
                for rate in numbers
                if slope is not None and is_close(slope[0], share / rate)
            }
    return set()
