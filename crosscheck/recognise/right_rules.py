"""Whether a step follows a right rule in one of the ways in which it is written: with decay, bounds, any memories."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from crosscheck.recognise.rules import CLOSE, Step, counts, fit, is_right


def follows(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> bool:
    """Tell whether a step follows a right rule, with decay perhaps, by whatever memories of its shape there are."""
    spare = step.spare or step.memories  # a state of the same shape may be among those that it was said to have
    wanted = [(), step.memories, *((one,) for one in spare), *permutations(spare, 2)]
    return any(_follows(step._replace(memories=own), numbers, counters, sign) for own in wanted)


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
        return any(factors[0] < 0 and CLOSE - 1 < factors[1] < 0 for factors in told)
    if len(step.memories) == 1:
        ((old, new),) = step.memories
        kept, moved = fit(new, old, gradient, value), fit(change, old, gradient, value)
        if kept is not None and moved is not None and 0 < kept[0] < 1 and moved[1] < 0:
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
