"""Where a wrong gradient starts: the first intermediate, in backward order, that leaves the twin's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.cases import Key
from crosscheck.compare import compare
from crosscheck.contract import call
from crosscheck.judge import Judge, JudgedCase, noise_key
from crosscheck.precision import Precision

SAMPLES = 64


class Place(NamedTuple):
    """Where, as far as it can be told. Steps are counted from 0."""

    time: int | None
    variable: str | None
    sentence: str
    """A sentence for the report with a blank before it, or nothing"""


def locate(judge: Judge, key: Key) -> Place:
    """Find the first variable and time step at which the subject's backward pass leaves the twin's in one case.

    Where the subject does not show its intermediates, the evidence is which arrays are right and what the wrong
    entries have in common.
    """
    case = judge.pair.cases.build(key)
    outcome = call(judge.pair.subject, case.arguments, time_limit=judge.time_limit)
    if outcome.intermediates and judge.pair.probes:
        precision = judge.precision(case, outcome)
        from crosscheck.oracle import Oracle  # JAX is loaded by now

        assert isinstance(judge.oracle, Oracle)
        probed = Oracle(replace(judge.oracle.twin, probes=judge.pair.probes), judge.pair.padding)
        (reference,) = probed.references(
            [case.arguments], [judge.states(case, outcome)], [noise_key(key)], precision, samples=SAMPLES
        )
        found = first_departure(
            outcome.intermediates, reference.exact["intermediates"], reference.noise["intermediates"], precision
        )
        if found:
            time, variable = found
            return Place(
                time, variable, f" The backward pass first goes wrong at step {time}, in the gradient of {variable}."
            )
        return Place(None, None, " All intermediate gradients are right: the slip is where they are gathered.")
    (judged,) = judge.judge([key])
    return Place(None, None, _evidence(judged))


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


def _evidence(case: JudgedCase) -> str:
    wrong = {name: comparison.wrong for name, comparison in case.comparisons.items() if name != "loss"}
    judged = {name for name, comparison in case.comparisons.items() if comparison.judged.any()}
    right = [name for name, array in wrong.items() if name in judged and not array.any() and " after " not in name]
    shared = [f"{name}: {common}" for name, array in wrong.items() if (common := what_they_share(array))]
    return (f" Right in the same case: {', '.join(right)}." if right else "") + (
        f" Wrong entries: {'; '.join(shared)}." if shared else ""
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
