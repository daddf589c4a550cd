"""The constant between a candidate for a loss and the loss that gradients were taken of: sizes and rates explain it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.formulas import Hinge, Implied, Misjudged, Residual, Term, counts
from crosscheck.recognise.hinges import strengths
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import Bare, Scaled, number_in
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.places import RETURNED
from crosscheck.recognise.results import sources
from crosscheck.recognise.tables_of_symbols import holds_integers

FIRST_LOOK = 1e-2
"""How closely a constant must be explained by sizes for a candidate to be looked at in all states"""
EXACT = {8: 1e-6, 4: 5e-3}
"""How closely a derivative must be met, by the size of the parameters' numbers"""


ADDED_UP = re.compile(r"accum|micro_?batch", re.IGNORECASE)
"""What the number of turns is called over which gradients are added up"""


ALL_ROWS = re.compile(r"^(?:m|[MN]|(?:n|num|number_of)_?(?:samples|examples|train\w*)|m_?train)$")
"""What the number of all examples is called"""


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


def may_fit(candidate: Bare, sample: Sample, names: Iterable[str], rates: Sequence[float]) -> bool:
    """Tell at a first look whether a candidate can be the loss of any gradient."""
    if isinstance(candidate, Scaled) and candidate.is_given:
        return True
    for name in names:
        up, down = sample.around[name][0]
        slope = (number_in(candidate, up) - number_in(candidate, down)) / (2 * sample.reach[name])
        if not _is_told(candidate, name, slope, sample, rates, closely=0.1):
            continue
        slope = sample.slope(candidate, name)  # among many sizes some number is near by chance
        if np.isnan(slope) or _is_told(candidate, name, slope, sample, rates, closely=FIRST_LOOK):
            return True
    return False


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
        for place, value in sources(sample.center):
            is_sequence = isinstance(value, list) and len(value) > 1 and holds_integers(value)
            if is_sequence and abs(size - len(value)) < closely * size:
                return candidate._replace(constant=sign, length=place)
        near = next((factor for factor in (2.0, 0.5) if abs(size - factor) <= closely * factor), None)
        return None if near is None else candidate._replace(constant=sign * near)
    terms: list[Term] = candidate.terms(sample.center)
    if isinstance(candidate, Hinge):
        numbers = (
            (place.name, float(value))
            for place, value in sources(sample.center)
            if is_single(value) and value is not True
        )
        for constant in (1.0, *strengths(numbers).values()):
            for shared in ("", "entries"):
                if abs(size * (counts(terms)["entries"] if shared else 1) - constant) <= closely * constant:
                    return candidate._replace(constant=sign * constant, shared=shared)
        return None
    turns = [1.0, *_turns_added_up(sample), *_rows_of_all(sample)]
    is_square = isinstance(candidate, Residual | Misjudged) or (
        isinstance(candidate, Implied) and candidate.formula.name == "squared error"
    )
    twice = (0.25,) if isinstance(candidate, Residual) else ()  # of `d = 2 * (y - o)`
    for constant in (0.5, 1.0, 2.0, *twice) if is_square else (1.0,):
        for shared, count in {"": 1, **counts(terms)}.items():
            for number in turns:
                if abs(size * count * number - constant) <= closely * constant:
                    return candidate._replace(constant=sign * constant / number, shared=shared if count > 1 else "")
    return None


def _turns_added_up(sample: Sample) -> Iterator[float]:
    """Yield over how many turns a program says that it adds gradients up, which a step may be divided by."""
    for place, value in sources(sample.center):
        if ADDED_UP.search(place.name) and type(value) is int and value > 1:
            yield float(value)


def _rows_of_all(sample: Sample) -> Iterator[float]:
    """Yield how many examples a program has in all, by a global name, which it may divide by those of a part.

    Gradients of a sum are then those of a mean at another rate, where nothing states a loss: `m, n = data.shape`.
    """
    known = sample.center
    for name, value in known.names.items():
        if ALL_ROWS.match(name) and type(value) is int and value > 1 and name not in known.variables:
            yield float(value)


def is_single(value: Any) -> bool:
    """Tell whether a value is one number, and no list or array."""
    return not isinstance(value, list | tuple | dict) and np.ndim(value) == 0
