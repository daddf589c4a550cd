"""Real functions continued to complex numbers with a tiny imaginary part, where NumPy knows none or means another.

NumPy's |z| is the distance from the origin; of x + ih with a tiny h the continuation of |x| is ±(x + ih). A function
that NumPy has for real numbers alone is continued by its slope: f(x + ih) = f(x) + ih f'(x), all that a complex
step asks for.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def absolute(z: Any, *_: Any, **options: Any) -> Any:
    """Return |x| of x + ih."""
    if np.asarray(z).dtype.kind != "c":
        return np.absolute(z, **options)
    return np.where(np.real(z) < 0, -z, z).view(type(z)) if isinstance(z, np.ndarray) else (-z if z.real < 0 else z)


def sign(z: Any, *_: Any, **options: Any) -> Any:
    """Return the sign of x."""
    return np.sign(np.real(z), **options)


def logaddexp(one: Any, other: Any, **options: Any) -> Any:
    """Return the logarithm of the sum of two exponentials."""
    if not _is_complex(one, other):
        return np.logaddexp(one, other, **options)
    largest = np.maximum(np.real(one), np.real(other))
    return largest + np.log(np.exp(one - largest) + np.exp(other - largest))


def hypot(one: Any, other: Any, **options: Any) -> Any:
    """Return the length of a vector of two."""
    return np.sqrt(one * one + other * other) if _is_complex(one, other) else np.hypot(one, other, **options)


def arctan2(y: Any, x: Any, **options: Any) -> Any:
    """Return the angle of a vector of two."""
    if not _is_complex(y, x):
        return np.arctan2(y, x, **options)
    (a, da), (b, db) = (np.real(y), np.imag(y)), (np.real(x), np.imag(x))
    return np.arctan2(a, b) + 1j * (b * da - a * db) / (a * a + b * b)


def _stepped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is constant but for its jumps."""

    def stepped(z: Any, *others: Any, **options: Any) -> Any:
        return function(np.real(z), *others, **options)

    return stepped


def _is_complex(*values: Any) -> bool:
    return any(np.asarray(value).dtype.kind == "c" for value in values)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": absolute,
    "absolute": absolute,
    "fabs": absolute,
    "sign": sign,
    "logaddexp": logaddexp,
    "hypot": hypot,
    "arctan2": arctan2,
    **{name: _stepped(getattr(np, name)) for name in ("floor", "ceil", "trunc", "heaviside")},
}
"""By the name that NumPy has for the real function"""
