"""Tables: numbers in rows and columns that bear being asked for what a data frame of pandas has.

A table is no array, as that of pandas is none: columns are added to it and dropped from it in place. What holds its
numbers is an ordinary array, `numbers`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from crosscheck.recognise.frames.arithmetic import function_of, plain, ufunc_of
from crosscheck.recognise.frames.changes import Changes
from crosscheck.recognise.frames.column import Column, Index
from crosscheck.recognise.frames.columns import ColumnNames
from crosscheck.recognise.frames.names import Names, Told, named, unnamed
from crosscheck.recognise.frames.places import Places
from crosscheck.recognise.frames.row import Row, row
from crosscheck.recognise.frames.summaries import Summaries
from crosscheck.recognise.frames.words import Words, numbers_for
from crosscheck.recognise.stubs import Stub

OF_COLUMNS = {np.min: "min", np.amin: "min", np.max: "max", np.amax: "max"}
"""What NumPy's functions ask tables for: `np.min(table)` is that of each column"""


class Table(Changes, Summaries, NDArrayOperatorsMixin):
    """What `pandas.read_csv` returns, and `pandas.DataFrame`."""

    __hash__ = None  # pyright: ignore[reportAssignmentType]
    numbers: np.ndarray
    names: Names
    kinds: tuple[np.dtype, ...] | None = None
    """Of which kind the numbers of each column are, where they differ"""

    def __init__(self, data: Any = None, index: Any = None, columns: Any = None, **_: Any) -> None:
        parts, words = _parts(data, columns, 0 if index is None else len(index))
        self.put(parts, named(words) if words is not None else None)

    @classmethod
    def of(cls, numbers: Any, names: Names | None = None, kinds: Sequence[np.dtype] | None = None) -> "Table":
        """Return a table that holds an array itself, and no copy of it."""
        made = cls.__new__(cls)
        made.numbers = numbers
        fits = names is not None and len(names) == numbers.shape[1]
        made.names = names if fits and names is not None else unnamed(numbers.shape[1], labels=())
        made.kinds = tuple(kinds) if kinds is not None else None
        return made

    def put(self, parts: Sequence[np.ndarray], names: Names | None) -> None:
        """Hold columns, which have these names."""
        kinds = tuple(part.dtype for part in parts)
        self.numbers = np.stack(parts, 1) if parts else np.zeros((0, 0))
        self.names = names if names is not None else unnamed(len(parts), labels=())
        self.kinds = kinds if len(set(kinds)) > 1 else None

    def plain_array(self) -> np.ndarray:
        """Return the array that holds its numbers."""
        return self.numbers

    def become(self, values: Any) -> None:
        """Hold other numbers."""
        self.numbers, self.kinds = values, None

    def like(self, numbers: Any) -> "Table":
        """Return a table of the same columns, of other numbers."""
        return Table.of(numbers, self.names)

    def remade(self, values: Any) -> Any:
        """Return what was computed of it: a table, a column, or a number."""
        if type(values) is np.ndarray and values.ndim == 1:
            return values.view(Column)
        is_table = isinstance(values, np.ndarray) and values.ndim == 2
        return self.like(values) if is_table else values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.numbers, dtype, copy=copy)

    def __array_ufunc__(self, function: np.ufunc, method: str, *given: Any, out: Any = None, **options: Any) -> Any:
        words = [self.names.code(value) if isinstance(value, str) else value for value in given]
        found = ufunc_of(function, method, words, out, options)
        return found if out is not None else self.remade(found)

    def __array_function__(self, function: Any, _: Any, given: Any, named: Any) -> Any:
        way = (
            getattr(self, OF_COLUMNS.get(function, ""), None)
            if len(given) == 1 and named.get("axis") in (None, 0)
            else None
        )
        return function_of(function, given, named) if way is None else way(**named)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return self.names.known(name) is not None

    def __bool__(self) -> bool:
        raise ValueError("The truth value of a table is ambiguous: use empty, any() or all().")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str | int | np.integer):
            return self.column(self.names.place(key))
        if isinstance(key, tuple):
            return self._as_array(key)
        if isinstance(key, slice):
            return self.rows(key)
        numbers = plain(key) if not isinstance(key, ColumnNames) else key
        if isinstance(key, Table) or (not isinstance(numbers, ColumnNames) and np.asarray(numbers).dtype == bool):
            return self.rows(np.asarray(numbers)) if np.ndim(numbers) == 1 else self.where(numbers)
        return self.chosen([self.names.place(name) for name in key])

    def _as_array(self, key: tuple[Any, ...]) -> Any:
        """Return what an array would have there: functions that are handed either, a table and its array, ask so."""
        found = self.numbers[tuple(plain(part) for part in key)]
        if found.ndim != 2:
            return found.view(Column) if found.ndim == 1 and isinstance(key[-1], int) else found
        places = np.arange(self.shape[1])[plain(key[-1])] if len(key) > 1 else range(self.shape[1])
        return Table.of(found, self.names.chosen(np.atleast_1d(places)) if len(key) > 1 else self.names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "names" not in self.__dict__:
            raise AttributeError(f"a table has no {name!r}")
        names = self.names
        if names.known(name) is None and name.lower() not in names.told.attributes and not names.is_label(name):
            raise AttributeError(f"a table has no {name!r}")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        is_own = name in ("numbers", "names", "kinds") or hasattr(type(self), name)
        is_column = not is_own and (name in self or name in self.names.told.attributes or self.names.is_label(name))
        if is_column and np.ndim(value) > 0:
            self[name] = value
        else:
            object.__setattr__(self, name, value)

    def column(self, place: int) -> Column:
        """Return a column; beyond the last one the entries of another, in another order."""
        count = self.shape[1]
        further = place >= count
        if further:
            features = [n for n, entry in enumerate(self.names.entries) if not entry.is_label] or [0]
            values = np.roll(self.numbers[:, features[(place - count) % len(features)]], place - count + 1)
        else:
            values = self.numbers[:, place]
        kind = self.kinds[place] if self.kinds is not None and not further else values.dtype
        if kind != values.dtype and np.array_equal(values, values.astype(kind)):
            values = values.astype(kind)
        made = values.view(Column)
        made.name = self.names.further[place - count] if further else self.names.entries[place].shown
        made.words, made.compares = self.names.words, self.names.told.compares
        return made

    def parts(self, places: Iterable[int] | None = None) -> list[np.ndarray]:
        """Return the numbers of columns, each of its own kind."""
        places = range(self.shape[1]) if places is None else places
        return [self.column(place).plain_array() for place in places]

    def row(self, place: int) -> Row:
        """Return a row."""
        return row(self.numbers[place], self.names)

    def rows(self, which: Any) -> "Table":
        """Return a table of some of the rows."""
        return Table.of(self.numbers[which], self.names, self.kinds)

    def chosen(self, places: Iterable[int]) -> "Table":
        """Return a table of some of the columns."""
        places = list(places)
        made = Table.__new__(Table)
        made.put(self.parts(places), self.names.chosen(places))
        made.numbers = made.numbers if places else np.zeros((len(self), 0))
        return made

    @property
    def values(self) -> np.ndarray:
        """The plain array."""
        made = np.array(self.numbers)
        return made.view(Words) if self.names.told.compares and made.dtype.kind in "iu" else made

    def to_numpy(self, dtype: Any = None, *_: Any, **__: Any) -> np.ndarray:
        """Return the plain array."""
        return self.values if dtype is None else np.array(self.numbers, dtype)

    as_matrix = get_values = to_records = to_numpy

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.numbers.size

    ndim = 2

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.numbers.size == 0

    @property
    def dtypes(self) -> Row:
        """Of which kind the columns are."""
        kinds = self.kinds or (self.numbers.dtype,) * self.shape[1]
        made = np.empty(len(kinds), object)
        made[:] = kinds
        return row(made, self.names)

    @property
    def dtype(self) -> np.dtype:
        """Of which kind all numbers are."""
        return self.numbers.dtype

    @property
    def index(self) -> Index:
        """The numbers of the rows."""
        return np.arange(len(self)).view(Index)

    @index.setter
    def index(self, _: Any) -> None: ...

    @property
    def columns(self) -> ColumnNames:
        """The names of the columns."""
        return ColumnNames(self.names, self.names)

    @columns.setter
    def columns(self, words: Iterable[Any]) -> None:
        self.call_columns(list(words))

    def keys(self) -> ColumnNames:
        """Return the names of the columns."""
        return self.columns

    @property
    def T(self) -> "Table":
        """The table with rows and columns exchanged."""
        return Table.of(self.numbers.T)

    def transpose(self, *_: Any) -> "Table":
        """Return the table with rows and columns exchanged."""
        return self.T

    def dot(self, other: Any) -> Any:
        """Return the product with a matrix."""
        return self.remade(np.dot(self.numbers, plain(other)))

    @property
    def iloc(self) -> Places:
        """What rows and columns are taken from by their places."""
        return Places(self, by_name=False)

    @property
    def loc(self) -> Places:
        """What rows and columns are taken from by their names."""
        return Places(self, by_name=True)

    iat, at, ix = iloc, loc, loc

    def iterrows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with its number."""
        return ((place, self.row(place)) for place in range(len(self)))

    def itertuples(self, *_: Any, index: bool = True, **__: Any) -> Iterator[Any]:
        """Yield each row, which begins with its number."""
        told = Told(self.names.told.attributes | {"index"}, self.names.told.labels)
        number = named(["Index"])
        names = Names(number.entries * index + self.names.entries, told, self.names.words)
        return (
            row(np.array([place] * index + list(values)), names) for place, values in enumerate(self.numbers.tolist())
        )

    def items(self) -> Iterator[tuple[Any, Column]]:
        """Yield the name of each column, and the column."""
        return ((name, self.column(place)) for place, name in enumerate(self.names))

    iteritems = items

    def get(self, name: Any, default: Any = None) -> Any:
        """Return a column, if it may be there."""
        return self[name] if not self.names.is_complete or name in self else default

    def to_dict(self, orient: str = "dict", *_: Any, **__: Any) -> Any:
        """Return the numbers by the names of the columns."""
        if orient == "records":
            return [dict(zip(self.names, values, strict=True)) for values in self.numbers.tolist()]
        return {name: column.tolist() if orient == "list" else column.to_dict() for name, column in self.items()}

    @property
    def plot(self) -> Stub:
        """What draws nothing."""
        return Stub("plot")

    hist = boxplot = style = plot


def _parts(data: Any, columns: Any, count: int) -> tuple[list[np.ndarray], list[Any] | None]:
    """Return the columns that `pandas.DataFrame` makes of what it is handed, and their names, if they have any."""
    words = None if columns is None else list(columns)
    if isinstance(data, Table):
        data = dict(data.items())
    if isinstance(data, Sequence) and data and all(isinstance(one, Mapping) for one in data):
        data = {name: [one.get(name, 0) for one in data] for name in data[0]}
    if isinstance(data, Mapping):
        words = list(data) if words is None else words
        length = max((len(part) for part in data.values() if np.ndim(part) > 0), default=max(count, 1))
        given = [data.get(word, 0) for word in words]
        return [numbers_for(np.full(length, part) if np.ndim(part) == 0 else plain(part)) for part in given], words
    if data is None:
        return [np.zeros(count) for _ in words or ()], words
    if isinstance(data, Column) and words is None and data.name is not None:
        words = [data.name]
    rows = plain(data)
    if isinstance(rows, list | tuple):  # each column may be of its own kind
        rows = [list(one) if isinstance(one, tuple) else one for one in rows]
    mixed = np.asarray(rows)
    if mixed.ndim == 1:
        mixed = mixed[:, None]
    if mixed.dtype.kind in "USO" and isinstance(rows, list):
        width = len(rows[0]) if np.ndim(rows[0]) else 1
        return [
            numbers_for([one[place] for one in rows] if width > 1 else mixed[:, 0]) for place in range(width)
        ], words
    return [numbers_for(mixed[:, place]) for place in range(mixed.shape[1])], words
