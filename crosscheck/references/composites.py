"""NumPy functions written once more in terms of simpler ones, so that every arithmetic gets them for nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np

Shape = int | tuple[int, ...] | None


def _reduction(ufunc: np.ufunc) -> Callable[..., Any]:
    def reduce(a: Any, axis: Shape = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        given = {name: value for name, value in options.items() if value is not np._NoValue}
        return ufunc.reduce(a, axis=axis, dtype=dtype, out=out, **given)

    return reduce


def _extremum(ufunc: np.ufunc) -> Callable[..., Any]:
    def reduce(a: Any, axis: Shape = None, out: Any = None, **options: Any) -> Any:
        return _reduction(ufunc)(a, axis=axis, out=out, **options)

    return reduce


def _count(a: Any, axis: Shape) -> int:
    axes = range(a.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return int(np.prod([a.shape[one] for one in axes]))


def mean(a: Any, axis: Shape = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return the sum over the number of terms."""
    total = np.add.reduce(a, axis=axis, dtype=dtype, keepdims=_flag(keepdims))
    return np.divide(total, _count(a, axis), out=out)


def var(
    a: Any, axis: Shape = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, **_: Any
) -> Any:
    """Return the mean squared distance from the mean."""
    distance = a - mean(a, axis, dtype, keepdims=True)
    total = np.add.reduce(distance * distance, axis=axis, keepdims=_flag(keepdims))
    return np.divide(total, _count(a, axis) - ddof, out=out)


def std(*args: Any, **kwargs: Any) -> Any:
    """Return the root of the variance."""
    return np.sqrt(var(*args, **kwargs))


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **bounds: Any) -> Any:
    """Return the nearest number within the bounds."""
    low, high = (bounds.get(name, given) for name, given in (("min", a_min), ("max", a_max)))
    result = a
    for bound, limit in ((low, np.maximum), (high, np.minimum)):
        if bound is not None and bound is not np._NoValue:
            result = limit(result, bound)
    if out is None:
        return result
    out[...] = result
    return out


def norm(x: Any, ord: Any = None, axis: Shape = None, keepdims: bool = False) -> Any:  # noqa: A002 - NumPy's name
    """Return the Euclidean norm; others are refused."""
    if ord not in (None, 2, "fro") or (ord == 2 and axis is None and x.ndim != 1):
        raise TypeError(f"the norm of order {ord} is not known to any other arithmetic")
    return np.sqrt(np.add.reduce(x * x, axis=tuple(range(x.ndim)) if axis is None else axis, keepdims=keepdims))


def _flag(keepdims: Any) -> bool:
    return keepdims is not np._NoValue and bool(keepdims)


COMPOSITES: dict[Any, Callable[..., Any]] = {
    np.sum: _reduction(np.add),
    np.prod: _reduction(np.multiply),
    np.any: _extremum(np.logical_or),
    np.all: _extremum(np.logical_and),
    np.max: _extremum(np.maximum),
    np.min: _extremum(np.minimum),
    np.amax: _extremum(np.maximum),
    np.amin: _extremum(np.minimum),
    np.mean: mean,
    np.var: var,
    np.std: std,
    np.clip: clip,
    np.linalg.norm: norm,
    np.real: lambda value: value,
}
