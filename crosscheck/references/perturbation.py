"""A random error of the size of rounding, for the result of any operation on plain arrays.

The error is uniform and at most one ε of the result; for sums and products of arrays, of the sum of their terms without
signs: among exact inputs terms may cancel, and the rounding of what cancelled stays. Real and imaginary parts (value
and tangent of the complex step) round apart from each other.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


EXACT_UFUNCS = names(
    """absolute ceil conjugate copysign fabs floor fmax fmin frexp heaviside ldexp maximum minimum modf negative
    positive rint sign spacing trunc"""
)
WHOLE_UFUNCS = frozenset({np.add, np.subtract, np.multiply, np.square})
"""What makes whole numbers of whole numbers without rounding"""
SUMMING_UFUNCS = frozenset({"matmul", "matvec", "vecdot", "vecmat"})
SUMMING_FUNCTIONS = names("convolve cumsum dot einsum inner kron outer tensordot trace vdot")
ARRANGING_FUNCTIONS = names(
    """append array_split atleast_1d atleast_2d atleast_3d block broadcast_arrays broadcast_to can_cast choose
    column_stack compress concatenate copy copyto delete diag diagflat diagonal dsplit dstack empty_like expand_dims
    extract fill_diagonal flip fliplr flipud full_like hsplit hstack insert iscomplexobj isrealobj matrix_transpose
    may_share_memory moveaxis ndim ones_like pad permute_dims place put put_along_axis putmask ravel repeat reshape
    resize result_type roll rollaxis rot90 select shape shares_memory size split squeeze stack swapaxes take
    take_along_axis tile transpose tril triu unstack vsplit vstack where zeros_like"""
)


def magnitude_of_ufunc(ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any]) -> Any:
    """Return what the rounding of a ufunc's result is proportional to; None if that is the result itself."""
    is_sum = ufunc is np.add and method in ("reduce", "accumulate", "reduceat")
    if is_sum or ufunc.__name__ in SUMMING_UFUNCS:
        return getattr(ufunc, method)(*map(unsigned, operands), **options)
    return None


def magnitude_of_function(function: Callable[..., Any], operands: Any, options: dict[str, Any]) -> Any:
    """Return the same for any other function of NumPy."""
    if getattr(function, "__name__", "") in SUMMING_FUNCTIONS:
        return function(*[_unsigned_inside(operand) for operand in operands], **options)
    return None


def unsigned(value: Any) -> Any:
    """Drop the signs, of both parts of a complex number."""
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "fci":
        return value
    return np.abs(_parts(value)).view(value.dtype)[..., 0] if value.dtype.kind == "c" else np.abs(value)


def _unsigned_inside(value: Any) -> Any:
    return [unsigned(item) for item in value] if isinstance(value, list) else unsigned(value)


def _parts(value: Any) -> np.ndarray:
    """View complex numbers as pairs, on a new last axis."""
    return np.ascontiguousarray(value)[..., None].view(_real(value.dtype)) if value.ndim else _pair(value)


def _pair(value: Any) -> np.ndarray:
    return np.array([value.real, value.imag])


# What follows runs once for every operation of a subject, on arrays that are small as a rule: every call counts.


def is_whole(value: Any) -> bool:
    """Tell whether all of some numbers are whole, and small enough to be exact."""
    if not isinstance(value, np.ndarray | np.generic):
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not value.size or value.dtype.kind in "bi":
        return True
    first = value.item(0)
    if not isinstance(first, float) or not first.is_integer():  # most arrays end here
        return False
    plain = np.asarray(value)
    return bool(np.all((plain == np.rint(plain)) & (np.abs(plain) < LARGEST_WHOLE)))


LARGEST_WHOLE = 2.0**20


def jittered(array: np.ndarray, generator: np.random.Generator, times: float = 1.0) -> np.ndarray:
    """Return numbers with their rounding error; where all are whole they are labels or counts, and have none."""
    return array if is_whole(array) else perturbed(array, None, generator, times)


def perturbed(result: Any, magnitude: Any, generator: np.random.Generator, times: float = 1.0) -> Any:
    """Return the result with a random error of at most `times` ε times the magnitude; what is not finite stays.

    Without a magnitude it is that of the result, for each part of a complex number.
    """
    kind = result.dtype.kind
    if kind == "c":
        parts = _parts(result)
        size = np.abs(parts) if magnitude is None else _parts(magnitude)
        return _perturbed(parts, size, generator, times).view(result.dtype)[..., 0]
    if kind != "f":
        return result
    return _perturbed(result, np.abs(result) if magnitude is None else magnitude, generator, times)


def _perturbed(result: Any, magnitude: Any, generator: np.random.Generator, times: float) -> Any:
    if times != 1:
        magnitude = times * magnitude
    dtype = result.dtype
    error = generator.random(result.shape)
    error -= 0.5
    error = error * (magnitude * _twice_epsilon(dtype))
    noisy = result + (error if error.dtype == dtype else error.astype(dtype))
    finite = np.isfinite(noisy)
    return noisy if np.logical_and.reduce(finite, axis=None) else np.where(finite, noisy, result)


@functools.cache
def _twice_epsilon(dtype: np.dtype) -> float:
    return 2 * float(np.finfo(dtype).eps)


@functools.cache
def _real(dtype: np.dtype) -> np.dtype:
    return np.dtype(f"f{dtype.itemsize // 2}")
