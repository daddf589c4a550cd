"""Symbols in lists, and tables of them that are written out: `outputs = [[0], [0], [1]]`."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.cases import is_one_hot, shuffled

FEWEST = 8
"""Rows of which an order is plainly one: a few symbols may come in such an order by chance"""
MOST_ROWS = 100
"""Of a table that is written out"""


def holds_integers(value: Any) -> bool:
    """Tell whether a value is a sequence of symbols. Several ones in a list are what biases are multiplied by.

    >>> [holds_integers(value) for value in ([3, 0, 1], [1], [1, 1], [0.5], np.arange(3), [np.ones(2), np.ones(2)])]
    [True, True, False, False, True, False]
    """
    return _are_integers(value) and not (isinstance(value, list) and len(value) > 1 and set(value) == {1})


def is_order(value: Any) -> bool:
    """Tell whether a value is an order of rows, each of which it names once: as many rows there are.

    >>> [is_order(np.array(value)) for value in ([3, 1, 0, 2, 5, 4, 7, 6], [0, 1, 1, 3, 4, 5, 6, 7], [1, 0, 3, 2])]
    [True, False, False]
    """
    is_row = holds_integers(value) and np.ndim(value) == 1 and len(value) >= FEWEST
    return is_row and bool(np.array_equal(np.sort(value), np.arange(len(value))))


def _are_integers(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu" and value.ndim >= 1 and value.size > 0
    return isinstance(value, list) and bool(value) and all(isinstance(i, int | np.integer) for i in value)


def rows_anew(roots: Mapping[str, Any], kept: Collection[int], random: np.random.Generator) -> dict[int, Any]:
    """Return other symbols for the rows of tables of lists, by identity: two rows may have been equal, or zero."""
    found: dict[int, Any] = {}
    for value in roots.values():
        is_table = isinstance(value, list) and 1 < len(value) <= MOST_ROWS and all(map(_are_integers, value))
        for row in value if is_table else ():
            if isinstance(row, list) and id(row) not in kept:
                drawn = random.integers(0, max(map(max, value)) + 1, size=len(row))
                found[id(row)] = shuffled(np.asarray(row), random).tolist() if is_one_hot(row) else drawn.tolist()
    return found
