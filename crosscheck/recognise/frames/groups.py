"""Rows in groups: `table.groupby("label").mean()`."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


class Groups:
    """The rows of a table, by the key of each; a key that is a column is no part of what is computed."""

    def __init__(self, table: Any, keys: np.ndarray, key: int | None = None, column: int | None = None) -> None:
        self._table, self._keys, self._key, self._column = table, keys, key, column

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return ((key, self.get_group(key)) for key in np.unique(self._keys).tolist())

    def __len__(self) -> int:
        return len(np.unique(self._keys))

    def __getitem__(self, names: Any) -> "Groups":
        if isinstance(names, list | tuple):
            return Groups(self._table[list(names)], self._keys)
        return Groups(self._table[[names]], self._keys, column=0)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def get_group(self, key: Any) -> Any:
        """Return the rows of one key."""
        made = self._table.rows(self._keys == key)
        return made if self._column is None else made.column(self._column)

    @property
    def groups(self) -> dict[Any, np.ndarray]:
        """The numbers of the rows of each key."""
        return {key: np.flatnonzero(self._keys == key) for key in np.unique(self._keys).tolist()}

    def apply(self, function: Any, *_: Any, **__: Any) -> Any:
        """Return what a function makes of each group, below one another."""
        found = [np.asarray(_asked(part, function)) for _, part in self]
        if all(one.ndim == 0 for one in found):
            from crosscheck.recognise.frames.row import row

            return row(np.array(found), np.unique(self._keys).tolist())
        width = {one.shape[-1] for one in found}
        if all(one.ndim == 1 for one in found) and len(width) == 1:
            return self._table.like(np.stack(found))
        return self._table.remade(np.concatenate(found))

    agg = aggregate = apply

    def transform(self, function: Any, *_: Any, **__: Any) -> Any:
        """Return for each row what a function makes of its group."""
        made = np.zeros(np.shape(self._table.numbers if self._column is None else self._table.numbers[:, 0]))
        for key, part in self:
            made[self._keys == key] = np.asarray(_asked(part, function))
        return self._table.remade(made)

    def _left(self) -> "Groups":
        """Return the groups without their key."""
        if self._key is None:
            return self
        left = [place for place in range(self._table.shape[1]) if place != self._key]
        return Groups(self._table.chosen(left), self._keys)

    def size(self) -> Any:
        """Return how many rows each group has."""
        return self.apply(len)

    def ngroup(self) -> Any:
        """Return the number of each row's group."""
        return self._table.remade(np.unique(self._keys, return_inverse=True)[1])


def _asked(part: Any, function: Any) -> Any:
    return getattr(part, function)() if isinstance(function, str) else function(part)


def _of_groups(name: str) -> Callable[..., Any]:
    def computed(self: Groups, *_: Any, **__: Any) -> Any:
        return self._left().apply(name)

    computed.__doc__ = f"Return the {name} of each group."
    return computed


for _name in ("mean", "sum", "min", "max", "std", "var", "median", "count", "nunique"):
    setattr(Groups, _name, _of_groups(_name))
for _name, _place in (("first", 0), ("last", -1)):
    setattr(
        Groups, _name, lambda self, *_, _place=_place, **__: self._left().apply(lambda part: np.asarray(part)[_place])
    )
