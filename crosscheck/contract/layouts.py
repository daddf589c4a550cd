"""Ways to lay the same values out in memory, and what may change with them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from crosscheck.precision import of_dtype

Same = Callable[[str, np.ndarray, np.ndarray], bool]


def close(name: str, first: np.ndarray, second: np.ndarray) -> bool:
    """Say whether two answers differ by no more than the root of the precision, relative to the largest entry.

    Another layout changes the order of summation, hence bits, while code that misreads strides is wrong in the first
    digit: the root lies half-way. Where rounding is amplified, measured noise does better.
    """
    del name
    precision = of_dtype(first.dtype)
    finite = np.isfinite(first)
    if precision is None or not np.array_equal(finite, np.isfinite(second)):
        return np.array_equal(first, second)
    if not finite.any():
        return True
    with np.errstate(over="ignore"):
        distance = np.abs(first[finite] - second[finite]).max()
        return bool(distance <= float(precision.epsilon) ** 0.5 * np.abs(first[finite]).max())


class Layout(NamedTuple):
    """One way to lay out an array, and the finding for a subject that cannot take it."""

    code: str
    meaning: str
    """Completes "when its arguments are"."""
    remedy: str
    arrange: Callable[[np.ndarray], np.ndarray]
    """Return a copy with the same values."""


def _read_only(array: np.ndarray) -> np.ndarray:
    new = array.copy()
    new.setflags(write=False)
    return new


def _fortran(array: np.ndarray) -> np.ndarray:
    return np.array(array, order="F")


def _strided(array: np.ndarray) -> np.ndarray:
    # Between stand the array's own entries once more: code that ignores strides reads wrong values, not wild indices.
    return np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array.copy()


LAYOUTS = (
    Layout("read-only-inputs", "read-only", "write to arrays of its own only", _read_only),
    Layout("fortran-inputs", "stored column by column", "do not rely on the order in memory", _fortran),
    Layout("strided-inputs", "not contiguous", "do not rely on the strides, or take np.ascontiguousarray", _strided),
)
