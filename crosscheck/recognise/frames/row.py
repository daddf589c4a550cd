"""One row of a table, or what was computed of each of its columns: numbers that have the names of the columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.column import Column
from crosscheck.recognise.frames.columns import ColumnNames
from crosscheck.recognise.frames.names import Names, named
from crosscheck.recognise.frames.words import Entry


class Row(Column):
    """Numbers with names."""

    names: Names = named(())

    def __array_finalize__(self, made_of: Any) -> None:
        super().__array_finalize__(made_of)
        self.names = getattr(made_of, "names", Row.names)

    def remade(self, values: Any) -> Any:
        """Return other numbers under the same names, where they are as many."""
        made = super().remade(values)
        if isinstance(made, Column) and len(made) == len(self.names):
            return _with_names(made, self.names)
        return made

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str) or (isinstance(key, int | np.integer) and self.names.known(key) is not None):
            return self._entry(self.names.place(key))
        if isinstance(key, list) and key and isinstance(key[0], str):
            return row(np.array([self[word] for word in key]), key)
        made = super().__getitem__(key)
        if isinstance(made, Column):
            return _with_names(made, self.names.chosen(np.arange(len(self.names))[plain(key)]))
        return made

    def _entry(self, place: int) -> Any:
        numbers = self.plain_array()
        if self.dtype.kind in "iu" and place < len(numbers):
            return Entry(numbers[place])
        return numbers[place] if place < len(numbers) else np.roll(numbers, place)[1 % len(numbers)]

    def __setitem__(self, key: Any, value: Any) -> None:
        key = self.names.place(key) if isinstance(key, str) else key
        super().__setitem__(key, value)

    def __getattr__(self, name: str) -> Any:
        known = not name.startswith("_") and self.names.known(name) is not None
        if not known and name.lower() not in self.names.told.attributes:
            raise AttributeError(f"a row has no {name!r}")
        return self._entry(self.names.place(name))

    @property
    def index(self) -> ColumnNames:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Its names."""
        return ColumnNames(self.names, self.names)

    def keys(self) -> ColumnNames:
        """Return its names."""
        return self.index

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Yield names and numbers."""
        return iter(list(zip(self.names, self.plain_array(), strict=True)))

    iteritems = items

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the number of a name."""
        return self[name] if self.names.known(name) is not None or not self.names.is_complete else default

    def drop(self, names: Any = None, *_: Any, **options: Any) -> Any:
        """Return the numbers without those of some names."""
        names = options.get("labels", options.get("index", names))
        left = self.names.dropped([names] if isinstance(names, str | int) else names)
        return _with_names(self.plain_array()[left], self.names.chosen(left))

    def idxmax(self, *_: Any, **__: Any) -> Any:
        """Return the name of the largest number."""
        return self.index[int(np.argmax(self.plain_array()))]

    def idxmin(self, *_: Any, **__: Any) -> Any:
        """Return the name of the smallest number."""
        return self.index[int(np.argmin(self.plain_array()))]

    def sort_values(self, *_: Any, ascending: bool = True, **__: Any) -> Any:
        """Return the numbers in their order, with their names."""
        order = np.argsort(self.plain_array(), kind="stable")
        order = order if ascending else order[::-1]
        return _with_names(self.plain_array()[order], self.names.chosen(order))


def row(numbers: np.ndarray, names: Any) -> Row:
    """Return numbers with names."""
    return _with_names(np.asarray(numbers), names if isinstance(names, Names) else named(names))


def _with_names(numbers: np.ndarray, names: Names) -> Row:
    made = numbers.view(Row)
    made.names = names
    return made
