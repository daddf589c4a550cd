"""Text in tables of numbers: each word that a program looks for is a number of theirs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import function_of, ufunc_of

MOST_CLASSES = 3
"""Up to so many different numbers stand for classes; of others each is one of two"""


def is_word(values: np.ndarray, code: int) -> np.ndarray:
    """Tell of each number whether it stands for the text that a program gave a number.

    >>> is_word(np.array([0, 1, 0]), 1).tolist(), is_word(np.array([0, 3, 8, 7]), 1).tolist()
    ([False, True, False], [False, True, False, True])
    """
    return (values == code) if code > 1 or values.max(initial=0) < MOST_CLASSES else (values % 2 == code)


class Entry(int):
    """A number of a table that may stand for a word.

    >>> Entry(1) == "M", Entry(0) == "M", Entry(0) == 0, Entry(1).strip() + 1
    (True, False, True, 2)
    """

    def __eq__(self, other: object) -> bool:
        return int(self) % 2 == 1 if isinstance(other, str) else int(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def strip(self, *_: Any) -> "Entry":
        """Return itself."""
        return self

    lower = upper = title = capitalize = replace = strip


class Words(np.ndarray):
    """A plain array of whole numbers, which may be compared with words; what is computed of it is an ordinary array."""

    def plain_array(self) -> np.ndarray:
        """Return the ordinary array."""
        return self.view(np.ndarray)

    def become(self, values: Any) -> None:
        """Hold other numbers."""
        self.view(np.ndarray)[...] = values

    def __eq__(self, other: object) -> Any:
        return is_word(self.plain_array(), 1) if isinstance(other, str) else self.plain_array() == other

    def __ne__(self, other: object) -> Any:
        return ~(self == other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __array_ufunc__(self, function: np.ufunc, method: str, *given: Any, out: Any = None, **options: Any) -> Any:
        return ufunc_of(function, method, given, out, options)

    def __array_function__(self, function: Any, _: Any, given: Any, named: Any) -> Any:
        return function_of(function, given, named)


def replaced(values: np.ndarray, pairs: Mapping[Any, Any]) -> np.ndarray:
    """Return values with others in place of some of them. Several words stand for as many classes, in their order.

    >>> replaced(np.array([0, 1, 2, 3]), {"male": -1, "female": 1})
    array([-1,  1, -1,  1])
    >>> replaced(np.array([0, 1, 2]), {2: 7})
    array([0, 1, 7])
    """
    meant = [_number(value) for value in pairs.values()]
    if len(pairs) > 1 and all(isinstance(key, str) for key in pairs) and None not in meant:
        codes = np.unique(values, return_inverse=True)[1]
        several = codes.max(initial=0) + 1 >= len(pairs)
        codes = codes if several else np.arange(len(values)) * 7 % 12  # as many classes as there are words
        return np.array(meant)[codes % len(pairs)]
    made = np.array(values, np.result_type(values, *(m for m in meant if m is not None)))
    for key, value in zip(pairs, meant, strict=True):
        if not isinstance(key, str) and key is not None and value is not None:
            made[values == key] = value
    return made


def _number(value: Any) -> Any:
    """Return the number that something is, None of text and of what is missing."""
    is_number = isinstance(value, int | float | np.number) and not np.isnan(float(value))
    return value if is_number else None


def numbers_for(values: Any) -> np.ndarray:
    """Return an array of numbers: words are numbered in their order, and nothing is missing."""
    made = np.asarray(values)
    if made.dtype.kind == "O" and all(isinstance(v, int | float | np.number | type(None)) for v in made.ravel()):
        made = made.astype(float)
    if made.dtype.kind in "USOM":
        words = np.array([str(word) for word in made.ravel()])
        return np.unique(words, return_inverse=True)[1].reshape(made.shape)
    return np.nan_to_num(made) if made.dtype.kind == "f" and np.isnan(made).any() else made
