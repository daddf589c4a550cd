"""Tables and their columns and rows: arrays that bear being asked for what pandas has."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LABELS = re.compile(r"^y|label|target|class|species|digit|outcome|diagnosis|survived", re.IGNORECASE)
"""What the first column of a table is called"""


@dataclass
class Names:
    """Which columns of a table have which names: the first is that of labels, others come as they are asked for.

    >>> names = Names(5)
    >>> [names.place(name) for name in ("price", "hours", "label", "price")]
    [1, 2, 0, 1]
    """

    count: int
    asked: frozenset[str] = frozenset()
    """What the program asks of rows: `points.iloc[i].hours`"""
    places: dict[str, int] = field(default_factory=dict)

    def place(self, name: str) -> int:
        """Return the place of a column: the last is that of no name while there are others."""
        if name not in self.places:
            others = [n for n in range(1, max(2, self.count - 1)) if n < self.count]
            free = [n for n in others or [0] if n not in self.places.values()]
            self.places[name] = 0 if LABELS.search(name) else (free or others or [0])[0]
        return self.places[name]


class _Named(np.ndarray):
    """An array of rows whose entries have names."""

    names: Names

    def __array_finalize__(self, made_of: Any) -> None:
        count = self.shape[-1] if self.ndim else 0
        names = getattr(made_of, "names", None)
        self.names = names if names is not None and names.count == count else Names(count)


class Column(_Named):
    """One column of a table."""

    @property
    def values(self) -> np.ndarray:
        """The plain array."""
        return np.array(self)

    def to_numpy(self, *_: Any, **__: Any) -> np.ndarray:
        """Return the plain array."""
        return np.array(self)

    toarray = to_numpy

    def apply(self, *_: Any, **__: Any) -> "Column":
        """Return itself: its labels are numbers already."""
        return self

    replace = apply
    map = apply

    def unique(self) -> np.ndarray:
        """Return its different entries."""
        return np.unique(np.asarray(self))

    def __eq__(self, other: object) -> Any:
        return np.asarray(self) == (1 if isinstance(other, str) else other)  # whatever the text is, it is one class

    def __ne__(self, other: object) -> Any:
        return ~(self == other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]


class Row(Column):
    """One row of a table, which has what it holds under the names that the program asks rows for."""

    def __getattr__(self, name: str) -> Any:
        if name.lower() not in self.names.asked:
            raise AttributeError(f"a row has no {name!r}")
        return np.asarray(self)[self.names.place(name)]


class Places(_Named):
    """The rows and columns of a table, by their numbers."""

    def __getitem__(self, key: Any) -> Any:
        found = np.asarray(self)[key]
        if np.ndim(found) == 0:
            return found
        is_row = isinstance(key, int | np.integer)
        made = found.view(Table if found.ndim == 2 else Row if is_row else Column)
        made.names = self.names if found.shape[-1] == self.names.count else made.names
        return made


class Table(_Named):
    """What `pandas.read_csv` returns: labels in the first column and in the last, whatever the columns are called."""

    @property
    def values(self) -> np.ndarray:
        """The plain array."""
        return np.array(self)

    to_numpy = Column.to_numpy

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        named = {place: name for name, place in self.names.places.items()}
        return [named.get(place, f"x{place}" if place else "label") for place in range(self.shape[1])]

    @property
    def iloc(self) -> np.ndarray:
        """What rows and columns are taken from by their numbers."""
        made = np.asarray(self).view(Places)
        made.names = self.names
        return made

    loc = iloc

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return np.asarray(self)[:, self.names.place(key)].view(Column)
        if isinstance(key, list) and key and isinstance(key[0], str):
            found = np.stack([self[name] for name in key], 1).view(Table)
            found.names = Names(len(key), self.names.asked, {name: place for place, name in enumerate(key)})
            return found
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> Any:
        if not LABELS.search(name):
            raise AttributeError(f"a table has no {name!r}")
        return self[name]

    def drop(self, *_: Any, **__: Any) -> "Table":
        """Return what is left without the labels."""
        return self[:, 1:]

    def head(self, *_: Any, **__: Any) -> "Table":
        """Return itself."""
        return self

    sample = dropna = fillna = reset_index = describe = info = isnull = astype = head  # pyright: ignore
