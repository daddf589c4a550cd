"""Whether a gradient overflows where the loss does not: a softmax without the shift by the maximum, taken once more.

Parameters so large that an exponential of what they make overflows are no place to compare numbers: there the loss is
flat, or as good as flat. So nothing is compared. A gradient that is NaN or infinite is wrong there only if differences
of the loss show that its derivative is an ordinary number, and not zero; and only if that is no single accident.
"""

import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.contract import Outcome, SubjectError, call
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.places import Place
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import FILENAME
from crosscheck.report import Report
from crosscheck.verdicts import Finding, Severity

CASES = 4
ENOUGH = 2
"""Cases in which the same gradient must overflow"""
BEYOND = 1.4
"""Scale of the parameters, in units of the largest number with an exponential: logits are larger still"""
ENTRIES = 6
"""Entries of which the derivative is asked, until one is known"""
REACH = 2.0**-7
"""Step of a difference, as a share of the parameters' scale"""
ORDINARY = (1e-5, 1e5)
"""Sizes of derivatives that are neither zero nor on their way to overflow themselves"""
SAME = 0.01
"""By how much, relative, the derivative may depend on the step"""
SECONDS = 10.0

Arguments = tuple[Mapping[str, np.ndarray], Mapping[str, Any]]


def overflows(unit: Unit, seed: int) -> list[Finding]:
    """Return what is said of gradients that overflow where the loss does not.

    That is asked only of a loss that the code computes itself: one that was found for it is shifted by us.
    """
    if not isinstance(unit.subject.loss, Place | Scaled):
        return []
    counts: dict[str, int] = {}
    for arguments in huge_cases(unit, seed):
        for name in _overflowing(unit.subject, arguments):
            counts[name] = counts.get(name, 0) + 1
    names = [name for name, count in counts.items() if count >= ENOUGH]
    if not names or not begins_in_backward(unit, seed):
        return []
    message = (
        f"The gradient of {', '.join(names)} overflows for large parameters, where the loss and its derivative are "
        "ordinary numbers: subtract the maximum before an exponential in the backward pass too."
    )
    return [Finding("gradient-overflows", Severity.ERROR, names[0], message)]


def overflow_in(report: Report | None) -> Finding | None:
    """Return the finding of a report that says that a gradient overflows: nothing else is wrong with it then."""
    findings = report.findings if report else ()
    return next((finding for finding in findings if finding.code == "gradient-overflows"), None)


def huge_cases(unit: Unit, seed: int) -> Iterator[Arguments]:
    """Yield ordinary cases whose parameters are multiplied until exponentials of what they make overflow."""
    keys = dict.fromkeys(unit.cases.draw(seed, index) for index in range(10 * CASES))
    for key in [key for key in keys if key.regime in ("ordinary", "as-given")][:CASES]:
        parameters, data = unit.cases.build(key).arguments
        yield {name: value * scale_of(value) for name, value in parameters.items()}, data


def scale_of(value: np.ndarray) -> Any:
    """Return what a parameter is multiplied with; 1 where it is a share, or may not be negative."""
    if value.dtype.kind != "f" or not (value < 0).any():
        return value.dtype.type(1)
    return value.dtype.type(BEYOND * np.log(np.finfo(value.dtype).max))


def _overflowing(subject: Any, arguments: Arguments) -> list[str]:
    outcome = _outcome(subject, arguments)
    if outcome is None or not np.isfinite(outcome.loss):
        return []
    parameters = arguments[0]
    found = []
    for name, value in parameters.items():
        gradient = np.asarray(outcome.gradients.get(name), float)
        if gradient.shape != value.shape or np.isfinite(gradient).all():
            continue
        places = np.flatnonzero(~np.isfinite(gradient))[:: max(1, (~np.isfinite(gradient)).sum() // ENTRIES)]
        if any(_has_derivative(subject, arguments, name, place) for place in places[:ENTRIES]):
            found.append(name)
    return found


def _has_derivative(subject: Any, arguments: Arguments, name: str, place: int) -> bool:
    """Tell whether the loss has a derivative by one entry, and moves with it."""
    parameters, data = arguments
    step = REACH * float(scale_of(parameters[name]))

    def slope(step: float) -> float:
        losses = []
        for turn in (1, -1):
            moved = parameters[name].copy()
            moved.reshape(-1)[place] += turn * step
            outcome = _outcome(subject, ({**parameters, name: moved}, data))
            losses.append(np.nan if outcome is None else float(np.asarray(outcome.loss).reshape(())))
        return (losses[0] - losses[1]) / (2 * step)

    far, near = slope(step), slope(step / 4)
    return bool(ORDINARY[0] <= abs(near) <= ORDINARY[1] and abs(far - near) <= SAME * abs(near))


def line_of_overflow(unit: Unit, seed: int) -> int | None:
    """Return the first line of the backward pass after which a variable is not finite; None if there is none."""
    return next((line for line in _first_lost(unit, seed, unit.editable) if line is not None), None)


def begins_in_backward(unit: Unit, seed: int) -> bool:
    """Tell whether the first variable that is not finite is one of the backward pass, in most of the cases.

    What overflows in the forward already, and does not show in the loss, is a limit of the model.
    """
    lines = [line for line in _first_lost(unit, seed, None) if line is not None]
    return 2 * sum(line in unit.editable for line in lines) > len(lines)


def _first_lost(unit: Unit, seed: int, lines: frozenset[int] | None) -> Iterator[int | None]:
    """Yield, of each huge case, the first of some lines after which a variable is not finite; None is all lines.

    Where nothing overflows on that line, but zero is divided by zero, as at a kink, there is none.
    """
    for arguments in huge_cases(unit, seed):
        watch, before = _Watch(lines), sys.gettrace()
        sys.settrace(watch)
        try:
            with np.errstate(call=watch.overflow):
                _outcome(unit.subject, arguments)
        finally:
            sys.settrace(before)
        yield watch.found if watch.found in watch.overflows else None


class _Watch:
    """Looks at the variables after every line, or every one of the backward pass, until one is not finite."""

    def __init__(self, lines: frozenset[int] | None) -> None:
        self.lines = lines
        self.found: int | None = None
        self.overflows: set[int] = set()
        """Lines on which something became too large"""
        self.line: dict[int, int] = {}
        """For each frame, the line that has just been executed"""

    def overflow(self, _kind: str, _flag: int) -> None:
        """Note the line of the code at which NumPy says that a result overflows."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != FILENAME:
            frame = frame.f_back
        if frame is not None:
            self.overflows.add(frame.f_lineno)

    def __call__(self, frame: types.FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != FILENAME or self.found is not None:
            return None
        np.seterr(over="call")  # until the end of the call, whose error state is its own
        if event in ("line", "return"):
            executed = self.line.get(id(frame))
            if (
                executed is not None
                and (self.lines is None or executed in self.lines)
                and any(map(_is_lost, frame.f_locals.values()))
            ):
                self.found = executed
            self.line[id(frame)] = frame.f_lineno
        return self


def _is_lost(value: Any) -> bool:
    if not isinstance(value, np.ndarray | np.floating) or value.dtype.kind != "f":
        return False
    return not np.isfinite(value).all()


def _outcome(subject: Any, arguments: Arguments) -> Outcome | None:
    try:
        with np.errstate(all="ignore"):
            return call(subject, arguments, time_limit=SECONDS)
    except SubjectError:
        return None
