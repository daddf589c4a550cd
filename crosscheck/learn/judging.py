"""Whether an answer is right: every entry of every returned value against the exam's own, but for rounding.

The reference of a gradient is the numerical derivative of the exam's forward; its tolerance is the measured error of
that derivative and the rounding of the solution, measured as well (crosscheck/compare.py has the rule).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.compare import K, compare
from crosscheck.learn.exam import HUGE, Case, Expected
from crosscheck.learn.wire import described
from crosscheck.precision import FLOAT64

STABLE = 1e-6
"""How far off a huge case may be, relative to its largest entry or 1: there digits do not count, overflow does"""


@dataclass(frozen=True)
class Judged:
    """One returned value in one case."""

    name: str
    given: Any
    expected: Expected
    allowed: np.ndarray | None = None
    """How far each entry may be off."""
    shape: str | None = None
    """The sentence that says why it is no value of the right kind and shape."""
    wrong: tuple[int, ...] | None = None
    """The entry that is furthest off."""
    refusal: str | None = None
    """What a rule said."""
    told: bool = True
    """Whether anything could be told: False at a kink, where there is no derivative."""

    @property
    def right(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return self.shape is None and self.wrong is None and self.refusal is None


def judge(case: Case, names: Sequence[str], returned: Any, noise: Sequence[Any]) -> list[Judged]:
    """Hold what was returned against what is expected, name by name."""
    if len(names) == 1:
        returned = (returned,)
    elif not isinstance(returned, tuple | list) or len(returned) != len(names):
        found = "nothing" if returned is None else described(returned)
        sentence = f"It returns {found}: return ({', '.join(names)}), in this order."
        return [Judged(names[0], returned, case.expected[0], shape=sentence)]
    found = zip(names, returned, case.expected, noise, strict=True)
    return [_judged(case, *one) for one in found]


def _judged(case: Case, name: str, given: Any, expected: Expected, noise: Any) -> Judged:
    if expected.accepts is not None:
        return Judged(name, given, expected, refusal=_refusal(name, expected.accepts, given))
    array, sentence = _as_array(name, given, np.asarray(expected.value))
    if sentence is not None:
        return Judged(name, given, expected, shape=sentence)
    right = np.asarray(expected.value)
    if case.regime == HUGE:
        room = np.full(right.shape, STABLE * max(1.0, float(np.max(np.abs(right), initial=0))))
        off = ~(np.abs(array - right) <= room) & (array != right)
        return Judged(name, array, expected, room, wrong=_worst(off, np.where(off, 1.0, 0.0)))
    found = compare(array, right, np.asarray(expected.error) + np.asarray(noise), FLOAT64)
    worst, told = _worst(found.wrong, found.discrepancy), bool(found.judged.any())
    return Judged(name, array, expected, K * found.tolerance, wrong=worst, told=told)


def _refusal(name: str, accepts: Callable[[Any], str | None], given: Any) -> str | None:
    try:
        with np.errstate(all="ignore"):
            return accepts(given)
    except Exception:  # noqa: BLE001 (a rule is written for numbers, and may be given anything)
        return f"`{name}` is {described(given)}, and nothing of the kind that is asked for."


def _worst(wrong: np.ndarray, by: np.ndarray) -> tuple[int, ...] | None:
    if not wrong.any():
        return None
    place = int(np.argmax(np.where(wrong, np.nan_to_num(by, nan=np.inf, posinf=np.inf), -1)))
    return tuple(int(n) for n in np.unravel_index(place, wrong.shape))


def _as_array(name: str, given: Any, right: np.ndarray) -> tuple[Any, str | None]:
    if given is None:
        return None, f"`{name}` is None: return an array of shape {_shape(right.shape)}."
    try:
        array = np.asarray(given)
    except (ValueError, TypeError):
        array = None
    if array is None or array.dtype.kind not in "biuf":
        return None, f"`{name}` is {described(given)}: return {_wanted(right.shape)}."
    if array.shape != right.shape:
        return None, f"`{name}` has shape {_shape(array.shape)}; it must have shape {_shape(right.shape)}."
    return array.astype(np.float64), None


def _wanted(shape: tuple[int, ...]) -> str:
    return f"an array of shape {_shape(shape)}" if shape else "a number"


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
