"""Calls of a forward and a backward pass with plain numbers alone, `layer.forward(100, 2)`: these are to be varied.

A whole number that a program writes for an amount is no index and no size, if the call bears fractions in its place.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import leaves

FRACTIONS = "the numbers that {} is handed were varied, and may be fractions"


def with_numbers(forward: Entry, backward: Entry) -> tuple[Entry, Entry] | None:
    """Return two calls with arrays without axes in place of numbers; None where there are arrays, or no numbers.

    What the backward pass is handed of the forward's result, or of its arguments, is one array with these.
    """
    if not (_is_plain(forward) and _is_plain(backward) and _is_number(forward.returned)):
        return None
    given, handed = _arrays(forward.arguments), _arrays(backward.arguments)
    if not handed or given.keys() & handed.keys():
        return None
    first = replace(
        forward, arguments={**forward.arguments, **given}, returned=np.asarray(forward.returned, dtype=np.float64)
    )
    return first, replace(backward, arguments={**backward.arguments, **handed})


def with_fractions(forward: Entry) -> Entry | None:
    """Return a call with fractions in place of tables of whole numbers; None where there are none.

    It raises where they were indices.
    """
    tables = {
        name: value
        for name, value in forward.arguments.items()
        if isinstance(value, np.ndarray) and value.ndim > 1 and value.dtype.kind in "iu" and np.ptp(value) > 1
    }
    if not tables:
        return None
    drawn = np.random.default_rng(len(tables))
    given = {name: drawn.standard_normal(value.shape) for name, value in tables.items()}
    return replace(forward, arguments={**forward.arguments, **given})


def _is_plain(entry: Entry) -> bool:
    """Tell whether a call is handed numbers, and what holds none of its own."""
    others = {name: value for name, value in entry.arguments.items() if not _is_number(value) and not _is_array(value)}
    return others.keys() <= {"self"} and not any(np.ndim(leaf.value) for leaf in leaves(others))


def _arrays(arguments: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.array(float(value)) for name, value in arguments.items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 0
