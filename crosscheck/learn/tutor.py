"""A wrong answer is recognised by its numbers: it is the answer of a known mistake if both agree in every case.

Each mistake of an exam is the solution with an edit. It is run on the same cases as the learner's code; where sizes do
not fit, both must fail alike, and then cases whose sizes are all equal tell what was computed. The same mistake thus
gets the same words, whatever the code that makes it looks like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crosscheck.learn.exam import Case, Wrong
from crosscheck.learn.judging import Judged
from crosscheck.learn.numbers import as_numbers
from crosscheck.learn.paper import Sheet, Values

CLOSE = 1e-9
"""Relative to the largest entry: rounding is far below, and no two mistakes are as close in random cases"""


@dataclass(frozen=True)
class Seen:
    """One case and what came back for it."""

    sheet: Sheet
    judged: Mapping[str, Judged] | None
    """By name; None where nothing came back."""

    @property
    def case(self) -> Case:
        """The case."""
        return self.sheet.case

    def value(self, name: str) -> np.ndarray | None:
        """Return what was given under a name, None if it is no number of any shape."""
        if self.judged is None or name not in self.judged:
            return None
        return as_numbers(self.judged[name].given)

    def right(self, name: str) -> bool:
        """Tell whether a value is right here."""
        return self.judged is not None and name in self.judged and self.judged[name].right


@dataclass(frozen=True)
class Recognised:
    """A mistake that explains what was returned."""

    wrong: Wrong
    names: tuple[str, ...]
    """The values that it explains."""


def recognised(seen: Sequence[Seen], names: Sequence[str], mistakes: Sequence[Wrong]) -> list[Recognised]:
    """Return the mistakes that were made, those that explain the most first; [] if none is known.

    One mistake that explains everything is preferred; otherwise every wrong value is explained on its own.
    """
    wrong = [name for name in names if not all(one.right(name) for one in seen)]
    explained: list[tuple[Wrong, tuple[str, ...]]] = []
    for mistake in mistakes:
        given = [one.sheet.mistaken(mistake) for one in seen]
        alike = tuple(name for name in names if _alike(seen, given, name))
        changed = tuple(name for name in names if _differs(seen, given, name))
        explains = tuple(name for name in wrong if name in alike and name in changed)
        if explains:
            explained.append((mistake, explains))
            if len(alike) == len(names) and len(explains) == len(wrong):
                return [Recognised(mistake, explains)]
    found: list[Recognised] = []
    for name in wrong:
        if not any(name in one.names for one in found):
            best = max((one for one in explained if name in one[1]), key=lambda one: len(one[1]), default=None)
            if best is not None:
                found.append(Recognised(*best))
    return sorted(found, key=lambda one: -len(one.names))


def _alike(seen: Sequence[Seen], given: Sequence[Values], name: str) -> bool:
    """Tell whether the learner's value is that of the mistake in every case."""
    return all(_close(one.value(name), other[name], one, name) for one, other in zip(seen, given, strict=True))


def _differs(seen: Sequence[Seen], given: Sequence[Values], name: str) -> bool:
    """Tell whether a mistake shows in a value: in one case at least it is known, and not what it should be."""
    for one, other in zip(seen, given, strict=True):
        value = other[name]
        if value is not None and not one.right(name) and one.value(name) is not None:
            return True
    return False


def _close(one: np.ndarray | None, other: np.ndarray | None, seen: Seen, name: str) -> bool:
    if one is None or other is None:
        return one is other
    if one.shape != other.shape:
        return False
    allowed = seen.judged[name].allowed if seen.judged is not None else None
    room = CLOSE * float(np.max(np.abs(other[np.isfinite(other)]), initial=0))
    if allowed is not None and np.isfinite(allowed).any():
        room = max(room, float(np.max(allowed[np.isfinite(allowed)])))
    with np.errstate(all="ignore"):
        return bool(np.all((np.abs(one - other) <= room) | (one == other) | (np.isnan(one) & np.isnan(other))))
