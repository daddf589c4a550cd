"""Small made-up numbers in place of data: features, and labels in which every class occurs."""

import numpy as np

EXAMPLES = 12
MOST_EXAMPLES = 160
"""Rows of a table of which a program asks for more: some parts of it by their places, or windows"""
SIDE = 4
"""Of a picture; 28 in the program is taken for it"""
COLUMNS = 5
"""Of a table that nothing tells of, labels included"""
MANY = 6
"""Classes of which most occur once"""


def random() -> np.random.RandomState:
    """Return what draws the same numbers every time."""
    return np.random.RandomState(8)


def features(rows: int, columns: int) -> np.ndarray:
    """Return ordinary numbers."""
    return random().randn(rows, columns)


def classes(rows: int, count: int) -> np.ndarray:
    """Return labels in which every class occurs early, and the last of many more than once.

    Programs count classes by the largest label: it must not be lost where they set some examples aside.
    """
    made = np.arange(rows) * 7 % 12
    return np.minimum(made, count - 1) if count > MANY else made % count
