"""The paper of an exam: its cases for one seed, with what is expected and what the known mistakes would return."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from crosscheck.learn.calling import Drive, copied, lines_of
from crosscheck.learn.course import Exercise
from crosscheck.learn.driving import driver
from crosscheck.learn.exam import LARGE, SQUARE, Case, Draw, Wrong
from crosscheck.learn.loading import Rules, load
from crosscheck.learn.numbers import as_numbers
from crosscheck.references import rounding_of
from crosscheck.trees import leaves

Values = Mapping[str, np.ndarray | None]
"""What came back, by name; None where it is no array of numbers"""
MOST_LINES = 10**7


class Sheet:
    """One case, and what is known about it."""

    def __init__(self, paper: "Paper", case: Case) -> None:
        self.paper, self.case = paper, case
        self._mistakes: dict[str, Values] = {}

    @cached_property
    def noise(self) -> list[Any]:
        """How far rounding moves each value that the solution returns; zeros where rules decide."""
        if all(one.value is None for one in self.case.expected):
            return [0.0] * len(self.case.expected)
        return leaves(rounding_of(lambda *arguments: self.paper.solve(arguments), self.case.arguments).noise)

    def prepare(self) -> None:
        """Find all that may be asked for, before it is."""
        assert len(self.noise) == len(self.case.expected)
        for wrong in self.paper.exercise.exam.wrong:
            self.mistaken(wrong)

    def mistaken(self, wrong: Wrong) -> Values:
        """Return what a known mistake returns."""
        if wrong.name not in self._mistakes:
            self._mistakes[wrong.name] = self._returned(self.paper.mistakes[wrong.name])
        return self._mistakes[wrong.name]

    def _returned(self, solve: Drive) -> Values:
        names = self.paper.exercise.exam.returns
        try:
            with np.errstate(all="ignore"):
                value = solve(copied(self.case.arguments))
        except Exception:  # noqa: BLE001 (a mistake may raise anything)
            return dict.fromkeys(names)
        value = (value,) if len(names) == 1 else value
        if not isinstance(value, tuple | list) or len(value) != len(names):
            return dict.fromkeys(names)
        return {name: as_numbers(one) for name, one in zip(names, value, strict=True)}


class Paper:
    """All cases that one answer is tried on."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self.exercise, self.seed = exercise, seed

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The cases that decide."""
        return [self._sheet(regime, index) for index, regime in enumerate(self.exercise.exam.regimes)]

    @cached_property
    def square(self) -> list[Sheet]:
        """Cases whose sizes are all equal: where other sizes do not fit, these still tell what was computed."""
        return [self._sheet(SQUARE, index) for index in range(2)]

    @cached_property
    def large(self) -> Case:
        """A case that shows how much is done."""
        return self._case(LARGE, 0)

    @cached_property
    def lines(self) -> int:
        """Lines that the solution runs in the large case."""
        return max(lines_of(self.solve, self.large.arguments, SOLUTION, MOST_LINES).lines, 1)

    @cached_property
    def solve(self) -> Drive:
        """The solution."""
        return solver(self.exercise, self.exercise.solution)

    @cached_property
    def mistakes(self) -> dict[str, Drive]:
        """The wrong answers, by name."""
        return {wrong.name: solver(self.exercise, self.exercise.mistaken(wrong)) for wrong in self.exercise.exam.wrong}

    def _sheet(self, regime: str, index: int) -> Sheet:
        return Sheet(self, self._case(regime, index))

    def _case(self, regime: str, index: int) -> Case:
        source = Draw(self.seed, regime, index)
        return replace(self.exercise.exam.case(source), sizes=dict(source.named), regime=regime)


SOLUTION = "<solution>"


def rules_of(exercise: Exercise) -> Rules:
    """Return what the learner's file may do."""
    return Rules(exercise.imports, exercise.by_hand, exercise.exam.withheld)


def solver(exercise: Exercise, source: str) -> Callable[[tuple[Any, ...]], Any]:
    """Return what calls the function of an author's source text."""
    return driver(load(source, SOLUTION, rules_of(exercise)), exercise.name, exercise.exam.function)


@lru_cache(maxsize=32)
def paper(exercise: Exercise, seed: int) -> Paper:
    """Return the paper of an exercise for a seed; the last few are kept."""
    return Paper(exercise, seed)
