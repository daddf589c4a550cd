"""What pandas tells of the entries of a column, counts, orders, moves and groups."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.windows import Window


class Entries:
    """The part of a column that is about single entries."""

    name: Any
    plain_array: Callable[[], np.ndarray]
    remade: Callable[[Any], Any]
    tolist: Callable[[], list[Any]]
    _kept: Callable[[Any], Any]
    _made: Callable[..., Any]
    _code: Callable[[Any], Any]

    def __len__(self) -> int:
        return len(self.plain_array())

    def __getitem__(self, key: Any) -> Any:
        return self._kept(self.plain_array()[plain(key)])

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
        return iter(list(enumerate(self.tolist())))

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
