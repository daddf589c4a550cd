"""Complex numbers that behave as the real ones they stand for: value + i·h·derivative.

Analytic operations are NumPy's own; the value is computed by the real operation, so every branch goes as it goes in the
subject. Comparisons, extremes, signs and rounding look at the value alone. Where the derivative does not exist (|x| at
0, the larger of two equal numbers) it is NaN. Everything else is refused.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from crosscheck.references.carriers import ARRAYS, Carrier, RefusedError
from crosscheck.references.perturbation import (
    ARRANGING_FUNCTIONS,
    EXACT_UFUNCS,
    SUMMING_FUNCTIONS,
    magnitude_of_function,
    magnitude_of_ufunc,
    names,
    perturbed,
)

ANALYTIC = names(
    """add subtract multiply divide negative positive power exp exp2 expm1 log log1p log2 log10 sqrt square
    reciprocal sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh matmul matvec"""
)
OF_VALUE = names(
    """less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor logical_not isfinite
    isnan isinf sign signbit floor ceil rint trunc heaviside floor_divide spacing"""
)
FUNCTIONS_OF_VALUE = names(
    """argmax argmin argsort argwhere nonzero flatnonzero count_nonzero searchsorted isclose allclose array_equal
    array_equiv digitize round around fix array_repr array_str array2string lexsort"""
)
LINEAR_FUNCTIONS = (SUMMING_FUNCTIONS - {"vdot"}) | ARRANGING_FUNCTIONS | {"diff", "inv", "solve", "cross", "ediff1d"}


class ComplexCarrier(Carrier):
    """Carries value and tangent; with a generator, every operation rounds both at random."""

    carried: ClassVar[np.dtype | None] = np.dtype(np.complex128)
    generator: ClassVar[np.random.Generator | None] = None

    @classmethod
    def real_of(cls, plain: Any) -> Any:
        """Return the value without its tangent."""
        return _value(plain)

    @classmethod
    def call_ufunc(cls, ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """Do what the ufunc does with real numbers, tangents included."""
        name = ufunc.__name__
        if name in OF_VALUE:
            return getattr(ufunc, method)(*map(_value, operands), **_values(options))
        if method == "at":
            if name not in ("add", "subtract"):
                raise RefusedError(f"np.{name}.at is not known to complex numbers")
            return ufunc.at(*operands)
        if name in ANALYTIC:
            result = _analytic(ufunc, method, operands, options)
        elif (rule := RULES.get((name, method))) is not None:
            result = rule(ufunc, *operands, **options)
        else:
            raise RefusedError(f"np.{name} ({method}) is not known to complex numbers")
        if cls.generator is None or name in EXACT_UFUNCS:
            return result
        return perturbed(result, magnitude_of_ufunc(ufunc, method, operands, options), cls.generator)

    @classmethod
    def call_function(cls, function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Do what the function does if it is linear or merely arranges; decide by the values if it compares."""
        name = getattr(function, "__name__", "")
        if name in FUNCTIONS_OF_VALUE:
            return function(*map(_value, operands), **_values(options))
        if name == "sort":
            return _sort(*operands, **options)
        if name in ("where", "compress", "extract"):
            operands = (_value(operands[0]), *operands[1:])
        if name not in LINEAR_FUNCTIONS:
            raise RefusedError(f"np.{name} is not known to complex numbers")
        result = function(*operands, **options)
        if cls.generator is None or name in ARRANGING_FUNCTIONS:
            return result
        return perturbed(result, magnitude_of_function(function, operands, options), cls.generator)


def _value(plain: Any) -> Any:
    is_complex = isinstance(plain, ARRAYS) and plain.dtype.kind == "c"
    return plain.real if is_complex else plain


def _tangent(plain: Any) -> Any:
    is_complex = isinstance(plain, ARRAYS) and plain.dtype.kind == "c"
    return plain.imag if is_complex else np.zeros(np.shape(plain))


def _values(options: dict[str, Any]) -> dict[str, Any]:
    if not options:
        return options
    kept = {name: _value(option) for name, option in options.items()}
    return {name: option for name, option in kept.items() if option != np.dtype(np.complex128) or name != "dtype"}


def _both(value: Any, tangent: Any) -> Any:
    result = np.empty(np.broadcast_shapes(np.shape(value), np.shape(tangent)), np.complex128)
    result.real, result.imag = value, tangent
    return result


def _analytic(ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any]) -> Any:
    result = np.asarray(getattr(ufunc, method)(*operands, **options))
    if ufunc.__name__ not in ("matmul", "matvec") and result.dtype.kind == "c":
        # The logarithm of a negative number has a complex value and no real one: here the subject sees NaN.
        result.real = getattr(ufunc, method)(*map(_value, operands), **_values(options))
    return result


def _absolute(_: np.ufunc, x: Any, **__: Any) -> Any:
    value, tangent = _value(x), _tangent(x)
    return _both(np.abs(value), np.where((value == 0) & (tangent != 0), np.nan, np.sign(value) * tangent))


def _larger(ufunc: np.ufunc, a: Any, b: Any, **_: Any) -> Any:
    (a, da), (b, db) = (_value(a), _tangent(a)), (_value(b), _tangent(b))
    result = ufunc(a, b)
    tangent = np.where(result == a, da, db)
    return _both(result, np.where((a == b) & (da != db), np.nan, tangent))


def _largest(ufunc: np.ufunc, x: Any, axis: Any = 0, keepdims: bool = False, **options: Any) -> Any:
    if options.get("where", True) is not True or options.get("initial") is not None:
        raise RefusedError(f"np.{ufunc.__name__}.reduce with where= or initial= is not known to complex numbers")
    value, tangent = _value(x), _tangent(x)
    result = ufunc.reduce(value, axis=axis, keepdims=True)
    is_chosen = value == result
    low = np.min(np.where(is_chosen, tangent, np.inf), axis=axis, keepdims=True)
    high = np.max(np.where(is_chosen, tangent, -np.inf), axis=axis, keepdims=True)
    both = _both(result, np.where(low == high, low, np.nan))
    return both if keepdims else np.squeeze(both, axis=tuple(range(both.ndim)) if axis is None else axis)


def _hypot(_: np.ufunc, a: Any, b: Any, **__: Any) -> Any:
    value = np.hypot(_value(a), _value(b))
    return _both(value, (_value(a) / value) * _tangent(a) + (_value(b) / value) * _tangent(b))


def _arctan2(_: np.ufunc, y: Any, x: Any, **__: Any) -> Any:
    (b, db), (a, da) = (_value(y), _tangent(y)), (_value(x), _tangent(x))
    return _both(np.arctan2(b, a), (a * db - b * da) / (a * a + b * b))


def _logaddexp(_: np.ufunc, a: Any, b: Any, **__: Any) -> Any:
    value = np.logaddexp(_value(a), _value(b))
    return _both(value, np.exp(_value(a) - value) * _tangent(a) + np.exp(_value(b) - value) * _tangent(b))


def _cbrt(_: np.ufunc, x: Any, **__: Any) -> Any:
    value = np.cbrt(_value(x))
    return _both(value, _tangent(x) / (3 * value * value))


def _sort(a: Any, axis: int | None = -1, **options: Any) -> Any:
    a, axis = (a.reshape(-1), -1) if axis is None else (a, axis)
    return np.take_along_axis(a, np.argsort(_value(a), axis=axis, **options), axis=axis)


RULES: dict[tuple[str, str], Callable[..., Any]] = {
    ("absolute", "__call__"): _absolute,
    ("fabs", "__call__"): _absolute,
    ("maximum", "__call__"): _larger,
    ("minimum", "__call__"): _larger,
    ("fmax", "__call__"): _larger,
    ("fmin", "__call__"): _larger,
    ("maximum", "reduce"): _largest,
    ("minimum", "reduce"): _largest,
    ("hypot", "__call__"): _hypot,
    ("arctan2", "__call__"): _arctan2,
    ("logaddexp", "__call__"): _logaddexp,
    ("cbrt", "__call__"): _cbrt,
}
"""Operations without complex numbers of their own, by name and method; the source of each is its derivative."""
