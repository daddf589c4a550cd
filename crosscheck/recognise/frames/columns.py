"""What a program gets that asks for all the names of a table: a list that bears what pandas' index bears."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from crosscheck.recognise.frames.names import Names


class ColumnNames(list[Any]):
    """The names of the columns of a table."""

    def __init__(self, words: Iterable[Any] = (), names: Names | None = None) -> None:
        super().__init__(words)
        self._names = names

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int | np.integer):
            return super().__getitem__(int(key))
        return ColumnNames(list(self.values[key]), self._names)

    def _asked(self, word: Any) -> Any:
        """Let the table learn of a name, and return what it shows for it."""
        if self._names is None or not isinstance(word, str) or self._names.is_complete:
            return word
        place = self._names.place(word)
        if place < len(self._names) and len(self) == len(self._names):
            self[:] = list(self._names)
        return word

    def __eq__(self, other: object) -> Any:
        if isinstance(other, str):
            self._asked(other)
            return np.array([word == other for word in self], bool)
        return super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        return ~(self == other) if isinstance(other, str) else super().__ne__(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __sub__(self, other: Iterable[Any]) -> "ColumnNames":
        return self.difference(other)

    @property
    def values(self) -> np.ndarray:
        """The names as an array of objects."""
        made = np.empty(len(self), object)
        made[:] = list(self)
        return made

    @property
    def shape(self) -> tuple[int]:
        """How many there are."""
        return (len(self),)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self)

    @property
    def str(self) -> "_Texts":
        """What works on each of the names."""
        return _Texts(self)

    def tolist(self) -> list[Any]:
        """Return a plain list."""
        return list(self)

    to_list = tolist

    def to_numpy(self) -> np.ndarray:
        """Return an array of objects."""
        return self.values

    def get_loc(self, word: Any) -> int:
        """Return the place of a name."""
        return self._names.place(word) if self._names is not None else self.index(word)

    def drop(self, words: Any, **_: Any) -> "ColumnNames":
        """Return the names without some of them."""
        if self._names is not None and len(self) == len(self._names):
            gone = [words] if isinstance(words, str) else list(words)
            left = self._names.dropped(gone)
            return ColumnNames([self._names.entries[place].shown for place in left], self._names)
        return self.difference(words)

    def difference(self, words: Any, **_: Any) -> "ColumnNames":
        """Return the names that are not among others."""
        others = [words] if isinstance(words, str) else list(words)
        return ColumnNames([word for word in self if word not in others], self._names)

    def intersection(self, words: Iterable[Any]) -> "ColumnNames":
        """Return the names that are among others as well."""
        return ColumnNames([word for word in self if word in list(words)], self._names)

    def isin(self, words: Iterable[Any]) -> np.ndarray:
        """Tell for each name whether it is among others."""
        asked = [self._asked(word) for word in words]
        return np.array([word in asked for word in self], bool)

    def map(self, function: Callable[[Any], Any]) -> "ColumnNames":
        """Return what a function makes of each name."""
        return ColumnNames([function(word) for word in self], None)


class _Texts:
    """`df.columns.str`: the methods of text, on each name."""

    def __init__(self, words: ColumnNames) -> None:
        self._words = words

    def __getattr__(self, name: str) -> Any:
        method = getattr(str, name)
        return lambda *given, **_: self._words.map(lambda word: method(str(word), *given))
