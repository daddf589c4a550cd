"""What a column is asked for as text, as days or as classes: what comes of it is the column."""

from typing import Any

import numpy as np


class Texts:
    """`column.str`, `column.dt` and `column.cat`: what they make of a column is the column."""

    def __init__(self, column: Any) -> None:
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

    def __init__(self, column: Any, name: str) -> None:
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
