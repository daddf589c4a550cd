"""One case of a marked unit: what passes by, what of it is a derivative, and what may stand in its place."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from crosscheck.repair.adjoints.bench import Bench, Derivatives
from crosscheck.repair.adjoints.marks import CALL, FORWARD, RESULT
from crosscheck.repair.adjoints.probe import Recording
from crosscheck.repair.adjoints.truths import SAME, Reading, Truth, Truths, readings, scale_of
from crosscheck.repair.screen import Trial

SCALES = 6
"""Numbers times which derivatives are expected: those that other statements show"""
MOST_SIZES = 3
FEWEST = 3
"""Entries that a match must have"""


class Case:
    """One case: what passes by, and the derivatives."""

    def __init__(self, bench: Bench, trial: Trial, seconds: float, tick: Callable[[], None] = lambda: None) -> None:
        """Make a call and note all that passes by. Raises SubjectError."""
        self.bench = bench
        self.lengths = _lengths(trial.arguments)
        found = dict.fromkeys(n for n in self.lengths if n > 1)
        self.sizes = [*list(found)[:MOST_SIZES], *(1 / n for n in list(found)[:1])]
        self.with_sizes = False
        """Whether derivatives may be times a length of the data: where a sum is divided in the end, say"""
        self.recording: Recording = bench.recorded(trial.arguments)
        self.truths = Truths(bench, self.recording, Derivatives(bench, trial.arguments, seconds, tick), trial.exact)

    @cached_property
    def all(self) -> list[Truth]:
        """All derivatives."""
        return self.truths.all()

    @cached_property
    def computed(self) -> list[int]:
        """The marks of what the statements of the backward pass compute, in the order in which they come by."""
        made = [n for n in self.truths.backward if self.bench.marks[n].kind not in (FORWARD, CALL)]
        return sorted(made, key=lambda number: self.recording.times[number][0])

    @cached_property
    def matches(self) -> list[tuple[int, Reading, float]]:
        """The places of the backward pass that hold derivatives, times a number."""
        found = []
        for number in self.computed:
            values = self.recording.values[number]
            if sum(value.size for value in values) < FEWEST:
                continue
            for reading in (reading for truth in self.all for reading in readings(truth, values)):
                scale = scale_of(reading.arrays, values)
                if scale is not None:
                    found.append((number, reading, scale))
                    break
        return found

    @cached_property
    def scales(self) -> list[float]:
        """The numbers times which derivatives stand in the backward pass, 1 and what is frequent first."""
        found = [1.0]
        every = [scale for _, _, scale in self.matches]
        for scale in sorted(every, key=lambda s: -sum(abs(s - other) <= SAME * abs(s) for other in every)):
            if all(abs(scale - known) > SAME * abs(scale) for known in found):
                found.append(scale)
        return found[:SCALES]

    def replacements(self, number: int) -> Iterator[tuple[Reading, float, tuple[np.ndarray, ...]]]:
        """Yield what may take the place of the values at a mark, each only once."""
        values = self.recording.values[number]
        seen: set[bytes] = set()
        for scale in [*self.scales, *(self.sizes if self.with_sizes else ())]:
            for truth in self.all:
                for reading in readings(truth, values):
                    others = tuple(scale * array for array in reading.arrays)
                    written = b"".join(np.float32(array).tobytes() for array in others)
                    if written not in seen:
                        seen.add(written)
                        yield reading, scale, others

    def like(self, number: int, reading: Reading, scale: float, other: "Case") -> Iterator[tuple[np.ndarray, ...]]:
        """Yield what the replacement of another case may be in the numbers of this one."""
        values, truth = self.recording.values.get(number), self.truths.like(reading.truth)
        if values is None or truth is None:
            return
        own = next((one for one in readings(truth, values) if one.order == reading.order), None)
        if own is not None:
            for factor in dict.fromkeys(self._scales_like(scale, other)):
                yield tuple(factor * array for array in own.arrays)

    def _scales_like(self, scale: float, other: "Case") -> Iterator[float]:
        """Yield what takes the place here of a number of another case: it may have been a length of its data."""
        if len(self.lengths) == len(other.lengths):
            for here, there in zip(_counts(self.lengths), _counts(other.lengths), strict=True):
                for own, its in ((here, there), (1 / here, 1 / there)):
                    if abs(its - scale) <= SAME * abs(scale):
                        yield own
        yield scale

    def right_before(self, time: int) -> tuple[str, ...]:
        """Return the variables that hold derivatives before some time."""
        found = [n for n, _, _ in self.matches if self.recording.times[n][0] < time]
        return tuple(dict.fromkeys(self.bench.marks[n].about for n in found if self.bench.marks[n].about))

    def suspects(self, number: int, turn: int) -> set[int]:
        """Return the lines of the statements that made what a statement reads, of what is not known to be right."""
        found, waiting = set[int](), [(number, turn)]
        matched = {number for number, _, _ in self.matches}
        while waiting:
            current, when = waiting.pop()
            time = self.recording.times[current][when]
            for mark in self._read_by(current, time):
                writer = self._writer(mark, time)
                if (
                    writer is None
                    or writer[0] in matched
                    or self._is_known(self.recording.values[writer[0]][writer[1]])
                ):
                    continue
                if self.bench.marks[writer[0]].line not in found:
                    found.add(self.bench.marks[writer[0]].line)
                    waiting.append(writer)
        return found | self._inside(number, turn)

    def _inside(self, number: int, turn: int) -> set[int]:
        """Return the lines of functions that a statement calls for a slope that is none, as far as is known."""
        statement, time = self.bench.marks[number].statement, self.recording.times[number][turn]
        found = set[int]()
        for mark, made in enumerate(self.bench.marks):
            times = self.recording.times.get(mark, ())
            turns = [n for n, t in enumerate(times) if t < time]
            if made.statement is not statement or made.kind != FORWARD or not turns or "(" not in made.text:
                continue
            called = {
                n for n, other in enumerate(self.bench.marks) if other.kind == CALL and _calls(made.text, other.text)
            }
            lines = {self.bench.marks[n].line for n in self.truths.backward if self.bench.marks[n].function in called}
            if lines and not self.is_slope(self.recording.values[mark][turns[-1]]):
                found |= lines
        return found

    def is_slope(self, value: np.ndarray) -> bool:
        """Tell whether some derivative times a value is another one."""
        own = [array for truth in self.all for array in truth.turns if array.shape == value.shape and np.any(array)]
        with np.errstate(all="ignore"):
            pairs = ((a, b) for a in own for b in own if np.max(np.abs(a - b)) > SAME * np.max(np.abs(b)))
            return any(np.max(np.abs(a * value - b)) <= SAME * np.max(np.abs(b)) for a, b in pairs)

    def _read_by(self, number: int, time: int) -> Iterator[int]:
        """Yield the marks of the variables that a statement reads and that are not known to be right."""
        statement, before = self.bench.marks[number].statement, self.recording
        for mark, made in enumerate(self.bench.marks):
            if made.statement is statement and made.kind == FORWARD and made.is_variable and mark in before.values:
                turns = [n for n, t in enumerate(before.times[mark]) if t < time]
                if turns and not self._is_known(before.values[mark][turns[-1]]):
                    yield mark
        if self.bench.marks[number].kind == RESULT:
            yield number  # what was there before

    def _writer(self, mark: int, time: int) -> tuple[int, int] | None:
        """Return the statement that last wrote a variable before some time, and the turn in which it did."""
        made, latest = self.bench.marks[mark], None
        for number in self.computed:
            other = self.bench.marks[number]
            name = made.about if made.kind == RESULT else made.text
            if other.about == name and other.function == made.function and other.statement is not made.statement:
                turns = [n for n, t in enumerate(self.recording.times[number]) if t < time]
                if turns and (latest is None or self.recording.times[number][turns[-1]] > latest[0]):
                    latest = self.recording.times[number][turns[-1]], number, turns[-1]
        return None if latest is None else latest[1:]

    def _is_known(self, value: np.ndarray) -> bool:
        """Tell whether a value is a derivative, times one of the usual numbers, or stood in the forward."""
        largest = float(np.max(np.abs(value), initial=0))
        if value.size < FEWEST or not largest:
            return True
        near = (np.max(np.abs(array - value)) <= SAME * largest for array in self._known_arrays.get(value.shape, ()))
        return any(near)

    @cached_property
    def _known_arrays(self) -> dict[tuple[int, ...], list[np.ndarray]]:
        found: dict[tuple[int, ...], list[np.ndarray]] = {}
        arrays = [scale * a for truth in self.all for a in truth.turns for scale in self.scales]
        forward = {mark for group in self.truths.groups for mark in group}
        arrays += [value for mark in forward for value in self.recording.values[mark]]
        for array in arrays:
            for one in (array, array.T):
                found.setdefault(one.shape, []).append(one)
        return found


def _calls(text: str, name: str) -> bool:
    """Tell whether an expression is nothing but a call of a function."""
    return bool(re.fullmatch(rf"([\w.]+\.)?{re.escape(name)}\(.*\)", text, re.DOTALL))


def _lengths(arguments: Sequence[Any]) -> list[float]:
    """Return the lengths of data."""
    data = [value for one in arguments[1:] if isinstance(one, dict) for value in one.values()]
    return [float(n) for value in data if isinstance(value, np.ndarray) for n in value.shape if n]


def _counts(lengths: Sequence[float]) -> list[float]:
    """Return how many there may be of what a sum is over: a length, or one length of another."""
    return [*lengths, *(one * other for one, other in itertools.combinations(lengths, 2))]
