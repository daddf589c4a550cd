"""What changes a table, in place or in a copy: its columns and their names, its rows, single entries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.frames.arithmetic import plain
from crosscheck.recognise.frames.names import Name, Names, named
from crosscheck.recognise.frames.words import numbers_for


class Changes:
    """The part of a table that is written to."""

    numbers: np.ndarray
    names: Names
    kinds: tuple[np.dtype, ...] | None
    columns: Any
    rows: Callable[[Any], Any]
    chosen: Callable[[Iterable[int]], Any]
    parts: Callable[..., list[np.ndarray]]
    put: Callable[[Sequence[np.ndarray], Names | None], None]
    column: Callable[[int], Any]

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str | int | np.integer):
            self._assign([key], [value])
        elif isinstance(key, tuple):
            self.numbers[key] = plain(value)
        elif np.asarray(plain(key)).dtype == bool:
            self.numbers = np.where(np.asarray(plain(key)).reshape(len(self.numbers), -1), plain(value), self.numbers)
            self.kinds = None
        else:
            names = list(key)
            values = np.asarray(plain(value))
            self._assign(names, list(values.T) if values.ndim == 2 else [values[()]] * len(names))

    def _assign(self, names: Sequence[Any], values: Sequence[Any]) -> None:
        """Hold numbers under names: new columns stand last."""
        parts, entries = self.parts(), list(self.names.entries)
        count = len(self.numbers) if parts else 0
        for name, value in zip(names, values, strict=True):
            made = numbers_for(value if isinstance(value, str) else plain(value))
            made = np.full(count, made) if made.ndim == 0 else made.reshape(len(made), -1)[:, 0]
            place = self.names.known(name)
            if place is None and self.names.is_label(name) and not self.names.is_complete:
                place = self.names.place(name)
                entries = list(self.names.entries) + entries[len(self.names) :]
            if place is None or place >= len(self.names):
                parts.append(made)
                entries.append(Name(name, len(entries)))
                self.names = _names(self.names, entries)
            else:
                parts[place] = made[: len(parts[place])] if count else made
                entries[place] = self.names.entries[place]
        self.put(parts, _names(self.names, entries))

    def setdefault(self, name: Any) -> None:
        """Let there be a column of that name."""
        if self.names.known(name) is None:
            self._assign([name], [0])

    def insert(self, loc: int, column: Any, value: Any, *_: Any, **__: Any) -> None:
        """Put a column before another."""
        made = numbers_for(plain(value))
        made = np.full(len(self.numbers), made) if made.ndim == 0 else made.reshape(-1)
        parts, entries = self.parts(), list(self.names.entries)
        parts.insert(loc, made)
        entries.insert(loc, Name(column, loc))
        self.put(parts, _names(self.names, entries))

    def pop(self, name: Any) -> Any:
        """Drop a column and return it."""
        made = self.column(self.names.place(name)).copy()
        self.drop(columns=[name], inplace=True)
        return made

    def __delitem__(self, name: Any) -> None:
        self.drop(columns=[name], inplace=True)

    def call_columns(self, words: Sequence[Any]) -> None:
        """Give all columns their names; what was made up has as many columns as are named."""
        old, count = self.names, self.numbers.shape[1]
        parts = self.parts()
        if len(words) != count and not old.is_complete:
            labels = [parts[place] for place, entry in enumerate(old.entries) if entry.is_label]
            features = [part for part, entry in zip(parts, old.entries, strict=True) if not entry.is_label] or parts
            made = [np.roll(features[n % len(features)], n // len(features)) for n in range(len(words))]
            if labels and words:
                known = [place for place, word in enumerate(words) if old.is_label(word)] or [len(words) - 1]
                made[known[0]] = labels[0]
            parts = made
        elif not old.is_complete:
            self._lay_labels(parts, words)
        names = named(words, old.told)
        self.put(parts, Names(names.entries, old.told, old.words, is_complete=True))

    def _lay_labels(self, parts: list[np.ndarray], words: Sequence[Any]) -> None:
        """Let the column hold labels that is called so."""
        known = [place for place, word in enumerate(words) if self.names.is_label(word)]
        labels = [place for place, entry in enumerate(self.names.entries) if entry.is_label]
        if len(known) == 1 and labels and known[0] not in labels:
            parts[known[0]], parts[labels[0]] = parts[labels[0]], parts[known[0]]

    def rename(self, mapper: Any = None, *_: Any, columns: Any = None, inplace: bool = False, **__: Any) -> Any:
        """Call some columns otherwise."""
        how = columns if columns is not None else mapper
        entries = list(self.names.entries)
        if isinstance(how, Mapping):
            for old, new in how.items():
                place = self.names.known(old)
                place = self.names.place(old) if place is None and not self.names.is_complete else place
                if place is not None and place < len(entries):
                    entries[place] = Name(new, entries[place].number, entries[place].is_label)
        elif callable(how):
            entries = [Name(how(str(entry.shown)), entry.number, entry.is_label) for entry in entries]
        made = self if inplace else self.rows(slice(None))
        made.names = _names(self.names, entries)
        return None if inplace else made

    def drop(self, labels: Any = None, axis: Any = 0, index: Any = None, columns: Any = None, **options: Any) -> Any:
        """Return what is left without some columns, or rows."""
        words = [] if labels is None else list(np.atleast_1d(plain(labels)))
        if columns is None and (axis in (1, "columns") or any(isinstance(word, str) for word in words)):
            labels, columns = None, labels  # rows have no names
        if columns is not None:
            words = [columns] if isinstance(columns, str | int | np.integer) else list(columns)
            made = self.chosen(self.names.dropped(words))
        else:
            gone = np.atleast_1d(np.asarray(labels if labels is not None else index))
            made = self.rows(~np.isin(np.arange(len(self.numbers)), gone.astype(int)))
        return self._made(made, inplace=options.get("inplace", False))

    def _made(self, made: Any, *, inplace: bool) -> Any:
        """Return a table, or be like it and return nothing."""
        if inplace:
            self.numbers, self.names, self.kinds = made.numbers, made.names, made.kinds
            return None
        return made

    def write(self, rows: Any, places: Sequence[int], value: Any) -> None:
        """Write into some rows of some columns; of one beyond the last, it is new."""
        if isinstance(value, str):
            value = self.names.code(value)
        values = plain(value)
        count = self.numbers.shape[1]
        for place in dict.fromkeys(place for place in places if place >= count):
            self._assign([self.names.further[place - count]], [0])
        wanted = np.result_type(self.numbers, np.asarray(values)) if np.size(values) else self.numbers.dtype
        if wanted != self.numbers.dtype:
            self.kinds = self.kinds or (self.numbers.dtype,) * self.numbers.shape[1]
            self.numbers = self.numbers.astype(wanted)
        if self.kinds is not None:
            kinds = list(self.kinds)
            for place in places:
                kinds[place] = np.result_type(kinds[place], np.asarray(values))
            self.kinds = tuple(kinds)
        if isinstance(rows, int | np.integer):
            self.numbers[rows, places] = values
            return
        block = self.numbers[:, places]
        block[rows] = (
            values[:, None]
            if isinstance(values, np.ndarray) and values.ndim == 1 < len(places)
            else (np.reshape(values, (-1, 1)) if np.ndim(values) == 1 else values)
        )
        self.numbers[:, places] = block

    def add_row(self, values: Any) -> None:
        """Put a row below the others."""
        values = list(values.values()) if isinstance(values, Mapping) else plain(values)
        made = np.resize(numbers_for(values), (1, self.numbers.shape[1]))
        self.numbers = np.vstack([self.numbers, made]) if self.numbers.size else made

    def assign(self, **columns: Any) -> Any:
        """Return a copy with further columns."""
        made = self.rows(slice(None))
        for name, value in columns.items():
            made[name] = value(made) if callable(value) else value
        return made


def _names(names: Names, entries: Sequence[Name]) -> Names:
    """Return names with other entries, which the same program asks for."""
    return Names(tuple(entries), names.told, names.words, is_complete=names.is_complete)
