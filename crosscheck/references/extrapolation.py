"""From differences at several steps to the derivative and its error.

Central differences are extrapolated to step 0 (Richardson 1911; the choice among all extrapolations follows Ridders
1982). The even part of the function is extrapolated as well: its slope, the difference between the slopes on the right
and on the left, must vanish, and what is left of it counts as an error. So a kink that lies closer than the steps can
tell is never mistaken for a derivative. Finer steps must not contradict the answer either.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

RATIO = 4
"""Between successive steps. With 2, the same digits cost more evaluations; with 8, fewer orders fit in."""
ORDERS = 7
"""Terms eliminated at most: beyond, the coarsest step reaches so far that nothing is gained."""
SIGMAS = 4
"""The noise of one value counts as this many standard deviations."""

STAIR = 1e-5
"""A rise this small, relative to the function's size, may be a stair made by rounding that hides a slope."""


class Estimate(NamedTuple):
    """A derivative and how far it may be off."""

    value: Any
    """NaN where the function has no value."""
    error: float
    """Absolute. Infinite where no derivative was found: a kink, a jump, or structure finer than the steps."""


class Differences(NamedTuple):
    """What the function's values at x, x + h and x - h say."""

    step: float
    """h."""
    slope: Any
    """(f(x+h) - f(x-h)) / 2h: the derivative and even powers of h."""
    bend: Any
    """(f(x+h) - 2 f(x) + f(x-h)) / h: the slope on the right minus that on the left; odd powers of h, if smooth."""
    size: float
    """The largest of the three values, without sign."""


class _Candidate(NamedTuple):
    step: float
    slope: Any
    curvature: Any
    value: Any
    error: float


class Noise(NamedTuple):
    """How much one value scatters."""

    deviation: float
    """Standard deviation near x."""
    centre: float
    """Size of the value at x; where values are larger, so is their noise."""
    epsilon: float
    """Of the precision."""

    def of_slope(self, level: Differences) -> float:
        """Return how far rounding alone moves the slope; four times as much for the bend."""
        inside = max(self.centre, self.deviation / self.epsilon)
        growth = level.size / inside if level.size > inside > 0 else 1.0
        return (SIGMAS * self.deviation * growth + self.epsilon * level.size) / level.step


def estimate(ladder: Sequence[Differences], controls: Sequence[Differences], noise: Noise) -> Estimate:
    """Return the best estimate from a ladder of steps, each RATIO times the next, and single steps as controls."""
    levels = sorted([*ladder, *controls], key=lambda level: -level.step)
    best = _best(ladder, levels, noise)
    if best is None:
        return Estimate(math.nan, math.inf)
    plateau = _plateau(levels)
    if plateau:
        # What changes inside may be lost beside a 1, as in log(1 + exp(-40)): over the whole plateau by less than ε.
        best = best._replace(error=max(best.error, noise.epsilon * max(1.0, noise.centre) / plateau))
    if plateau and (height := _rise(levels)) is not None:
        rough = noise._replace(deviation=max(noise.deviation, height))
        slope = _best(ladder, levels, rough)
        if slope is not None and abs(slope.value) > 2 * slope.error:
            best, noise = slope, rough
        elif height <= STAIR * max(level.size for level in levels):
            best = best._replace(error=best.error + height / plateau)
    if _diverges(levels, best, noise):
        return Estimate(best.value, math.inf)
    return Estimate(best.value, float(best.error))


def _best(ladder: Sequence[Differences], levels: Sequence[Differences], noise: Noise) -> _Candidate | None:
    """Return the candidate with the smallest error once every finer step has been heard."""
    rounding = [(level, noise.of_slope(level)) for level in levels]
    best, smallest = None, math.inf
    for candidate in _candidates(ladder, noise):
        if candidate.error < smallest:
            error = candidate.error + _contradiction(candidate, rounding)
            if error < smallest:
                best, smallest = candidate._replace(error=error), error
    return best


def _candidates(ladder: Sequence[Differences], noise: Noise) -> Iterator[_Candidate]:
    """Yield every extrapolation with an error: its neighbours', the rounding it carries, and half its kink."""
    slopes = _tableau([level.slope for level in ladder], first_power=2)
    bends = _tableau([level.bend for level in ladder], first_power=1)
    for (coarser, level), (before, row), bend in zip(pairwise(ladder), pairwise(slopes), bends[1:], strict=True):
        rounding = noise.of_slope(level)
        curvature = max(abs(one.bend) / one.step for one in (coarser, level))
        for order in range(1, min(len(before), len(row))):
            rounding *= (1 + RATIO ** (-2 * order)) / (1 - RATIO ** (-2 * order))
            truncation = max(abs(row[order] - before[order]), abs(row[order] - row[order - 1]))
            error = truncation + rounding + abs(bend[order]) / 2
            yield _Candidate(level.step, level.slope, curvature, row[order], error)


def _tableau(values: Sequence[Any], first_power: int) -> list[list[Any]]:
    """Return Neville's tableau: entry j of a row has j terms eliminated, in powers first_power, first_power + 2, ..."""
    weights = [1 / (RATIO ** (2 * order + first_power) - 1) for order in range(ORDERS)]
    rows: list[list[Any]] = []
    before: list[Any] = []
    for value in values:
        row = [value]
        for known, weight in zip(before, weights, strict=False):
            row.append(row[-1] + (row[-1] - known) * weight)
        rows.append(row)
        before = row
    return rows


def _contradiction(candidate: _Candidate, levels: Sequence[tuple[Differences, float]]) -> float:
    """How far the slopes at finer steps lie from the candidate, beyond their rounding and their own truncation.

    The bends at finer steps must fade in proportion to the step; a kink's does not.
    """
    truncation = 2 * abs(candidate.slope - candidate.value) / candidate.step**2
    worst = 0.0
    for level, rounding in levels:
        if level.step <= candidate.step:
            excess = abs(level.slope - candidate.value) - 3 * rounding - truncation * level.step**2
            kink = abs(level.bend) - 12 * rounding - 2 * candidate.curvature * level.step
            worst = max(worst, float(excess), float(kink) / 2)
    return worst


def _plateau(levels: Sequence[Differences]) -> float:
    """Return the largest step within which the function is perfectly flat, 0 if it is not even at the finest."""
    width = 0.0
    for level in reversed(levels):
        if level.slope != 0 or level.bend != 0:
            break
        width = level.step
    return width


def _rise(levels: Sequence[Differences]) -> float | None:
    """Return the smallest change of value ever seen: the height of a stair, if a plateau is one.

    A float32 inside makes stairs: flat where the steps are finer, with a slope where they are coarser.
    """
    rises = (abs(level.slope + side * level.bend / 2) * level.step for level in levels for side in (-1, 1))
    return min((float(rise) for rise in rises if rise > 0), default=None)


def _diverges(levels: Sequence[Differences], best: _Candidate, noise: Noise) -> bool:
    """Tell whether left and right slopes stay apart, or the slope itself grows, as far down as rounding lets us see."""
    rounding = [noise.of_slope(level) for level in levels]
    bends = [abs(level.bend) for level, noise in zip(levels, rounding, strict=True) if abs(level.bend) > 32 * noise]
    slopes = [abs(level.slope) for level, noise in zip(levels, rounding, strict=True) if abs(level.slope) > 8 * noise]
    has_kink = len(bends) > 1 and bends[-1] > bends[-2] / 2 and best.error > bends[-1] / 8
    has_jump = len(slopes) > 1 and slopes[-1] > 1.5 * slopes[-2] and best.error > slopes[-1] / 8
    return has_kink or has_jump
