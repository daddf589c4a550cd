"""The true derivatives in one case, those of equal values once, and how they may stand in the backward pass."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crosscheck.repair.adjoints.bench import Bench, Derivatives
from crosscheck.repair.adjoints.marks import FORWARD
from crosscheck.repair.adjoints.probe import Recording

SAME = 1e-6
"""Share of the largest entry by which equal derivatives may differ"""
MOST_ENTRIES = 4000
"""Derivatives that are measured entry by entry, of all arrays of a case"""
MOST_READERS = 6
Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Truth:
    """What the loss's derivative with respect to one value of the forward is, turn by turn."""

    marks: tuple[int, ...]
    """The places at which it is the same; the first says most"""
    turns: Arrays
    calls: tuple[int, ...]
    """The call of its function that each turn belongs to"""
    is_group: bool = True
    """Whether the marks all have this derivative: otherwise it is the sum of theirs"""
    name: str = ""
    """Of the parameter, where it is the whole gradient"""

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each turn."""
        return [array.shape for array in self.turns]


@dataclass(frozen=True)
class Reading:
    """One way in which a truth may stand at a place of the backward pass."""

    truth: Truth
    order: str
    arrays: Arrays
    """One for each turn of that place"""

    @property
    def is_picked(self) -> bool:
        """Whether it leaves some turns out."""
        return " from " in self.order


class Truths:
    """The derivatives of one case."""

    def __init__(
        self, bench: Bench, recording: Recording, derivatives: Derivatives, exact: Mapping[str, np.ndarray]
    ) -> None:
        """`exact` are the gradients of the parameters."""
        self.bench, self.recording, self.derivatives, self.exact = bench, recording, derivatives, exact
        self.backward: list[int] = []
        """Marks at which the loss does not look any more, in the order in which they come by"""
        self.groups: list[tuple[int, ...]] = []
        """Marks with the same derivatives; of each the first says most"""
        alike: dict[tuple[object, ...], list[tuple[int, np.ndarray]]] = {}
        for mark, values in recording.values.items():
            if derivatives.is_late:
                break
            along = self._along(mark, values)
            if along is None:
                continue
            if not along.any():
                self.backward.append(mark)
                continue
            kind = (*(value.shape for value in values), tuple(recording.calls[mark]))
            alike.setdefault(kind, []).append((mark, along))
        groups = [tuple(sorted(g, key=self._rank)) for members in alike.values() for g in _grouped(members)]
        self.groups = sorted(groups, key=lambda group: self._entries(group[0]))

    def _along(self, mark: int, values: Sequence[np.ndarray]) -> np.ndarray | None:
        """Return two derivatives for each turn; None where they cannot be told."""
        found = []
        for turn, value in enumerate(values):
            found.append([self.derivatives.along(mark, turn, d) for d in _directions(value.shape)])
            if not np.isfinite(found[-1]).all():
                return None
            if turn == 1 and len(values) > 3 and not np.any(found):  # of the backward pass, or of no weight
                found += [[0.0, 0.0]] * (len(values) - 2)
                break
        return np.array(found)

    def all(self) -> list[Truth]:
        """Return the derivatives entry by entry, and their sums over all that reads one variable."""
        found = [Truth((), (array,), (0,), name=name) for name, array in self.exact.items()]
        entries = 0
        for group in self.groups:
            entries += self._entries(group[0])
            if entries > MOST_ENTRIES or self.derivatives.is_late:
                break
            truth = self.of(group)
            if all(np.isfinite(array).all() for array in truth.turns):
                found.append(truth)
        return [*found, *self._summed(found)]

    def of(self, group: tuple[int, ...]) -> Truth:
        """Return the derivatives at some marks, entry by entry."""
        values = self.recording.values[group[0]]
        turns = tuple(self.derivatives.whole(group[0], n, value) for n, value in enumerate(values))
        return Truth(group, turns, tuple(self.recording.calls[group[0]]))

    def like(self, other: Truth) -> Truth | None:
        """Return the truth at the marks of one of another case."""
        if other.name:
            return Truth((), (self.exact[other.name],), (0,), name=other.name)
        if other.is_group:
            return next((self.of(group) for group in self.groups if other.marks[0] in group), None)
        parts = [self.like(Truth((mark,), (), ())) for mark in other.marks]
        own = [part for part in parts if part is not None]
        if len(own) < len(parts) or any(part.shapes != own[0].shapes for part in own):
            return None
        return Truth(other.marks, _sums(own), own[0].calls, is_group=False)

    def _summed(self, truths: Sequence[Truth]) -> Iterator[Truth]:
        """Yield what goes back to a variable through all the places that read it once in each turn."""
        by_mark = {mark: truth for truth in truths for mark in truth.marks}
        readers: dict[tuple[object, ...], list[int]] = {}
        for mark in by_mark:
            made = self.bench.marks[mark]
            if made.kind == FORWARD and made.is_variable and made.about != made.text:  # an argument holds its readers
                readers.setdefault((made.text, made.function, by_mark[mark].calls), []).append(mark)
        for marks in readers.values():
            own = [by_mark[mark] for mark in sorted(marks, key=lambda mark: self.recording.times[mark][0])]
            if not all(t.shapes == own[0].shapes for t in own):
                continue
            for some in _runs(own):  # a name may be given something else in between
                yield Truth(tuple(t.marks[0] for t in some), _sums(some), own[0].calls, is_group=False)

    def _entries(self, mark: int) -> int:
        return sum(value.size for value in self.recording.values[mark])

    def _rank(self, mark: int) -> tuple[bool, bool, int]:
        """Return how little a mark says: what a name is given says most."""
        made = self.bench.marks[mark]
        return (not made.text.isidentifier(), not made.about, mark)


def _directions(shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    random = np.random.default_rng(zlib.crc32(repr(shape).encode()))
    for _ in range(2):
        yield random.standard_normal(shape)


def _grouped(members: Sequence[tuple[int, np.ndarray]]) -> list[list[int]]:
    groups: list[tuple[np.ndarray, list[int]]] = []
    for mark, along in members:
        for known, marks in groups:
            if np.allclose(known, along, rtol=SAME, atol=SAME * float(np.max(np.abs(known)))):
                marks.append(mark)
                break
        else:
            groups.append((along, [mark]))
    return [marks for _, marks in groups]


def _sums(truths: Sequence[Truth]) -> Arrays:
    return tuple(np.sum(np.stack(arrays), axis=0) for arrays in zip(*(truth.turns for truth in truths), strict=True))


def _runs(truths: Sequence[Truth]) -> Iterator[Sequence[Truth]]:
    count = min(len(truths), MOST_READERS)
    for length in range(count, 1, -1):
        yield truths[:length]
        if length < len(truths):
            yield truths[-length:]


def readings(truth: Truth, values: Sequence[np.ndarray]) -> Iterator[Reading]:
    """Yield the ways in which a truth may take the place of values, the plainest first."""
    for order, arrays in _orders(truth, len(values)):
        for way in ("", ", transposed"):
            fitting = [_fitted(a.T if way else a, value.shape) for a, value in zip(arrays, values, strict=True)]
            if all(array is not None for array in fitting) and not (way and all(a.ndim < 2 for a in arrays)):
                yield Reading(truth, order + way, tuple(a for a in fitting if a is not None))


def _orders(truth: Truth, count: int) -> Iterator[tuple[str, Sequence[np.ndarray]]]:
    turns = truth.turns
    back = turns[::-1]
    if count == len(turns):
        if count > 1:
            yield "back in time", back
        yield "turn by turn", turns
        if 1 < len(set(truth.calls)) < count:
            calls = sorted(set(truth.calls), reverse=True)
            yield "call by call back", [a for c in calls for a, own in zip(turns, truth.calls, strict=True) if own == c]
            yield (
                "back in each call",
                [a for c in calls[::-1] for a, own in zip(back, truth.calls[::-1], strict=True) if own == c],
            )
    if len(turns) - 2 <= count < len(turns):
        for start in range(len(turns) - count + 1):
            yield f"back in time from {start}", back[start : start + count]
            yield f"turn by turn from {start}", turns[start : start + count]
    shapes = {array.shape for array in turns}
    if len(turns) > 1 and len(shapes) == 1:
        yield "in all", [sum(turns, np.zeros(turns[0].shape))] * count
        if count == 1:
            for order, arrays in (("stacked", turns), ("stacked back", back)):
                yield order, [np.stack(arrays)]
                if turns[0].ndim == 2:
                    yield f"{order} as columns", [np.concatenate(arrays, axis=1)]
    if len(turns) == 1 and count > 1:
        yield "each time", [turns[0]] * count
        for axis, size in enumerate(turns[0].shape):
            if size == count:
                slices = [np.take(turns[0], n, axis) for n in range(size)]
                yield f"slices along {axis}", slices
                yield f"slices along {axis}, back", slices[::-1]


def _fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return an array in a shape; as it is where it stands for what would be spread over it."""
    if array.shape == shape:
        return array
    if [n for n in array.shape if n > 1] == [n for n in shape if n > 1]:
        return array.reshape(shape)
    if len(shape) <= array.ndim and all(n in (1, m) for n, m in zip(shape[::-1], array.shape[::-1], strict=False)):
        return array
    return None


def scale_of(arrays: Sequence[np.ndarray], values: Sequence[np.ndarray]) -> float | None:
    """Return the number times which arrays are the values; None if there is none."""
    one, other = (np.concatenate([np.ravel(a) for a in some]) for some in (arrays, values))
    if one.shape != other.shape:
        return None
    square = float(one @ one)
    if not square or not np.isfinite(other).all():
        return None
    scale = float(one @ other) / square
    near = np.max(np.abs(scale * one - other)) <= SAME * np.max(np.abs(other))
    return scale if near and scale else None
