"""The statement that is to blame: with the true derivative in the place of what it computes, every gradient is right.

Each statement of the backward pass is given, in its turn, the derivatives of the values of the forward. Of those that
make the gradients right, the one is to blame that first departs from what it was given: all before it is right, and all
behind it works on what it is handed.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.contract import SubjectError
from crosscheck.repair.adjoints.bench import Bench
from crosscheck.repair.adjoints.case import Case
from crosscheck.repair.adjoints.marks import Mark
from crosscheck.repair.adjoints.scenes import Scene, scenes_of
from crosscheck.repair.adjoints.truths import SAME, Reading
from crosscheck.repair.clock import Clock
from crosscheck.repair.screen import Screen, Trial

DEPTH = 2
"""Statements that are to blame together, at most"""
STEPS = (4, 3)
"""Steps of the two cases: a carry that adds up shows from three on"""
SEEDS = (101, 202)
MOVED = 1.37, 0.11
Others = dict[int, Sequence[np.ndarray]]


@dataclass(frozen=True)
class Culprit:
    """A statement of the backward pass that does not compute what it should."""

    mark: Mark
    number: int
    """Of the mark"""
    meant: str
    """What of the forward it should be the derivative with respect to"""
    meant_line: int | None
    given: np.ndarray
    """What it computes where it first departs"""
    true: np.ndarray
    """And what it should"""
    turn: int
    """The turn in which it first departs, of all its turns"""
    right: tuple[str, ...]
    """Variables before it that are derivatives"""
    also: tuple[int, ...]
    """Other lines that may be to blame: what they hand to it is not known to be right"""
    is_total: bool
    """Whether it should be the same in all its turns: the derivative of all of them together"""
    others: tuple[np.ndarray, ...]
    """What it should compute, turn by turn"""

    @property
    def line(self) -> int:
        """The line of the statement."""
        return self.mark.line


@dataclass(frozen=True)
class _Tried:
    number: int
    reading: Reading
    scale: float
    others: tuple[np.ndarray, ...]
    turn: int
    time: int
    right: frozenset[str]


class Inquiry:
    """The search for what is to blame, in two cases."""

    def __init__(self, unit: Any, screen: Screen, seconds: float, tick: Callable[[], None] = lambda: None) -> None:
        """Mark the unit. Raises UnmarkedError where that cannot be done, SubjectError where it fails."""
        self.bench, self.screen, self.seconds, self.tick = Bench(unit), screen, seconds, tick
        self.clock = Clock()
        self.every = frozenset(screen.names)
        self.trials = list(self._trials(unit))
        if self.trials:
            self.bench = self.bench.lean(self.trials[0].arguments)
        self.tried = 0
        self.proofs: list[tuple[Trial, Others]] = []
        """The cases in which it was seen, with what stands in the place of the values that are to blame"""

    def _trials(self, unit: Any) -> Iterator[Trial]:
        """Yield ordinary cases of few steps, where their number can be chosen; of the screen's those that are wrong."""
        if tuple(unit.cases.size_names) == ("steps",):
            for steps, seed in zip(STEPS, SEEDS, strict=True):
                self.tick()
                trial = self.screen.trial(Key("ordinary", (steps,), seed))
                if trial is not None:
                    yield trial
        yield from self.screen.trials

    @cached_property
    def case(self) -> "Case":
        """The case that is looked into. Raises SubjectError."""
        return Case(self.bench, self._wrong[0], self.seconds / 2, self.tick)

    @cached_property
    def _wrong(self) -> list[Trial]:
        """The trials in which something is wrong."""
        return [t for t in self.trials if self._right(t, {}) not in (None, self.every)]

    def culprits(self) -> list[Culprit]:
        """Return what is to blame; [] if that is not known."""
        if not self._wrong:
            return []
        blamed: list[_Tried] = []
        right = self._right(self._wrong[0], {})
        while right is not None and right != self.every and len(blamed) < DEPTH:
            best = self._first(blamed, right)
            if (best is None or self._is_doubtful(best)) and not self.case.with_sizes:
                self.case.with_sizes = True
                best = self._first(blamed, right) or best
            if best is None:
                return []
            blamed.append(best)
            right = best.right
        if right != self.every or not self._holds(blamed):
            return []
        self.proofs.insert(0, (self._wrong[0], {one.number: one.others for one in blamed}))
        return [self._said(one) for one in blamed]

    def scenes(self, culprit: Culprit) -> list[Scene]:
        """Return what there was when a statement that is to blame was executed, all others being right."""
        found: list[Scene] = []
        for trial, others in self.proofs:
            found += scenes_of(self.bench, trial.arguments, culprit.number, others[culprit.number], others)
        return found

    def _is_doubtful(self, one: _Tried) -> bool:
        return one.right != self.every or bool(self.case.suspects(one.number, one.turn))

    def _right(self, trial: Trial, others: Others) -> frozenset[str] | None:
        return self.screen.right_in(trial, self.bench.with_others(others))

    def _first(self, blamed: Sequence[_Tried], right: frozenset[str]) -> _Tried | None:
        """Return the best replacement on top of others: that which mends most, and of these departs first."""
        known: Others = {one.number: one.others for one in blamed}
        case, trial = self.case, self._wrong[0]
        before = self.screen.values_in(trial, self.bench.with_others(known))
        best: _Tried | None = None
        for number in case.computed:
            values, times = case.recording.values[number], case.recording.times[number]
            if number in known or before is None:
                continue
            is_done = best is not None and best.right == self.every and not self._is_something_else(best)
            if self.clock.spent > self.seconds or (is_done and best and times[0] > best.time):
                break
            self.tick()
            factor, more = MOVED
            moved = {**known, number: [value * factor + more for value in values]}
            after = self.screen.values_in(trial, self.bench.with_others(moved))
            same = {n for n, a in (after or before).items() if np.array_equal(a, before[n], equal_nan=True)}
            reached = self.every - same
            if not reached & (self.every - right):
                continue
            if best and best.right == self.every and not self.every - right <= reached:
                continue
            for reading, scale, others in case.replacements(number):
                turn = _departure(values, others)
                if turn is None or (is_done and best and times[turn] >= best.time):
                    continue
                self.tried += 1
                now = self._right(trial, {**known, number: others})
                if now is None or not now > right or (now != self.every and reading.is_picked):
                    continue
                one = _Tried(number, reading, scale, others, turn, times[turn], now)
                if best is None or self._rank(one) < self._rank(best):
                    best = one
        return best

    def _rank(self, one: _Tried) -> tuple[int, bool, int]:
        return -len(one.right), self._is_something_else(one), one.time

    def _is_something_else(self, one: _Tried) -> bool:
        """Tell whether a statement computes the derivative of another value than what stands in its place.

        It may be right, and what is wrong behind it hidden: where something else explains all, that is to blame.
        """
        held = next((reading.truth for number, reading, _ in self.case.matches if number == one.number), None)
        if held is None:
            return False
        names = [
            {t for n in truth.marks for t in (self.bench.marks[n].text, self.bench.marks[n].about) if t}
            for truth in (held, one.reading.truth)
        ]
        return not names[0] & names[1]

    def _holds(self, blamed: Sequence[_Tried]) -> bool:
        """Tell whether the same replacements make everything right in another case."""
        for trial in self._wrong[1:]:
            try:
                case = Case(self.bench, trial, self.seconds / 2, self.tick)
            except SubjectError:
                continue
            ways = [list(case.like(one.number, one.reading, one.scale, self.case)) for one in blamed]
            numbers = [one.number for one in blamed]
            made: Iterator[Others] = (dict(zip(numbers, others, strict=True)) for others in itertools.product(*ways))
            others = next((others for others in made if self._right(trial, others) == self.every), None)
            if others is not None:
                self.proofs.append((trial, others))
            if others is not None or all(ways):
                return others is not None
        return len(self._wrong) == 1

    def _said(self, one: _Tried) -> Culprit:
        case, mark = self.case, self.bench.marks[one.number]
        truth = one.reading.truth
        source = self.bench.marks[truth.marks[0]] if truth.marks else None
        given = case.recording.values[one.number][one.turn]
        also = tuple(sorted(case.suspects(one.number, one.turn) - {mark.line}))
        return Culprit(
            mark,
            one.number,
            (source.about or source.text) if source else truth.name,
            source.line if source else None,
            given,
            one.others[one.turn],
            one.turn,
            case.right_before(one.time),
            also,
            one.reading.order.startswith(("in all", "each time")),
            one.others,
        )


def _departure(values: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> int | None:
    """Return the first turn in which values are others; None if in none."""
    for turn, (value, other) in enumerate(zip(values, others, strict=True)):
        if not np.max(np.abs(value - other)) <= SAME * max(float(np.max(np.abs(other))), 1e-12):
            return turn
    return None
