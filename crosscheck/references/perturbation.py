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


def magnitude_of_ufunc(ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any], result: Any) -> Any:
    """Return what the rounding of a ufunc's result is proportional to."""
    is_sum = ufunc is np.add and method in ("reduce", "accumulate", "reduceat")
    if is_sum or ufunc.__name__ in SUMMING_UFUNCS:
        return getattr(ufunc, method)(*map(unsigned, operands), **options)
    return unsigned(result)


def magnitude_of_function(function: Callable[..., Any], operands: Any, options: dict[str, Any], result: Any) -> Any:
    """Return the same for any other function of NumPy."""
    if getattr(function, "__name__", "") in SUMMING_FUNCTIONS:
        return function(*[_unsigned_inside(operand) for operand in operands], **options)
    return unsigned(result)


def unsigned(value: Any) -> Any:
    """Drop the signs, of both parts of a complex number."""
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "fci":
        return value
    return np.abs(_parts(value)).view(value.dtype)[..., 0] if value.dtype.kind == "c" else np.abs(value)


def _unsigned_inside(value: Any) -> Any:
    return [unsigned(item) for item in value] if isinstance(value, list) else unsigned(value)


def _parts(value: Any) -> np.ndarray:
    """View complex numbers as pairs, on a new last axis."""
    return np.ascontiguousarray(value)[..., None].view(value.real.dtype) if np.ndim(value) else _pair(value)


def _pair(value: Any) -> np.ndarray:
    return np.array([value.real, value.imag])


def perturbed(result: Any, magnitude: Any, generator: np.random.Generator) -> Any:
    """Return the result with a random error of at most ε times the magnitude; what is not finite stays."""
    kind = result.dtype.kind
    if kind == "c":
        return _perturbed(_parts(result), _parts(magnitude), generator).view(result.dtype)[..., 0]
    return _perturbed(result, magnitude, generator) if kind == "f" else result


def _perturbed(result: Any, magnitude: Any, generator: np.random.Generator) -> Any:
    error = (generator.random(result.shape) - 0.5) * (magnitude * _twice_epsilon(result.dtype))
    noisy = result + error.astype(result.dtype, copy=False)
    return noisy if np.isfinite(noisy).all() else np.where(np.isfinite(noisy), noisy, result)


@functools.cache
def _twice_epsilon(dtype: np.dtype) -> float:
    return 2 * float(np.finfo(dtype).eps)
