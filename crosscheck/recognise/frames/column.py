"""One column of a table: an array that bears being asked for what a series of pandas has."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from crosscheck.recognise.frames.arithmetic import function_of, plain, ufunc_of
from crosscheck.recognise.frames.moments import Moments
from crosscheck.recognise.frames.windows import Window
from crosscheck.recognise.frames.words import Entry, Words, is_word, numbers_for, replaced
from crosscheck.recognise.stubs import Stub


class Column(Moments, np.ndarray):
    """One column of a table."""

    name: Any = None
    words: dict[str, int] | None = None
    """The numbers that stand for text, in the table that the column was read from; None of what was computed"""
    compares: bool = False
    """Whether the program compares plain arrays with text"""

    def __new__(cls, data: Any = (), index: Any = None, name: Any = None, **options: Any) -> Self:
        """Return a column of given numbers, as `pandas.Series` does."""
        if isinstance(data, Mapping):
            return _of_names(data)
        data = np.full(len(index), data) if np.ndim(data) == 0 and index is not None else plain(data)
        numbers = numbers_for(list(data) if isinstance(data, range) else data)
        dtype = options.get("dtype")
        made = np.atleast_1d(numbers.astype(dtype) if _is_of_numbers(dtype) else np.array(numbers)).view(cls)
        made.name = name
        return made

    def __array_finalize__(self, made_of: Any) -> None:
        self.name = getattr(made_of, "name", None)

    def plain_array(self) -> np.ndarray:
        """Return the array that it is."""
        return self.view(np.ndarray)

    def become(self, values: Any) -> None:
        """Hold other numbers, as far as its own kind of numbers can."""
        np.copyto(self.plain_array(), plain(values), casting="unsafe")

    def filled(self, values: Any) -> Self:
        """Hold other numbers, and return itself."""
        self.become(values)
        return self

    def remade(self, values: Any) -> Any:
        """Return a column of other numbers; what has other axes is an ordinary array."""
        if type(values) is not np.ndarray or values.ndim != 1:
            return values
        made = values.view(Column)
        made.name = self.name
        return made

    def __array_ufunc__(self, function: np.ufunc, method: str, *given: Any, out: Any = None, **options: Any) -> Any:
        kinds = {type(value) for value in given if isinstance(value, Column)}
        if any(hasattr(type(value), "columns") for value in given):
            return NotImplemented  # of a table: that knows what becomes of both
        if any(issubclass(kind, type(self)) and kind is not type(self) for kind in kinds):
            return NotImplemented  # a row keeps its names
        if out is not None and out[0] is self:  # `column /= 9` of whole numbers is a column of others
            found = ufunc_of(function, method, given, None, options)
            return self.remade(found) if not np.can_cast(found.dtype, self.dtype, "same_kind") else self.filled(found)
        found = ufunc_of(function, method, given, out, options)
        return found if out is not None else self.remade(found)

    def __array_function__(self, function: Any, _: Any, given: Any, named: Any) -> Any:
        return function_of(function, given, named)

    def _code(self, other: Any) -> Any:
        if isinstance(other, str):
            words = self.words if self.words is not None else {}
            return words.setdefault(other, len(words) if len(words) > 1 else 1 - len(words))
        return other

    def _compared(self, how: np.ufunc, other: Any) -> Any:
        return how(self, other)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, str):
            return self.remade(is_word(self.plain_array(), self._code(other)))
        return self._compared(np.equal, other)

    def __ne__(self, other: object) -> Any:
        return ~(self == other) if isinstance(other, str) else self._compared(np.not_equal, other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __iter__(self) -> Iterator[Any]:
        if self.words is not None and self.dtype.kind in "iu":
            return iter([Entry(number) for number in self.plain_array()])
        return iter(self.plain_array())

    def __getitem__(self, key: Any) -> Any:
        found = self.plain_array()[plain(key)]
        return self._kept(found)

    def _kept(self, values: Any) -> Any:
        """Return numbers of its own, some or all of them: text stands for the same in them."""
        made = self.remade(values)
        if isinstance(made, Column):
            made.words, made.compares = self.words, self.compares
        return made

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, str):
            value = self._code(value)
        self.plain_array()[plain(key)] = plain(value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a column has no {name!r}")

    @property
    def values(self) -> np.ndarray:
        """The plain array."""
        made = np.array(self.plain_array())
        return made.view(Words) if self.compares and made.dtype.kind in "iu" else made

    array = values

    def to_numpy(self, dtype: Any = None, *_: Any, **__: Any) -> np.ndarray:
        """Return the plain array."""
        return self.values if dtype is None else np.array(self.plain_array(), dtype)

    as_matrix = get_values = ravel = flatten = to_numpy  # pyright: ignore[reportAssignmentType]

    def reshape(self, *shape: Any, **options: Any) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return an ordinary array."""
        return self.values.reshape(*shape, **options)

    def copy(self, *_: Any, **__: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a column of its own."""
        return self._kept(self.plain_array().copy())

    def tolist(self) -> list[Any]:
        """Return the numbers."""
        return list(self) if self.words is not None and self.dtype.kind in "iu" else self.plain_array().tolist()

    to_list = tolist

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return it as another kind of numbers; it remains what it is where it should be text or a category."""
        is_number = _is_of_numbers(dtype)
        return self._kept(self.plain_array().astype(dtype) if is_number else self.plain_array().copy())

    def apply(self, function: Any, *_: Any, args: tuple[Any, ...] = (), **named: Any) -> Any:
        """Return what a function makes of each number; the numbers themselves where it is meant for text."""
        if isinstance(function, Stub | str):
            return getattr(self, function)() if isinstance(function, str) else self
        try:
            made = np.array([function(value, *args, **named) for value in self])
        except (TypeError, AttributeError, ValueError, KeyError, IndexError):
            return self
        if made.dtype.kind not in "biuf" or made.shape != self.shape or not np.isfinite(made).all():
            return self
        return self.remade(made)

    def map(self, how: Any, *_: Any, **__: Any) -> Any:
        """Return what a function or a dictionary makes of each number."""
        if isinstance(how, Mapping):
            return self.remade(replaced(self.plain_array(), how))
        return self.apply(how)

    def replace(
        self, what: Any = None, by: Any = None, *, inplace: bool = False, value: Any = None, **named: Any
    ) -> Any:
        """Return it with some numbers replaced by others."""
        what, by = named.get("to_replace", what), value if by is None else by
        if isinstance(what, list | tuple):
            pairs = dict(zip(what, by if isinstance(by, list | tuple) else [by] * len(what), strict=False))
        else:
            pairs = what if isinstance(what, Mapping) else {what: by}
        return self._made(self.remade(replaced(self.plain_array(), pairs)), inplace=inplace)

    def _made(self, values: Any, *, inplace: bool) -> Any:
        """Return other numbers, or hold them and return nothing."""
        if inplace:
            self.become(values)
            return None
        return values

    def _as_it_is(self, *_: Any, inplace: bool = False, **__: Any) -> Any:
        """Return itself: nothing is missing in it."""
        return None if inplace else self.copy()

    fillna = dropna = ffill = bfill = interpolate = drop = rename = _as_it_is
    sort_index = drop_duplicates = infer_objects = convert_dtypes = _as_it_is
    to_csv = to_excel = to_json = to_pickle = info = lambda *_, **__: None

    def reset_index(self, *_: Any, drop: bool = False, **__: Any) -> Any:
        """Return itself, or a table with the numbers of the rows beside it."""
        if drop:
            return self.copy()
        from crosscheck.recognise.frames.table import Table

        return Table({"index": np.arange(len(self)), self.name or 0: self.plain_array()})

    def to_frame(self, name: Any = None) -> Any:
        """Return a table of this one column."""
        from crosscheck.recognise.frames.table import Table

        return Table({name or self.name or 0: self.plain_array()})

    def unique(self) -> np.ndarray:
        """Return its different entries."""
        return np.unique(self.plain_array())

    def nunique(self, *_: Any, **__: Any) -> int:
        """Return how many different entries there are."""
        return len(self.unique())

    def value_counts(self, *_: Any, normalize: bool = False, **__: Any) -> Any:
        """Return how often each entry occurs, most frequent first."""
        from crosscheck.recognise.frames.row import row

        values, counts = np.unique(self.plain_array(), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return row(counts[order] / len(self) if normalize else counts[order], values[order].tolist())

    def isin(self, values: Any) -> Any:
        """Tell of each entry whether it is among some."""
        return self.remade(np.isin(self.plain_array(), [self._code(value) for value in values]))

    def isnull(self) -> Any:
        """Tell of each entry whether it is missing: none is."""
        return self.remade(np.zeros(len(self), bool))

    isna = duplicated = isnull

    def notnull(self) -> Any:
        """Tell of each entry whether it is there."""
        return self.remade(np.ones(len(self), bool))

    notna = notnull

    def head(self, count: int = 5) -> Any:
        """Return the first entries."""
        return self[:count]

    def tail(self, count: int = 5) -> Any:
        """Return the last entries."""
        return self[-count:]

    def sample(self, n: int | None = None, frac: float = 1.0, **_: Any) -> Any:
        """Return some of the entries."""
        return self[: n if n is not None else round(frac * len(self))]

    def sort_values(self, *_: Any, ascending: bool = True, inplace: bool = False, **__: Any) -> Any:
        """Return the entries in their order."""
        made = np.sort(self.plain_array())
        return self._made(self._kept(made if ascending else made[::-1]), inplace=inplace)

    def nlargest(self, count: int = 5, *_: Any) -> Any:
        """Return the largest entries."""
        return self.sort_values(ascending=False)[:count]

    def nsmallest(self, count: int = 5, *_: Any) -> Any:
        """Return the smallest entries."""
        return self.sort_values()[:count]

    def shift(self, periods: int = 1, *_: Any, **__: Any) -> Any:
        """Return the entry of some rows before; of the first row where there is none."""
        return self.remade(self.plain_array()[np.clip(np.arange(len(self)) - periods, 0, len(self) - 1)])

    def diff(self, periods: int = 1) -> Any:
        """Return by how much each entry is more than one before."""
        return self.remade(self.plain_array() - self.shift(periods).plain_array())

    def pct_change(self, periods: int = 1, **_: Any) -> Any:
        """Return by what share each entry is more than one before; nothing of zero."""
        before = self.shift(periods).plain_array()
        return self.remade(self.diff(periods).plain_array() / np.where(before == 0, 1, before))

    def rolling(self, window: int = 1, *_: Any, **__: Any) -> Window:
        """Return what computes of each entry and those before it."""
        return Window(self, window)

    def expanding(self, *_: Any, **__: Any) -> Window:
        """Return what computes of each entry and all before it."""
        return Window(self, len(self))

    ewm = expanding

    def factorize(self, *_: Any, **__: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers of the entries in their order, and the different entries."""
        values, codes = np.unique(self.plain_array(), return_inverse=True)
        return codes, values

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Yield the number of each row, and its entry."""
        return iter(list(enumerate(self)))

    iteritems = items

    def to_dict(self) -> dict[Any, Any]:
        """Return the entries by the numbers of their rows."""
        return dict(self.items())

    def groupby(self, key: Any, *_: Any, **__: Any) -> Any:
        """Return its entries in groups."""
        from crosscheck.recognise.frames.groups import Groups
        from crosscheck.recognise.frames.table import Table

        return Groups(Table({self.name or 0: self.plain_array()}), np.asarray(key), column=0)

    def where(self, mask: Any, other: Any = 0, **_: Any) -> Any:
        """Return its entries where something holds, and others elsewhere."""
        mask = mask(self) if isinstance(mask, Callable) else mask
        return self.remade(np.where(plain(mask), self.plain_array(), plain(other)))

    def mask(self, mask: Any, other: Any = 0, **_: Any) -> Any:
        """Return other entries where something holds."""
        return self.where(~np.asarray(mask), other)

    def append(self, other: Any, *_: Any, **__: Any) -> Any:
        """Return the entries of both."""
        return self.remade(np.concatenate([self.plain_array(), np.atleast_1d(plain(other))]))

    @property
    def index(self) -> np.ndarray:
        """The numbers of its rows."""
        return np.arange(len(self)).view(Index)

    @index.setter
    def index(self, _: Any) -> None: ...

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return len(self) == 0

    @property
    def str(self) -> "Texts":
        """What works on each of the texts that it stands for."""
        return Texts(self)

    dt = cat = str  # noqa: A003 - theirs

    @property
    def loc(self) -> Any:
        """What entries are taken from."""
        from crosscheck.recognise.frames.places import EntryPlaces

        return EntryPlaces(self)

    at = loc

    @property
    def iloc(self) -> Any:
        """What entries are taken from by their places."""
        return self

    iat = iloc

    @property
    def plot(self) -> Stub:
        """What draws nothing."""
        return Stub("plot")

    hist = boxplot = plot


def _of_names(numbers: Mapping[Any, Any]) -> Any:
    from crosscheck.recognise.frames.row import row

    return row(numbers_for(list(numbers.values())), list(numbers))


def _is_of_numbers(dtype: Any) -> bool:
    """Tell whether a kind is one of numbers."""
    try:
        return dtype is not None and np.dtype(dtype).kind in "biufc"
    except TypeError:
        return False


class Index(Column):
    """The numbers of rows."""

    def get_loc(self, number: Any) -> Any:
        """Return the place of a row."""
        return number


class Texts:
    """`column.str`, `column.dt` and `column.cat`: what they make of a column is the column."""

    def __init__(self, column: Column) -> None:
        self._column = column

    @property
    def codes(self) -> Any:
        """The numbers of its classes."""
        return self._column.remade(self._column.factorize()[0])

    @property
    def categories(self) -> np.ndarray:
        """Its classes."""
        return self._column.unique()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Text(self._column, name)

    def __getitem__(self, _: Any) -> Any:
        return self._column


class _Text:
    """A method or an attribute of text: `column.str.strip()`, `column.dt.year`."""

    def __init__(self, column: Column, name: str) -> None:
        self._column, self._name = column, name

    def __call__(self, *given: Any, **_: Any) -> Any:
        """Return the column, or whether a text is found in it."""
        if self._name in ("contains", "startswith", "endswith", "match") and given:
            return self._column == str(given[0])
        return self._column

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._column.plain_array(), dtype, copy=copy)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._column, name)

    def __getitem__(self, key: Any) -> Any:
        return self._column[key]

    def __len__(self) -> int:
        return len(self._column)
