"""The constant between a candidate for a loss and the loss that gradients were taken of: sizes and rates explain it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.formulas import Hinge, Implied, Misjudged, Residual, Term, counts
from crosscheck.recognise.hinges import strengths
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import Bare, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.places import RETURNED

FIRST_LOOK = 1e-2
"""How closely a constant must be explained by sizes for a candidate to be looked at in all states"""
EXACT = {8: 1e-6, 4: 5e-3}
"""How closely a derivative must be met, by the size of the parameters' numbers"""


def closeness(leaf: Leaf) -> float:
    """Return how closely the derivative by a parameter must be met, relatively."""
    return EXACT.get(leaf.value.itemsize, 1e-6)


def at_a_rate(
    candidate: Bare, ratio: float, sample: Sample, rates: Sequence[float], closely: float = 1e-4
) -> Bare | None:
    """Return a candidate times a constant that sizes explain, and a rate."""
    for rate in rates:
        loss = _explained(candidate, ratio / rate, sample, closely)
        if loss is None:
            continue
        if len(rates) > 1 and isinstance(loss, Scaled) and (abs(loss.constant) != 1 or loss.length is not None):
            continue  # the file states its loss: a factor would be a slip
        return loss._replace(constant=loss.constant * rate)
    return None


def may_fit(candidate: Bare, samples: Sequence[Sample], names: Iterable[str], rates: Sequence[float]) -> bool:
    """Tell at a first look whether a candidate can be the loss of any gradient. Raises what reading it raises."""
    if isinstance(candidate, Scaled) and candidate.is_given:
        return True
    first, second = samples[0], samples[min(1, len(samples) - 1)]
    for name in names:
        up, down = first.around[name][0]
        slope = (first.number(candidate, up) - first.number(candidate, down)) / (2 * first.reach[name])
        if not _is_told(candidate, name, slope, first, rates, closely=0.1):
            continue
        slope = first.slope(candidate, name)  # among many sizes some number is near by chance
        if np.isnan(slope):
            return True
        if _is_told(candidate, name, slope, first, rates, closely=FIRST_LOOK):
            other = second.slope(candidate, name)
            if np.isnan(other) or _are_near(first.claimed[name] * other, second.claimed[name] * slope):
                return True
    return False


def _are_near(one: float, other: float) -> bool:
    return abs(one - other) <= FIRST_LOOK * max(abs(one), abs(other))


def _is_told(
    candidate: Bare, name: str, slope: float, sample: Sample, rates: Sequence[float], *, closely: float
) -> bool:
    """Tell whether sizes explain how a gradient compares with a slope."""
    ratio = sample.claimed[name] / slope if slope else 0.0
    return bool(np.isfinite(ratio) and ratio) and at_a_rate(candidate, ratio, sample, rates, closely) is not None


def constant_between(claimed: Sequence[float], slopes: Sequence[float], tolerance: float) -> float | None:
    """Return the one constant between two lists of numbers; None if there is none."""
    smooth = np.isfinite(slopes) & np.isfinite(claimed)  # where no kink was within reach
    if np.sum(smooth) < min(2, len(slopes)) or np.min(np.abs(slopes)[smooth]) < 1e-12:
        return None
    ratios = np.array(claimed)[smooth] / np.array(slopes)[smooth]
    middle = float(np.median(ratios))
    return middle if middle and np.max(np.abs(ratios - middle)) <= tolerance * abs(middle) else None


def _explained(candidate: Bare, ratio: float, sample: Sample, closely: float = 1e-4) -> Bare | None:
    """Return a candidate times a constant that sizes explain."""
    sign, size = float(np.sign(ratio)), abs(ratio)
    if isinstance(candidate, Scaled):
        if abs(size - 1) < closely:
            return candidate._replace(constant=sign)
        if candidate.place.where == RETURNED:  # the file states its loss: a factor would be a slip
            return None
        for place, length in sample.symbols:
            if abs(size - length) < closely * size:
                return candidate._replace(constant=sign, length=place)
        near = next((factor for factor in (2.0, 0.5) if abs(size - factor) <= closely * factor), None)
        return None if near is None else candidate._replace(constant=sign * near)
    terms: list[Term] = candidate.terms(sample.center)
    if isinstance(candidate, Hinge):
        numbers = (
            (place.name, float(value)) for place, value in sample.found if is_single(value) and value is not True
        )
        for constant in (1.0, *strengths(numbers).values()):
            for shared in ("", "entries"):
                if abs(size * (counts(terms)["entries"] if shared else 1) - constant) <= closely * constant:
                    return candidate._replace(constant=sign * constant, shared=shared)
        return None
    is_square = isinstance(candidate, Residual | Misjudged) or (
        isinstance(candidate, Implied) and candidate.formula.name == "squared error"
    )
    twice = (0.25,) if isinstance(candidate, Residual) else ()  # of `d = 2 * (y - o)`
    for constant in (0.5, 1.0, 2.0, *twice) if is_square else (1.0,):
        for shared, count in {"": 1, **counts(terms)}.items():
            for number in (1.0, *sample.divisors):
                if abs(size * count * number - constant) <= closely * constant:
                    return candidate._replace(constant=sign * constant / number, shared=shared if count > 1 else "")
    return None


def is_single(value: Any) -> bool:
    """Tell whether a value is one number, and no list or array."""
    return not isinstance(value, list | tuple | dict) and np.ndim(value) == 0
