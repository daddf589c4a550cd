"""One column of a table: an array that bears being asked for what a series of pandas has."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from crosscheck.recognise.frames.arithmetic import function_of, plain, ufunc_of
from crosscheck.recognise.frames.entries import Entries
from crosscheck.recognise.frames.moments import Moments
from crosscheck.recognise.frames.texts import Texts
from crosscheck.recognise.frames.words import Entry, Words, is_word, numbers_for, replaced
from crosscheck.recognise.stubs import Stub


class Column(Entries, Moments, np.ndarray):
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
            made = replaced(self.plain_array(), how)
            is_whole = bool(how) and all(type(value) is int for value in how.values()) and made.dtype.kind == "f"
            return self.remade(made.astype(int) if is_whole and np.array_equal(made, np.floor(made)) else made)
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
