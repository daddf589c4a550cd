"""Cases where a formula divides zero by zero: at a single point, as a distance that is zero, or for tiny numbers.

All data are zero in one regime, which the author's data never are. A gradient that is NaN there, and an ordinary number
for data a hair away, says nothing of the backward pass: what JAX derives of a distance is NaN there as well. Data that
are zero in the file itself, as initial states are, are no such point.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.contract import SubjectError, call
from crosscheck.judge import JudgedCase
from crosscheck.recognise.unit import Unit
from crosscheck.verdicts import Finding, Severity

AWAY = 1e-3
"""How far from zero the data are moved: small beside any data, large beside what rounding makes of them"""
SECONDS = 10.0


def single_point(unit: Unit, case: JudgedCase) -> Finding | None:
    """Return what is said of a case in which gradients are NaN at one point alone, None if it is an ordinary one."""
    if case.key.regime != "zero-state":
        return None
    wrong = {name: comparison.wrong for name, comparison in case.comparisons.items() if comparison.wrong.any()}
    if not wrong or not _are_lost(case, wrong):
        return None
    parameters, data = unit.cases.build(case.key).arguments
    own_parameters, own_data = unit.example
    random = np.random.default_rng(case.key.seed)
    moved = (_moved(parameters, own_parameters, random), _moved(data, own_data, random))
    try:
        with np.errstate(all="ignore"):
            outcome = call(unit.subject, moved, time_limit=SECONDS)
    except SubjectError:
        return None
    if not all(np.isfinite(outcome.gradients[name]).all() for name in wrong if name in outcome.gradients):
        return None
    named = ", ".join(wrong)
    message = (
        f"The gradient of {named} is NaN where all data are zero, and nowhere near: zero is divided by zero there."
    )
    return Finding("not-finite-at-zero", Severity.WARNING, next(iter(wrong)), message)


def underflowing(case: JudgedCase) -> Finding | None:
    """Return what is said of a case of tiny numbers in which gradients are not finite, None if it is another one.

    Widths of a hundredth let every exponential in a file vanish, and divide zero by zero: its author's never do.
    """
    wrong = {name: comparison.wrong for name, comparison in case.comparisons.items() if comparison.wrong.any()}
    if case.key.regime != "tiny" or not wrong or not _are_lost(case, wrong):
        return None
    named = ", ".join(wrong)
    message = f"The gradient of {named} is not finite where all numbers are tiny: it divides by what vanishes."
    return Finding("not-finite-if-tiny", Severity.WARNING, next(iter(wrong)), message)


def _are_lost(case: JudgedCase, wrong: Mapping[str, np.ndarray]) -> bool:
    """Tell whether no entry that is wrong is finite."""
    return not any(np.isfinite(np.asarray(case.outcome[name])[at]).any() for name, at in wrong.items())


def _moved(values: Mapping[str, Any], own: Mapping[str, Any], random: np.random.Generator) -> dict[str, Any]:
    """Return arrays with those a hair from zero that are zero now and are not in the file."""
    return {name: _beside_zero(value, own[name], random) for name, value in values.items()}


def _beside_zero(value: Any, own: Any, random: np.random.Generator) -> Any:
    if isinstance(value, list):
        return [_beside_zero(item, own, random) for item in value]
    is_zeroed = isinstance(value, np.ndarray) and value.dtype.kind == "f" and not value.any() and np.any(own)
    return (AWAY * random.standard_normal(value.shape)).astype(value.dtype) if is_zeroed else value
