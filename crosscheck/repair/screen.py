"""A quick trial of an edit on a handful of cases, whose references are computed once."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.compare import K
from crosscheck.contract import Outcome, SubjectError, call
from crosscheck.errors import CrosscheckError
from crosscheck.judge import noise_key
from crosscheck.precision import Precision, precision_of
from crosscheck.repair.clock import Clock
from crosscheck.trees import flatten

ORDER = (
    "ordinary",
    "one-step",
    "one-length",
    "repeated-symbols",
    "repeated-integers",
    "longer",
    "ordinary",
    "two-steps",
    "tiny",
)
"""The regimes of the trial, in turn: the first one that an edit fails ends it"""
LOOKS = 2
"""Trials in the first of which an edit must make something right to be tried further"""
DRAWS = 60
SLACK = 0.6
"""Power of ε that an entry may be off, as a share of its parameter's largest: 4e-10 in float64"""
PATIENCE = 20.0
"""Times the usual duration that an edited call may take"""
SHORTEST = 2.0
"""Seconds that it may take in any case"""


@dataclass(frozen=True)
class Trial:
    """One case of the screen."""

    key: Key
    arguments: tuple[Any, ...]
    loss: Any
    exact: dict[str, np.ndarray]
    allowed: dict[str, np.ndarray]
    """How far each entry may be off"""


@dataclass(frozen=True)
class Score:
    """What is right: pairs of the number of a trial and the name of an array."""

    right: frozenset[tuple[int, str]]
    complete: bool
    """Whether all trials were run, and not only the first"""

    def names(self, trials: int) -> frozenset[str]:
        """Return the arrays that are right in every trial."""
        every = {name for _, name in self.right}
        return frozenset(n for n in every if all((number, n) in self.right for number in range(trials)))


class Screen:
    """The trials of one unit."""

    def __init__(self, unit: Any, oracle: Any, *, seed: int, seconds: float, huge: Any = None) -> None:
        """Ask the oracle (crosscheck.reference.ReferenceSource) for one case after the other while there is time.

        `huge` are arguments in which the gradient overflows: all that is asked there is that it be finite.
        """
        self.unit, self.oracle = unit, oracle
        self.trials: list[Trial] = [] if huge is None else [_where_it_overflows(unit, huge)]
        clock = Clock()
        for key in _chosen(unit.cases, seed):
            if self.trials and clock.spent > seconds:
                break
            trial = self.trial(key)
            if trial is not None:
                self.trials.append(trial)
        self.duration = self._duration()
        self.names = tuple(dict.fromkeys(name for trial in self.trials for name in trial.exact))
        self.everything = frozenset((number, name) for number in range(len(self.trials)) for name in self.names)

    def trial(self, key: Key) -> Trial | None:
        """Return the trial of a case; None where there is no derivative."""
        arguments = self.unit.cases.build(key).arguments
        try:
            outcome = call(self.unit.subject, arguments)
        except SubjectError:
            outcome = None
        precision = _precision(arguments, outcome)
        try:
            (reference,) = self.oracle.references([arguments], [()], [noise_key(key)], precision)
        except Exception:  # noqa: BLE001 - a forward may refuse the sizes of a case
            return None
        exact, error = (flat(one["gradients"], one["inputs"]) for one in (reference.exact, reference.noise))
        allowed = {
            name: K * error[name] + np.max(np.abs(values), initial=0) * float(precision.epsilon) ** SLACK
            for name, values in exact.items()
        }
        return Trial(key, arguments, None if outcome is None else outcome.loss, exact, allowed)

    def _duration(self) -> float:
        if not self.trials:
            return SHORTEST
        started = time.perf_counter()
        try:
            call(self.unit.subject, self.trials[0].arguments)
        except SubjectError:
            return SHORTEST
        return time.perf_counter() - started

    def score(self, subject: Any, at_least: frozenset[tuple[int, str]] = frozenset()) -> Score | None:
        """Try a subject; None where it fails, or changes the loss.

        Where the first trials are not better than `at_least`, or one of them is worse, the others are not run.
        """
        right: set[tuple[int, str]] = set()
        for number in range(len(self.trials)):
            found = self.right(subject, number)
            if found is None:
                return None
            right |= found
            if number < LOOKS and not _may_improve(right, at_least, number):
                return Score(frozenset(right), complete=False)
        return Score(frozenset(right), complete=True)

    def right(self, subject: Any, number: int) -> set[tuple[int, str]] | None:
        """Return which gradients of a subject are right in a trial; None where it fails, or changes the loss."""
        found = self.right_in(self.trials[number], subject)
        return None if found is None else {(number, name) for name in found}

    def right_in(self, trial: Trial, subject: Any) -> frozenset[str] | None:
        """Return the gradients that are right, in a trial that need not be one of the screen's."""
        values = self.values_in(trial, subject)
        if values is None:
            return None
        return frozenset(n for n in self.names if n not in values or not _wrong(values[n], trial, n).any())

    def values(self, subject: Any, number: int) -> dict[str, np.ndarray] | None:
        """Return the gradients that a subject gives in a trial; None where it fails, or changes the loss."""
        return self.values_in(self.trials[number], subject)

    def values_in(self, trial: Trial, subject: Any) -> dict[str, np.ndarray] | None:
        """Return the gradients that a subject gives in a trial that need not be one of the screen's."""
        try:
            outcome = call(subject, trial.arguments, time_limit=max(SHORTEST, PATIENCE * self.duration))
        except (SubjectError, CrosscheckError):
            return None
        if trial.loss is not None and not np.array_equal(outcome.loss, trial.loss, equal_nan=True):
            return None
        values = flat(outcome.gradients, outcome.inputs)
        return values if set(values) == set(trial.exact) else None

    def wrong(self, number: int, values: dict[str, np.ndarray]) -> np.ndarray:
        """Return for every entry of the gradients, in a row, whether it is wrong in a trial."""
        return np.concatenate([_wrong(values[name], self.trials[number], name).reshape(-1) for name in values])


def _where_it_overflows(unit: Any, arguments: tuple[Any, ...]) -> Trial:
    outcome = call(unit.subject, arguments)
    exact = {name: np.zeros(value.shape) for name, value in flat(outcome.gradients, outcome.inputs).items()}
    allowed = {name: np.full(value.shape, np.finfo(np.float64).max) for name, value in exact.items()}
    return Trial(Key("huge", (), 0), arguments, outcome.loss, exact, allowed)


def _wrong(value: np.ndarray, trial: Trial, name: str) -> np.ndarray:
    exact = trial.exact[name]
    if value.shape != exact.shape:
        return np.ones(value.shape, bool)
    with np.errstate(all="ignore"):
        near = np.abs(value - exact) <= trial.allowed[name]
    return ~(near | ~np.isfinite(trial.allowed[name]) | ~np.isfinite(exact))


def _may_improve(right: set[tuple[int, str]], least: frozenset[tuple[int, str]], number: int) -> bool:
    before = {pair for pair in least if pair[0] <= number}
    return right >= before and (len(right) > len(before) or number + 1 < LOOKS)


def flat(gradients: Any, inputs: Any = None) -> dict[str, np.ndarray]:
    """Return every gradient by its name, as the report calls it."""
    named = list(flatten(gradients))
    for name, tree in (inputs or {}).items():
        named += flatten(tree, name)
    return {name: np.asarray(leaf) for name, leaf in named if leaf is not None and np.size(leaf)}


def _precision(arguments: tuple[Any, ...], outcome: Outcome | None) -> Precision:
    trees = (arguments[0],) if outcome is None else (arguments[0], outcome.gradients)
    return precision_of(np.asarray(leaf).dtype for tree in trees for _, leaf in flatten(tree))


def _chosen(cases: Any, seed: int) -> list[Key]:
    """Return a key for each regime of ORDER, of other sizes than before if possible; any keys if it knows none.

    Cases may have an `order` of their own.
    """
    drawn: list[Key] = list(dict.fromkeys(cases.draw(seed, index) for index in range(DRAWS)))
    chosen: list[Key] = []
    for regime in getattr(cases, "order", ORDER)[: len(ORDER)]:
        keys = [key for key in drawn if key.regime == regime and key not in chosen]
        sizes = {key.sizes for key in chosen}
        chosen += [key for key in keys if key.sizes not in sizes][:1] or keys[:1]
    return chosen or drawn[: len(ORDER)]
