"""What NumPy computes of tables, columns and rows: it is a table, a column or a row where pandas makes one of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return the array that a table or a column is, other values as they are; also within lists and dictionaries."""
    if hasattr(type(value), "plain_array"):
        return value.plain_array()
    if type(value) in (list, tuple) and any(hasattr(type(part), "plain_array") for part in value):
        return type(value)(plain(part) for part in value)
    return value


def ufunc_of(function: np.ufunc, method: str, given: Sequence[Any], out: Any, options: Mapping[str, Any]) -> Any:
    """Compute a ufunc of plain arrays; where it writes into an array of these kinds, that one has the result after."""
    way = getattr(function, method)
    if out is None:
        return way(*map(plain, given), **options)
    (into,) = out
    if not hasattr(type(into), "plain_array"):
        return way(*map(plain, given), out=(into,), **options)
    into.become(way(*map(plain, given), **options))
    return into


def function_of(function: Callable[..., Any], given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Call one of NumPy's functions with plain arrays: what it returns are plain arrays too."""
    return function(*map(plain, given), **{name: plain(value) for name, value in named.items()})
