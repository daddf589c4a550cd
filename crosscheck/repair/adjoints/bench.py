"""The marked copy of a unit, ready to be called: plainly, with a probe, and in other arithmetics."""

import copy
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.contract import call
from crosscheck.recognise.carried import PlainComplex, PlainDouble
from crosscheck.recognise.loops import named_as_before
from crosscheck.recognise.loss_alone import loss_alone
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.slopes import STEP
from crosscheck.recognise.subject import CallSubject
from crosscheck.recognise.unit import changed_code, codes_by_name
from crosscheck.recognise.world import FILENAME, prepared
from crosscheck.repair.adjoints.marks import Mark, Marked
from crosscheck.repair.adjoints.probe import Moving, Probed, Recording, asked
from crosscheck.repair.clock import Clock
from crosscheck.source import compiled

TICKING = 50
"""Derivatives after which the clock is looked at"""
REACH = 1e-3
"""Step of the differences, where complex numbers do not pass"""


class UnmarkedError(Exception):
    """Raised where code cannot be marked."""


class Bench:
    """One unit, marked."""

    def __init__(self, unit: Any, only: Collection[int] | None = None) -> None:
        """`only` are the marks that are needed. Raises UnmarkedError where the code cannot be marked."""
        if not isinstance(unit.subject, CallSubject) or not isinstance(unit.subject.replay, Replay):
            raise UnmarkedError("only recognised calls can be marked")
        self.unit, self.hooks = unit, unit.world.hooks
        tree, _ = prepared(unit.document, unit.world.plan)
        marked = Marked(named_as_before(tree, unit.document.lines_in(unit.document)), unit.editable, only)
        self.marks: list[Mark] = marked.marks
        try:
            codes = codes_by_name(compiled(marked.tree, FILENAME))
            replay = unit.subject.replay.rebuilt(marked.tree)
        except (SyntaxError, ValueError, RecursionError, LookupError) as error:
            raise UnmarkedError(f"the marked source does not compile: {error}") from None
        patches = changed_code(unit.world, codes)
        self.subject = unit.subject.patched(patches, replay)
        world = copy.copy(unit.world)
        world.tree = marked.tree
        alone = loss_alone(replace(unit, world=world, subject=unit.subject.patched((), replay)))
        self.alone = None if alone is None else alone.patched([*patches, *alone.patches], alone.replay)

    def lean(self, arguments: Sequence[Any]) -> "Bench":
        """Return the same with no more marks than numbers pass by in a call. Raises SubjectError."""
        passed = self.recorded(arguments).values.keys()
        return Bench(self.unit, {*passed, *(self.marks[number].function for number in passed)})

    def recorded(self, arguments: Sequence[Any]) -> Recording:
        """Return what passes by in one call. Raises SubjectError."""
        functions = {number: mark.function for number, mark in enumerate(self.marks)}
        with asked(self.hooks, Recording(functions)) as probe:
            call(self.subject, arguments, time_limit=10.0)
        assert isinstance(probe, Recording)
        return probe

    def with_others(self, others: Mapping[int, Sequence[np.ndarray]]) -> Probed:
        """Return the subject with other values at some marks."""
        return Probed(self.subject, self.hooks, others)


class Derivatives:
    """The derivatives of the loss with respect to the values that pass by in the forward, in one case."""

    def __init__(
        self, bench: Bench, arguments: Sequence[Any], seconds: float, tick: Callable[[], None] = lambda: None
    ) -> None:
        """`tick` is called every now and then."""
        self.bench, self.seconds, self.clock, self.tick = bench, seconds, Clock(), tick
        self.count, self.is_over = 0, False
        self.parameters, *self.data = arguments
        self.is_complex = False
        subject = self._shortest(arguments)
        try:
            self.plain = self._loss(bench.subject, arguments)
            carried = _carried(tuple(arguments), PlainComplex)
            moved = subject.in_arithmetic(PlainComplex)
            found = self._loss(moved, carried)
            if abs(found.real - self.plain) <= 1e-9 * max(abs(self.plain), 1e-9):
                self.is_complex, self.subject, self.arguments = True, moved, carried
        except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
            self.is_complex = False
        if not self.is_complex:
            self.subject, self.arguments = subject.in_arithmetic(PlainDouble), _carried(tuple(arguments), PlainDouble)

    def _shortest(self, arguments: Sequence[Any]) -> Any:
        """Return the call without its backward pass, where that gives the same loss."""
        bench = self.bench
        try:
            is_same = bench.alone and self._loss(bench.alone, arguments) == self._loss(bench.subject, arguments)
        except Exception:  # noqa: BLE001 - someone's code, without its end
            is_same = False
        return bench.alone if is_same else bench.subject

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return self.clock.spent > self.seconds

    def along(self, mark: int, turn: int, direction: np.ndarray) -> float:
        """Return the derivative along a direction; NaN where there is none, and when the time is over."""
        self.count += 1
        if self.count % TICKING == 0:
            self.tick()
            self.is_over = self.is_over or self.is_late
        if self.is_over:
            return float("nan")
        try:
            if self.is_complex:
                return float(np.imag(self._moved(mark, turn, 1j * STEP * direction)) / STEP)
            far, near = (self._slope(mark, turn, direction, h) for h in (REACH, REACH / 2))
            return (4 * near - far) / 3
        except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
            return float("nan")

    def whole(self, mark: int, turn: int, value: np.ndarray) -> np.ndarray:
        """Return the derivative with respect to every entry of a value."""
        found = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            direction = np.zeros(value.shape)
            direction[place] = 1.0
            found[place] = self.along(mark, turn, direction)
        return found

    def _slope(self, mark: int, turn: int, direction: np.ndarray, step: float) -> float:
        ends = [float(np.real(self._moved(mark, turn, s * step * direction))) for s in (1, -1)]
        return (ends[0] - ends[1]) / (2 * step)

    def _moved(self, mark: int, turn: int, step: Any) -> Any:
        with asked(self.bench.hooks, Moving(mark, turn, step)):
            return self._loss(self.subject, self.arguments)

    def _loss(self, subject: Any, arguments: Sequence[Any]) -> Any:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return np.asarray(subject(arguments[0], *arguments[1:]).loss).reshape(())[()]


def _carried(arguments: Any, kind: Any) -> Any:
    if isinstance(arguments, np.ndarray):
        return kind.carry(arguments.copy())
    if isinstance(arguments, Mapping):
        return {name: _carried(item, kind) for name, item in arguments.items()}
    if isinstance(arguments, tuple | list):
        return type(arguments)(_carried(item, kind) for item in arguments)
    return arguments
