"""How columns are called: tables that were made up have columns without names, which they get as a program asks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LABELS = re.compile(
    r"^y|label|target|(?<!p)class|species|digit|outcome|diagnosis|survived|^is_|fraud|spam|churn|purchased|exited"
    r"|variety|counterfeit|genuine|admitted",
    re.IGNORECASE,
)
"""What the column of labels is called"""
_OF_ROWS = re.compile(r"^id$|\bid$|_id$|^id_|unnamed|^index$|^name$|^date$|^time", re.IGNORECASE)
"""What columns are called that tell the rows apart"""
_READ = re.compile(r"\[\[?\s*[\"']([^\"']+)[\"']\s*\]")
_DROPPED = re.compile(r"(?:drop|pop)\(\s*(?:columns\s*=|labels\s*=)?\s*\[?\s*[\"']([^\"']+)[\"']\s*\]?\s*[,)]")
_ATTRIBUTE = re.compile(r"(?<=[\w\])])\.([a-z]\w*)\b(?!\()")
_SPLIT = re.compile(r"[\"']([^\"']+)[\"']\s*\]\s*[<>]=?\s*(?:[2-9]|\d\d)|\.(\w+)\s*[<>]=?\s*(?:[2-9]|\d\d)")
"""What is compared with a number above one and so holds no labels yet: `table["quality"] > 6`"""
_FORETOLD = re.compile(
    r"train_test_split\(\s*\w+(?:\[\[[^\]]*\]\])?\s*,\s*\w+(?:\.(\w+)\b(?!\()|\[\s*[\"']([^\"']+)[\"']\s*\])\s*[,)]"
)
"""What is split beside the columns that it is foretold by: `train_test_split(df[["age"]], df.bought)`"""
_PLACES = re.compile(r"\.iloc\[[^\]]*?,\s*\[?(\d\d?)\s*\]")
_TEXT_OF_ROWS = re.compile(r"(?:where\(|\[)[\w\s.:,\[\]-]*==\s*[\"']")


@dataclass(frozen=True)
class Told:
    """What the source of a program tells of the tables that it reads."""

    attributes: frozenset[str] = frozenset()
    """What it reads with a dot, `df.hours`, `row.score`"""
    labels: frozenset[str] = frozenset()
    """Columns that it sets aside one by one and reads: what they hold is to be foretold"""
    compares: bool = False
    """Whether it compares whole columns with text: `np.where(y == "M", 1, 0)`"""
    columns: int = 0
    """How many columns there are at least, by the places that it asks for"""


def told_by(hints: str) -> Told:
    """Return what a source in small letters tells.

    >>> sorted(told_by('y = df["price"]; x = df.drop("price", axis=1); h = df.hours').attributes)
    ['hours']
    >>> sorted(told_by('y = df["price"]; x = df.drop("price", axis=1)').labels)
    ['price']
    >>> sorted(told_by('train_test_split(df[["age", "sex"]], df.bought, test_size=0.1)').labels)
    ['bought']
    """
    dropped = {name for name in _DROPPED.findall(hints) if not _OF_ROWS.search(name)}
    pops = set(re.findall(r"pop\(\s*[\"']([^\"']+)", hints))
    split = {name for found in _SPLIT.findall(hints) for name in found}
    read = set(_READ.findall(hints)) - split
    attributes = frozenset(_ATTRIBUTE.findall(hints))
    foretold = {name for found in _FORETOLD.findall(hints) for name in found if name}
    labels = frozenset(foretold - split) | frozenset(dropped & (read | (attributes - split) | pops))
    count = max((int(place) + 1 for place in _PLACES.findall(hints)), default=0)
    return Told(attributes, labels, bool(_TEXT_OF_ROWS.search(hints)), count)


class MadeUp(str):
    """A name of a column that stands for whatever a program calls it."""


@dataclass(eq=False)
class Name:
    """The name of a column, shared by all tables that have the column; none while nobody asked for it."""

    word: Any = None
    number: int = 0
    """Where the column stood when the table was made"""
    is_label: bool = False

    @property
    def shown(self) -> Any:
        """What it is called where a program asks for all names."""
        return self.word if self.word is not None else f"column {self.number}"


@dataclass
class Names:
    """The names of a table, in their order.

    >>> names = unnamed(5)
    >>> [names.place(name) for name in ("price", "hours", "label", "price", 3)]
    [1, 2, 0, 1, 3]
    """

    entries: tuple[Name, ...]
    told: Told = Told()
    words: dict[str, int] = field(default_factory=dict)
    """Text that the program compares columns with, and the numbers that stand for it in them"""
    further: list[Any] = field(default_factory=list)
    """Names for which there was no column left"""
    is_complete: bool = False
    """Whether the program named all columns itself"""

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Any]:
        return iter([entry.shown for entry in self.entries])

    def known(self, name: Any) -> int | None:
        """Return the place of a name that a column has, None of others."""
        shown = list(self)
        if name in shown:
            return shown.index(name)
        numbers = [entry.number if entry.word is None else None for entry in self.entries]
        whole = isinstance(name, int | np.integer) and not isinstance(name, bool)
        return numbers.index(int(name)) if whole and int(name) in numbers else None

    def is_label(self, name: Any) -> bool:
        """Tell whether a name is that of labels, as far as names tell."""
        return isinstance(name, str) and (bool(LABELS.search(name)) or name.lower() in self.told.labels)

    def place(self, name: Any) -> int:
        """Return the place of a column, which gets that name if none has it; beyond the last where none is left.

        Raises KeyError where the program named all columns itself.
        """
        place = self.known(name)
        if place is not None:
            return place
        if self.is_complete:
            raise KeyError(name)
        if isinstance(name, int | np.integer):
            if 0 <= name < len(self):
                return int(name)
        else:
            place = self._given(name)
        if place is not None:
            return place
        if name not in self.further:
            self.further.append(name)
        return len(self) + self.further.index(name)

    def _given(self, name: Any) -> int | None:
        """Give a column without a name the one that is asked for, and return its place."""
        labels = [place for place, entry in enumerate(self.entries) if entry.is_label]
        free = [place for place, entry in enumerate(self.entries) if entry.word is None]
        if self.is_label(name):
            free = [place for place in labels if place in free] or (free if not labels else [])
            if not free:
                return labels[0]
        else:
            free = [place for place in free if place not in labels] or (free if len(self) <= len(labels) + 1 else [])
        if not free:
            return None
        self.entries[free[0]].word = name
        return free[0]

    def dropped(self, names: Iterable[Any]) -> list[int]:
        """Return the places of what is left without some columns: what was never asked for was never there.

        A single name that nothing else is known of is that of the labels.
        """
        names = list(names)
        gone = {self.known(name) for name in names}
        unknown = [name for name in names if self.known(name) is None and isinstance(name, str)]
        if not self.is_complete:
            labels = [name for name in unknown if self.is_label(name)]
            is_said = any(entry.is_label and entry.word is not None for entry in self.entries)
            if len(names) == 1 and not is_said and not _OF_ROWS.search(str(names[0])):
                labels = unknown
            gone |= {self._of_label(name) for name in labels}
        return [place for place in range(len(self)) if place not in gone]

    def _of_label(self, name: Any) -> int | None:
        """Return the place of labels that are called so from now on."""
        places = [place for place, entry in enumerate(self.entries) if entry.is_label]
        free = [place for place in places if self.entries[place].word is None]
        if free:
            self.entries[free[0]].word = name
        return free[0] if free else None

    def chosen(self, places: Iterable[int]) -> "Names":
        """Return the names of some of the columns."""
        last = len(self)
        entries = tuple(
            self.entries[place] if place < last else Name(self.further[place - last], place) for place in places
        )
        return Names(entries, self.told, self.words, is_complete=self.is_complete)

    def code(self, word: str) -> int:
        """Return the number that stands for a text: the first that is asked for is one, the second zero."""
        number = len(self.words)
        return self.words.setdefault(word, number if number > 1 else 1 - number)


def unnamed(count: int, told: Told = Told(), labels: Sequence[int] | None = None) -> Names:
    """Return names of columns that nobody has asked for: the first and the last hold labels."""
    places = {0, count - 1} if labels is None else set(labels)
    return Names(tuple(Name(None, place, place in places) for place in range(count)), told)


def named(words: Iterable[Any], told: Told = Told()) -> Names:
    """Return names that a program gave all columns."""
    words = list(words)
    entries = tuple(
        Name(None if isinstance(word, MadeUp) else word, place, isinstance(word, str) and bool(LABELS.search(word)))
        for place, word in enumerate(words)
    )
    return Names(entries, told, is_complete=not any(isinstance(word, MadeUp) for word in words))
