"""What is computed of a table as a whole: of its columns, of its rows, and of groups of rows."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.groups import Groups
from crosscheck.recognise.frames.moments import OPERATIONS, operation
from crosscheck.recognise.frames.names import Names
from crosscheck.recognise.frames.row import row
from crosscheck.recognise.frames.windows import Window
from crosscheck.recognise.frames.words import replaced
from crosscheck.recognise.stubs import Stub


class Summaries:
    """The part of a table that computes."""

    numbers: np.ndarray
    names: Names

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns there are."""
        return self.numbers.shape  # pyright: ignore[reportReturnType]

    remade: Callable[[Any], Any]
    like: Callable[[Any], Any]
    rows: Callable[[Any], Any]
    row: Callable[[int], Any]
    chosen: Callable[..., Any]
    column: Callable[[int], Any]
    put: Callable[..., None]
    _made: Callable[..., Any]

    def along(self, axis: Any, function: Callable[..., Any]) -> Any:
        """Return what a function makes of each column, with their names, or of each row."""
        if axis in (1, "columns"):
            return self.remade(np.asarray(function(self.numbers, axis=1)))
        return row(np.asarray(function(self.numbers, axis=0)), self.names)

    def std(self, axis: Any = 0, *_: Any, ddof: int = 1, **__: Any) -> Any:
        """Return the standard deviations of samples."""
        return self.along(axis, lambda numbers, axis: np.std(numbers, axis=axis, ddof=ddof))

    def var(self, axis: Any = 0, *_: Any, ddof: int = 1, **__: Any) -> Any:
        """Return the variances of samples."""
        return self.along(axis, lambda numbers, axis: np.var(numbers, axis=axis, ddof=ddof))

    def median(self, axis: Any = 0, *_: Any, **__: Any) -> Any:
        """Return the medians."""
        return self.along(axis, np.median)

    def quantile(self, share: float = 0.5, axis: Any = 0, **_: Any) -> Any:
        """Return what a share of the numbers is below."""
        return self.along(axis, lambda numbers, axis: np.quantile(numbers, share, axis=axis))

    def count(self, axis: Any = 0, **_: Any) -> Any:
        """Return how many numbers there are."""
        return self.along(axis, lambda numbers, axis: np.full(numbers.shape[1 - axis], numbers.shape[axis]))

    def nunique(self, **_: Any) -> Any:
        """Return how many different numbers there are in each column."""
        return row(np.array([len(np.unique(part)) for part in self.numbers.T]), self.names)

    def idxmax(self, axis: Any = 0, **_: Any) -> Any:
        """Return where the largest numbers are."""
        return self.along(axis, np.argmax)

    def mode(self, *_: Any, **__: Any) -> Any:
        """Return the most frequent number of each column, as a table of one row."""
        found = [self.column(place).mode()[0] for place in range(self.shape[1])]
        return self.like(np.array([found]))

    def describe(self, *_: Any, **__: Any) -> Any:
        """Return the moments of each column."""
        return self.like(np.stack([self.column(n).describe().plain_array() for n in range(self.shape[1])], 1))

    def corr(self, *_: Any, **__: Any) -> Any:
        """Return how far the columns go along with one another."""
        return self.like(np.nan_to_num(np.atleast_2d(np.corrcoef(self.numbers.T))))

    def cov(self, *_: Any, **__: Any) -> Any:
        """Return the covariances of the columns."""
        return self.like(np.atleast_2d(np.cov(self.numbers.T)))

    def isnull(self) -> Any:
        """Tell of each number whether it is missing: none is."""
        return self.like(np.zeros(self.shape, bool))

    isna = isnull

    def notnull(self) -> Any:
        """Tell of each number whether it is there."""
        return self.like(np.ones(self.shape, bool))

    notna = notnull

    def isin(self, values: Any) -> Any:
        """Tell of each number whether it is among some."""
        return self.like(np.isin(self.numbers, [value for value in values if not isinstance(value, str)]))

    def duplicated(self, *_: Any, **__: Any) -> Any:
        """Tell of each row whether it was there before: none was."""
        return self.remade(np.zeros(len(self.numbers), bool))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Return it with other kinds of numbers."""
        how = dtype if isinstance(dtype, Mapping) else dict.fromkeys(self.names, dtype)
        parts = [self.column(place) for place in range(self.shape[1])]
        made = self.rows(slice(None))
        made.put([p.astype(how.get(n)).plain_array() for n, p in zip(self.names, parts, strict=True)], self.names)
        return made

    def copy(self, *_: Any, **__: Any) -> Any:
        """Return a table of its own."""
        made = self.rows(slice(None))
        made.numbers = self.numbers.copy()
        return made

    def _as_it_is(self, *_: Any, inplace: bool = False, **__: Any) -> Any:
        """Return itself: nothing is missing in it."""
        return None if inplace else self.copy()

    dropna = fillna = ffill = bfill = interpolate = drop_duplicates = reset_index = sort_index = _as_it_is
    infer_objects = convert_dtypes = reindex = query = to_frame = set_axis = _as_it_is
    info = to_csv = to_excel = to_json = to_pickle = to_sql = to_html = lambda *_, **__: None

    def to_string(self, *_: Any, **__: Any) -> str:
        """Return its numbers as text."""
        return str(self.numbers)

    def set_index(self, keys: Any, *_: Any, inplace: bool = False, **__: Any) -> Any:
        """Return the table without a column that tells the rows apart, if it was ever asked for."""
        gone = {self.names.known(key) for key in ([keys] if isinstance(keys, str | int) else list(keys))}
        left = [place for place in range(self.shape[1]) if place not in gone]
        return self._made(self.chosen(left), inplace=inplace)

    def replace(self, what: Any = None, by: Any = None, *, inplace: bool = False, **named: Any) -> Any:
        """Return it with some numbers replaced by others, or with those of some columns."""
        what, by = named.get("to_replace", what), named.get("value", by)
        made = self.copy()
        if isinstance(what, Mapping) and any(isinstance(pairs, Mapping) for pairs in what.values()):
            for name, pairs in what.items():
                made[name] = made[name].replace(pairs)
        elif isinstance(what, int | float):
            made.numbers = replaced(self.numbers, {what: by})
        return self._made(made, inplace=inplace)

    def head(self, count: int = 5) -> Any:
        """Return the first rows."""
        return self.rows(slice(0, count))

    def tail(self, count: int = 5) -> Any:
        """Return the last rows."""
        return self.rows(slice(-count, None))

    def sample(self, n: int | None = None, frac: float | None = None, **_: Any) -> Any:
        """Return some of the rows."""
        count = (
            len(self.numbers) if n is None and frac is None else n if frac is None else round(frac * len(self.numbers))
        )
        return self.rows(slice(0, count))

    def take(self, places: Any, axis: int = 0, **_: Any) -> Any:
        """Return some of the rows, or of the columns."""
        return self.chosen(places) if axis else self.rows(np.asarray(places))

    def sort_values(self, by: Any = 0, *_: Any, ascending: Any = True, inplace: bool = False, **__: Any) -> Any:
        """Return the rows in the order of a column."""
        first = by[0] if isinstance(by, list) else by
        order = np.argsort(self.numbers[:, self.names.place(first) % self.shape[1]], kind="stable")
        return self._made(self.rows(order if ascending else order[::-1]), inplace=inplace)

    def apply(self, function: Any, axis: Any = 0, *_: Any, **named: Any) -> Any:
        """Return what a function makes of each column, or of each row."""
        if isinstance(function, str):
            return getattr(self, function)(axis=axis)
        if isinstance(function, Stub):
            return self.copy()
        of_rows = axis in (1, "columns")
        parts = (
            [self.row(n) for n in range(len(self.numbers))] if of_rows else [*map(self.column, range(self.shape[1]))]
        )
        found = [function(part, **named) for part in parts]
        if all(np.ndim(one) == 0 for one in found):
            return self.remade(np.array(found)) if of_rows else row(np.array(found), self.names)
        return self.like(np.stack([np.asarray(one) for one in found], 0 if of_rows else 1))

    transform = apply
    agg = aggregate = lambda self, how, *_, **__: self.describe() if isinstance(how, list | dict) else self.apply(how)

    def applymap(self, function: Callable[[Any], Any], *_: Any, **__: Any) -> Any:
        """Return what a function makes of each number."""
        return self.apply(lambda column: column.apply(function))

    map = applymap

    def pipe(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what a function makes of the table."""
        return function(self, *given, **named)

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> Any:
        """Return the columns of some kinds: all hold numbers."""
        kinds = include if isinstance(include, list | tuple) else [include]
        wants_text = any(str(kind) in ("object", "category", "O", "bool", "<class 'object'>") for kind in kinds)
        del exclude
        return self.chosen([] if wants_text and len(kinds) == 1 else range(self.shape[1]))

    def filter(self, items: Any = None, like: str = "", regex: str = "", **_: Any) -> Any:
        """Return some of the columns."""
        del like, regex
        return self.copy() if items is None else self.chosen([self.names.place(name) for name in items])

    def where(self, mask: Any, other: Any = 0, **_: Any) -> Any:
        """Return its numbers where something holds, and others elsewhere."""
        return self.like(np.where(np.asarray(mask), self.numbers, plain(other)))

    def clip(self, lower: Any = None, upper: Any = None, **_: Any) -> Any:
        """Return its numbers within bounds."""
        return self.like(np.clip(self.numbers, lower, upper))

    def abs(self) -> Any:
        """Return absolute values."""
        return self.like(np.abs(self.numbers))

    def round(self, decimals: int = 0, *_: Any) -> Any:
        """Return rounded numbers."""
        return self.like(np.round(self.numbers, decimals if isinstance(decimals, int) else 0))

    def cumsum(self, *_: Any, **__: Any) -> Any:
        """Return sums of all rows up to each."""
        return self.like(np.cumsum(self.numbers, 0))

    def shift(self, periods: int = 1, *_: Any, **__: Any) -> Any:
        """Return the row of some rows before; the first where there is none."""
        return self.rows(np.clip(np.arange(len(self.numbers)) - periods, 0, len(self.numbers) - 1))

    def diff(self, periods: int = 1, **_: Any) -> Any:
        """Return by how much each row is more than one before."""
        return self.like(self.numbers - self.shift(periods).numbers)

    def pct_change(self, periods: int = 1, **_: Any) -> Any:
        """Return by what share each row is more than one before; nothing of zero."""
        before = self.shift(periods).numbers
        return self.like((self.numbers - before) / np.where(before == 0, 1, before))

    def rolling(self, window: int = 1, *_: Any, **__: Any) -> Window:
        """Return what computes of each row and those before it."""
        return Window(self, window)

    def groupby(self, by: Any, *_: Any, **__: Any) -> Groups:
        """Return its rows in groups of one key."""
        first = by[0] if isinstance(by, list) else by
        if isinstance(first, str | int):
            place = self.names.place(first) % self.shape[1]
            return Groups(self, self.numbers[:, place], key=place)
        return Groups(self, np.asarray(first))

    def value_counts(self, *_: Any, **__: Any) -> Any:
        """Return how often each first entry occurs."""
        return self.column(0).value_counts()

    def append(self, other: Any, *_: Any, **__: Any) -> Any:
        """Return the rows of both."""
        made = self.copy()
        if isinstance(other, Mapping):
            made.add_row(other)
        else:
            made.numbers = np.vstack([self.numbers, np.atleast_2d(plain(other))])
        return made

    def merge(self, other: Any, *_: Any, **__: Any) -> Any:
        """Return the columns of both, side by side."""
        left = [place for place, name in enumerate(other.names) if self.names.known(name) is None]
        beside = other.chosen(left).rows(slice(0, len(self.numbers)))
        made = self.copy()
        parts = [self.column(n).plain_array()[: len(beside)] for n in range(self.shape[1])]
        entries = (*self.names.entries, *beside.names.entries)
        made.put([*parts, *beside.parts()], Names(entries, self.names.told, self.names.words))
        return made

    join = merge

    def equals(self, other: Any) -> bool:
        """Tell whether it holds the same numbers as another."""
        return np.array_equal(self.numbers, np.asarray(other))

    def memory_usage(self, *_: Any, **__: Any) -> Any:
        """Return how large the columns are."""
        return row(np.full(self.shape[1], self.numbers[:, :1].nbytes), self.names)


def _reduction(name: str) -> Callable[..., Any]:
    def reduced(self: Summaries, axis: Any = 0, *_: Any, **__: Any) -> Any:
        return self.along(axis, getattr(np, name))

    reduced.__doc__ = f"Return the {name} of each column, or of each row."
    return reduced


for _name in ("mean", "sum", "min", "max", "prod", "any", "all", "argmax", "argmin"):
    setattr(Summaries, _name, _reduction(_name))
for _name in OPERATIONS:
    setattr(Summaries, _name, operation(_name))
