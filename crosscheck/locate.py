"""Where a wrong gradient starts: the first intermediate, in backward order, that leaves the twin's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.cases import Key
from crosscheck.compare import compare
from crosscheck.contract import call
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge, JudgedCase, noise_key
from crosscheck.precision import Precision
from crosscheck.reference import oracle_for

SAMPLES = 64


class Place(NamedTuple):
    """Where, as far as it can be told. Steps are counted from 0."""

    time: int | None
    variable: str | None
    sentence: str
    """A sentence for the report with a blank before it, or nothing"""


class Locator:
    """Looks for the places of one run: the twin with probes is compiled once, and asked once about each case."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._oracle: Any = None
        self._departures: dict[Key, Place | None] = {}

    def place(self, case: JudgedCase, name: str) -> Place:
        """Tell where `name`, an array that is wrong in a case, leaves the twin's.

        For gradients it is the first variable and step in backward order. Where the subject does not show its
        intermediates, the evidence is which arrays are right and what the wrong entries have in common.
        """
        group = case.groups[name]
        if group == "rules":
            rule = name.rpartition(" after ")[2]
            return Place(None, None, f" The gradients are right in that case: the slip is in {rule}.")
        if group in ("gradients", "inputs"):
            if case.key not in self._departures:
                self._departures[case.key] = self._departure(case.key)
            if found := self._departures[case.key]:
                return found
        return Place(None, None, _evidence(case, name))

    def _departure(self, key: Key) -> Place | None:
        pair, case = self._judge.pair, self._judge.pair.cases.build(key)
        outcome = call(pair.subject, case.arguments, time_limit=self._judge.time_limit)
        if not (outcome.intermediates and pair.probes and pair.twin):
            return None
        if self._oracle is None:
            self._oracle = oracle_for(replace(pair, rules=()), outcome, probed=True)
        precision = self._judge.precision(case, outcome)
        try:
            (reference,) = self._oracle.references([case.arguments], [()], [noise_key(key)], precision, samples=SAMPLES)
        except CrosscheckError as problem:
            return Place(None, None, f" Where it starts cannot be told: {problem}")
        found = first_departure(
            outcome.intermediates, reference.exact["intermediates"], reference.noise["intermediates"], precision
        )
        if found is None:
            sentence = " All intermediate gradients are right: the slip is where they are gathered."
            return Place(None, None, sentence)
        time, variable = found
        sentence = f" The backward pass first goes wrong at step {time}, in the gradient of {variable}."
        return Place(time, variable, sentence)


def first_departure(
    subject: Mapping[str, Any], reference: Mapping[str, Any], noise: Mapping[str, Any], precision: Precision
) -> tuple[int, str] | None:
    """Return (step, variable) of the first wrong intermediate, from the last step back, in the subject's order."""
    wrong = {
        name: compare(subject[name], reference[name], noise[name], precision).wrong
        for name in subject
        if name in reference
    }
    steps = max((array.shape[0] for array in wrong.values()), default=0)
    return next(
        ((time, name) for time in reversed(range(steps)) for name, array in wrong.items() if array[time].any()), None
    )


def _evidence(case: JudgedCase, name: str) -> str:
    right = [
        other
        for other, comparison in case.comparisons.items()
        if case.groups[other] not in ("loss", "rules") and comparison.judged.any() and not comparison.wrong.any()
    ]
    shared = what_they_share(case.comparisons[name].wrong)
    return (f" Right in the same case: {', '.join(right)}." if right else "") + (
        f" Its wrong entries {shared}." if shared else ""
    )


def what_they_share(wrong: np.ndarray) -> str:
    """Say what the wrong entries of an array have in common, where it is not all of them: an index along one axis.

    >>> what_they_share(np.array([[False, True, False], [False, True, False]]))
    'all have index 1 on axis 1'
    """
    if wrong.ndim == 0 or not wrong.any() or wrong.all():
        return ""
    for axis in range(wrong.ndim):
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        indices = np.flatnonzero(wrong.any(axis=others))
        if len(indices) == 1 and wrong.shape[axis] > 1:
            return f"all have index {indices[0]} on axis {axis}"
    return ""
