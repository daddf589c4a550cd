"""Entries, rows and columns by their places, `iloc`, or by their names, `loc`."""

from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.columns import ColumnNames


class EntryPlaces:
    """`column.loc`: slices hold both their ends."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, key: Any) -> Any:
        return self._column[_with_end(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._column[_with_end(key)] = value


def _with_end(key: Any) -> Any:
    """Return a slice of numbers that ends behind its last one."""
    if isinstance(key, slice) and isinstance(key.stop, int) and key.stop >= 0:
        return slice(key.start, key.stop + 1, key.step)
    return key


class Places:
    """`table.loc` and `table.iloc`: slices of names hold both their ends."""

    def __init__(self, table: Any, *, by_name: bool) -> None:
        self._table, self._by_name = table, by_name

    def __getitem__(self, key: Any) -> Any:
        rows, columns = self._both(key)
        if isinstance(columns, int):
            return self._table.column(columns)[self._rows(rows)]
        table = self._table if columns is None else self._table.chosen(columns)
        if _is_place(rows):
            return table.row(int(rows))
        return table.rows(self._rows(rows))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, tuple) and isinstance(key[-1], str) and self._table.names.is_complete:
            self._table.setdefault(key[-1])
        rows, columns = self._both(key)
        if _is_place(rows) and int(rows) == len(self._table):
            self._table.add_row(value)
            return
        places = range(self._table.shape[1]) if columns is None else [columns] if isinstance(columns, int) else columns
        self._table.write(self._rows(rows), list(places), value)

    def __call__(self, *_: Any, **__: Any) -> "Places":
        """Return itself, whatever the axis is."""
        return self

    def _both(self, key: Any) -> tuple[Any, Any]:
        """Return which rows are meant and which columns: their places, one place, or None of all."""
        if not isinstance(key, tuple):
            return key, None
        rows, columns = (*key, slice(None))[:2]
        return rows, self._columns(columns)

    def _columns(self, key: Any) -> Any:
        count = self._table.shape[1]
        if isinstance(key, slice):
            if not (self._by_name and any(end is not None for end in (key.start, key.stop))):
                return list(range(count))[key]
            names = self._table.names
            first = 0 if key.start is None else names.place(key.start)
            last = count - 1 if key.stop is None else names.place(key.stop)
            return list(range(first, max(last, first) + 1, key.step or 1))
        if isinstance(key, str) or np.ndim(key) == 0:
            return self._place(key)
        if not isinstance(key, ColumnNames) and np.asarray(key).dtype == bool:
            return np.flatnonzero(np.asarray(key)).tolist()
        return [self._place(one) for one in key]

    def _place(self, key: Any) -> int:
        if isinstance(key, str) or self._by_name:
            return self._table.names.place(key)
        return range(self._table.shape[1])[min(int(key), self._table.shape[1] - 1)]

    def _rows(self, key: Any) -> Any:
        return _with_end(key) if self._by_name and isinstance(key, slice) else plain(key)


def _is_place(key: Any) -> bool:
    return isinstance(key, int | np.integer) and not isinstance(key, bool)
