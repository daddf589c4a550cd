"""What a call left behind: numbers, arrays and sequences of arrays, with the places where they are found."""

import types
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.formulas import steps_of
from crosscheck.recognise.frames import Table
from crosscheck.recognise.listed import stands_for_list
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.stubs import is_stub

MOST = 25
"""Sequences and arrays that are considered as outputs, and as targets"""


def sources(result: Result) -> Iterator[tuple[Place, Any]]:
    """Yield the numbers, arrays and sequences of arrays that a call left behind."""
    seen: set[int] = set()
    waiting: list[tuple[str, tuple[Any, ...], Any]] = [
        (LOCAL, (name,), value) for name, value in result.variables.items()
    ]
    waiting += [(RETURNED, ("return",), result.returned)]
    waiting += [("after", (name,), value) for name, value in {**result.names, **result.arguments}.items()]
    while waiting:
        where, path, value = waiting.pop(0)
        value = value.numbers if isinstance(value, Table) else value
        if id(value) in seen and not isinstance(value, int | float):
            continue
        seen.add(id(value))
        words = [str(step).lstrip(".") for step in path if not isinstance(step, int)]
        place = Place(where, path, _name(path, words))
        if isinstance(value, bool | str | type(None) | type | types.ModuleType) or callable(value) or is_stub(value):
            continue
        if isinstance(value, int | float | np.number | np.ndarray):
            yield place, value
            if (
                isinstance(value, np.ndarray) and stands_for_list(value) and value.ndim == 1 and value.size > 1
            ):  # what a row ends with may be its label
                yield Place(where, (*path, -1), _name((*path, -1), words)), value[-1]
        elif isinstance(value, list | tuple | dict):
            steps = steps_of(value)
            if isinstance(steps, list) and steps and len(steps) <= MOST and all(map(_is_numeric, steps)):
                yield place, value
            pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
            if isinstance(value, list) and steps and isinstance(steps, list) and _is_numeric(steps[-1]):
                pairs = pairs[-1:]  # of many to one the last
            if len(pairs) <= 50:
                waiting += [(where, (*path, k), v) for k, v in pairs if isinstance(k, str | int) and len(path) < 4]
        elif hasattr(value, "__dict__") and len(path) < 4:
            waiting += [(where, (*path, f".{name}"), item) for name, item in vars(value).items()]


def _name(path: Sequence[Any], words: Sequence[str]) -> str:
    last = path[-1]
    return f"{words[-1]}[{last}]" if isinstance(last, int) and words else words[-1] if words else ""


def _is_numeric(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (isinstance(value, np.ndarray) and value.dtype.kind in "fiu")


def is_finite(value: Any) -> bool:
    """Tell whether a number, an array or a sequence of them holds neither NaN nor infinity, nor objects."""
    steps = steps_of(value)
    arrays = [np.asarray(part) for part in (steps if isinstance(steps, list) else [steps]) if part is not None]
    return all(array.dtype != object and bool(np.isfinite(array).all()) for array in arrays)


def is_output(value: Any) -> bool:
    """Tell whether a value may be what a network puts out: floating, and of a moderate size."""
    steps = steps_of(value)
    parts = steps if isinstance(steps, list) else [steps]
    return all(np.asarray(part).dtype.kind == "f" and np.size(part) <= 4096 for part in parts)


def read_at(place: Place, result: Result) -> Any:
    """Return what is found at a place, None if nothing is."""
    try:
        return place.read(result)
    except (LookupError, AttributeError, TypeError):
        return None


def differs(value: Any, other: Any) -> bool:
    """Tell whether two values are not equal, entry by entry."""
    one, two = steps_of(value), steps_of(other)
    if isinstance(one, list) or isinstance(two, list):
        is_list = isinstance(one, list) and isinstance(two, list)
        return not is_list or len(one) != len(two) or any(map(differs, one, two))
    return other is None or np.shape(one) != np.shape(two) or not np.array_equal(np.asarray(one), np.asarray(two))
