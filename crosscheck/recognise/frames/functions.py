"""The functions of pandas that make tables and columns, or compute with them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.column import Column, Index
from crosscheck.recognise.frames.columns import ColumnNames
from crosscheck.recognise.frames.names import Names
from crosscheck.recognise.frames.table import Table
from crosscheck.recognise.frames.words import numbers_for


def column(values: Any) -> Column:
    """Return a column of what is none yet."""
    return values if isinstance(values, Column) else Column(np.ravel(numbers_for(plain(values))))


def concat(parts: Any, *_: Any, axis: Any = 0, **__: Any) -> Any:
    """Return tables and columns below or beside one another."""
    parts = list(parts.values() if isinstance(parts, Mapping) else parts)
    if axis in (1, "columns"):
        tables = [part if isinstance(part, Table) else _of_one(part) for part in parts]
        length = min(map(len, tables))
        entries = tuple(entry for table in tables for entry in table.names.entries)
        made = Table.__new__(Table)
        known = next((table.names for table in tables if not table.names.is_complete), tables[0].names)
        names = Names(entries, known.told, known.words, is_complete=known.is_complete)
        made.put([part[:length] for table in tables for part in table.parts()], names)
        return made
    if all(isinstance(part, Column) for part in parts):
        return parts[0].remade(np.concatenate([part.plain_array() for part in parts]))
    parts = [part for part in parts if np.size(part)]
    first = next(part for part in parts if isinstance(part, Table))
    return first.like(np.vstack([np.atleast_2d(plain(part)) for part in parts]))


def _of_one(part: Any) -> Table:
    made = Table({0: np.asarray(part)})
    name = getattr(part, "name", None)
    return made.rename(columns={0: name}) if name is not None else made


def get_dummies(
    values: Any, *_: Any, columns: Any = None, drop_first: bool = False, prefix: Any = None, **__: Any
) -> Any:
    """Return rows with a single one for each different entry, in place of some columns of a table."""
    first = int(drop_first)
    if not isinstance(values, Table):
        made = column(values)
        words = made.unique().tolist()
        ones = (made.plain_array()[:, None] == made.unique()).astype(float)[:, first:]
        return Table(ones, columns=[f"{prefix}_{word}" if prefix else word for word in words[first:]])
    if columns is None:
        return values.copy()  # there is no text in it
    names = [columns] if isinstance(columns, str) else list(columns)
    coded = [get_dummies(values[name], drop_first=drop_first, prefix=name) for name in names]
    return concat([values.drop(columns=names) if _is_known(values, names) else values, *coded], axis=1)


def _is_known(table: Table, names: Iterable[Any]) -> bool:
    return any(table.names.known(name) is not None for name in names)


def factorize(values: Any, *_: Any, **__: Any) -> tuple[np.ndarray, Any]:
    """Return numbers of the entries in their order, and the different entries."""
    codes, different = column(values).factorize()
    return codes, different


def cut(values: Any, bins: Any = 3, *_: Any, **__: Any) -> Any:
    """Return the number of the interval in which each entry lies."""
    made = column(values)
    numbers = made.plain_array()
    edges = np.linspace(numbers.min(), numbers.max(), bins + 1)[1:-1] if isinstance(bins, int) else list(bins)[1:-1]
    return made.remade(np.digitize(numbers, edges))


def qcut(values: Any, count: Any = 4, *_: Any, **__: Any) -> Any:
    """Return the number of the quantile in which each entry lies."""
    made = column(values)
    return made.remade(made.plain_array().argsort().argsort() * (count if isinstance(count, int) else 4) // len(made))


def merge(left: Table, right: Any, *_: Any, **__: Any) -> Any:
    """Return the columns of both, side by side."""
    return left.merge(right)


def missing(values: Any) -> Any:
    """Tell of what is missing: nothing is."""
    return values.isnull() if hasattr(values, "isnull") else np.zeros(np.shape(values), bool)[()]


def there(values: Any) -> Any:
    """Tell of what is there: all is."""
    return values.notnull() if hasattr(values, "notnull") else np.ones(np.shape(values), bool)[()]


def to_numeric(values: Any, *_: Any, **__: Any) -> Any:
    """Return numbers, which they are already."""
    return values if isinstance(values, Column | Table) else Column(values)


def date_range(*_: Any, periods: int = 5, **__: Any) -> Index:
    """Return numbers in place of days."""
    return np.arange(periods).view(Index)


class Categorical(Column):
    """Entries of which each is one of a few."""

    @property
    def codes(self) -> np.ndarray:
        """The numbers of the entries in their order."""
        return self.factorize()[0]


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def functions(read: Callable[..., Any]) -> dict[str, Any]:
    """Return what pandas offers, by name; `read` makes a table in place of a file."""
    readers = ("csv", "table", "excel", "json", "fwf", "parquet", "pickle", "sql", "feather", "hdf", "sql_query")
    return {
        **{f"read_{kind}": read for kind in readers},
        "DataFrame": Table,
        "Series": Column,
        "Index": ColumnNames,
        "Categorical": Categorical,
        "concat": concat,
        "merge": merge,
        "get_dummies": get_dummies,
        "to_numeric": to_numeric,
        "to_datetime": to_numeric,
        "factorize": factorize,
        "cut": cut,
        "qcut": qcut,
        "isna": missing,
        "isnull": missing,
        "notna": there,
        "notnull": there,
        "unique": lambda values: column(values).unique(),
        "value_counts": lambda values, **_: column(values).value_counts(),
        "date_range": date_range,
        "set_option": nothing,
        "reset_option": nothing,
        "np": np,
        "NA": 0,
        "NaT": 0,
    }
