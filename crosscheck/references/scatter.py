"""How much the values of a function scatter because its arithmetic rounds."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from crosscheck.references.differences import Line

POINTS = 8
ORDERS = (3, 4, 5)
SPACINGS = tuple(2.0**-power for power in (5, 10, 15, 20, 25, 30, 33, 36))
"""Relative to the scale. Several: close points may round alike (float32 inside), distant ones show the curvature."""
SAME = 8
"""Deviations this close, measured on a handful of values, are the same."""
DISTINCT = 8
"""So many values whose last digits are all zero are no coincidence."""
UNEVEN = 0.9137
"""Steps that are powers of two round too well to be typical."""


def scatter(line: "Line") -> float:
    """Return the standard deviation of the rounding in one value of a line, from 57 evaluations.

    Differences of high order of equally spaced values keep the noise and lose the function (Hamming 1962). Where
    successive orders tell the same noise, they have lost it (Moré and Wild 2011, "Estimating computational noise").
    The median, and the second largest of all spacings, are not deceived by a single jump.
    """
    with np.errstate(all="ignore"):
        centre = line.at(0.0)[1]
        trusted, doubtful = [], []
        seen: list[Any] = []
        for spacing in SPACINGS:
            steps = [point * spacing * UNEVEN * line.scale for point in range(1, POINTS)]
            values = [line.at(step)[1] for step in steps]
            seen.extend(values)
            deviations = _deviations([0.0, *(float(value - centre) for value in values)])
            if not np.all(np.isfinite(deviations)):
                continue
            (trusted if max(deviations) <= SAME * min(deviations) else doubtful).append(max(deviations))
        noise = _confirmed(trusted) if trusted else min(doubtful, default=0.0)
        return max(noise, _quantum(centre, seen))


def _quantum(centre: Any, values: list[Any]) -> float:
    """Return the distance of the numbers that a function seems to choose from, 0 if it is no more than float64's.

    A forward in float32 may be saturated, and `(x + 1e6) - 1e6` flat between its stairs: neither scatters nearby.
    """
    plain = np.unique([float(value) for value in [centre, *values] if np.isfinite(value) and value != 0])
    if np.array_equal(plain.astype(np.float32), plain):
        return float(abs(centre) * np.finfo(np.float32).eps)
    if len(plain) < DISTINCT:
        return 0.0
    mantissa, exponent = np.frexp(plain)
    digits = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = float(np.min(np.ldexp((digits & -digits).astype(np.float64), exponent - 53)))
    return lowest if lowest > 4 * np.spacing(np.max(np.abs(plain))) else 0.0


def _confirmed(deviations: list[float]) -> float:
    """Return the smallest noise that two spacings agree on: what only coarse ones tell is the function's own bends."""
    found = sorted(deviation for deviation in deviations if deviation > 0)
    for smaller, larger in pairwise(found):
        if larger <= SAME * smaller:
            return max(deviation for deviation in found if deviation <= SAME * smaller)
    return 0.0


def _deviations(values: list[Any]) -> list[float]:
    """Undo how much a difference of order k magnifies noise: its variance grows by (2k)! / (k!)²."""
    return [
        float(np.median(np.abs(np.diff(values, order)))) / (0.6745 * math.sqrt(math.comb(2 * order, order)))
        for order in ORDERS
    ]
