"""What looks wrong is judged once more as its author may have meant it, before that is said."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.recognise import Unit, units_like
from crosscheck.recognise.cases import CallCases
from crosscheck.recognise.formulas import Hinge, Implied, Misjudged, Residual, Surprise
from crosscheck.recognise.other_calls import of_same_kind
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.zero_states import handed_as_zeros
from crosscheck.report import Report
from crosscheck.verdicts import Verdict

COUNTED = (Implied, Residual, Hinge, Misjudged, Surprise)
"""Losses that nobody states, which may be means"""
FEW = 3
"""Cases that may be lost in guards"""
GUARDED = 1e-3
"""By what share of it guards change a loss that is mostly these"""
FIRST_CASES = 3
"""In which code that is wrong without its guard constants as well mostly shows it"""
GUARDS = (
    "constants of 1e-5 and less that guard a logarithm or a quotient were taken for zero, "
    "and bounds of an exponent that cut off no more than that were left out"
)
HELD = "what a comment calls constant, or a call detaches, was held constant while the loss was differentiated"
NOT_HELD = "nothing was held constant while the loss was differentiated: not the targets that discounted values make"
OWN_DATA = "data that the file computes from other data were kept as they are in the file"
ZEROS = "{} was taken for zeros, as in every call in the file: with other numbers a term is missing"
ENOUGH = 12
"""Cases that may be judged by the file's own data"""
ROUNDING = 64 * float(np.finfo(np.float64).eps)


def has_wrong_gradient(report: Report) -> bool:
    """Tell whether a gradient is wrong: an update that is, of a right gradient, is so by any numbers."""
    return bool(_wrong(report))


def with_guards_of_zero(
    unit: Unit, report: Report, judge: Callable[..., Report], tick: Callable[[], None] = lambda: None
) -> tuple[Unit, Report]:
    """Judge a unit that is wrong once more with guard constants of zero.

    Where that agrees, nothing but these was left out. Where it is wrong as well, but less is, or the guards are in the
    loss alone, what is left is what is wrong: with them nothing would be right, whatever was mended.
    """
    has_own = unit.world.plan.keep_derived
    found = units_like(unit, guards=False, keep_derived=has_own, tick=tick)
    for other in of_same_kind(found, unit.kind):
        if other.own_name == unit.own_name and other.names == unit.names:
            other = replace(other, name=unit.name)
            first = judge(replace(other), min(FIRST_CASES, report.examples))  # by a reference of its own
            is_less = _wrong(first) < _wrong(report) or _is_in_the_loss_alone(unit, other)
            if first.verdict is Verdict.DISAGREE and not is_less:
                continue  # further cases cannot take that back
            again = judge(other)
            if again.verdict is Verdict.DISAGREE and (lost := _lost_in_guards(unit, other, again)):
                other = replace(other, cases=replace(other.cases, passed_over=lost))
                again = judge(other)
            judged = again.verdict is Verdict.INCONCLUSIVE and again.error is None and again.judged >= FIRST_CASES
            if judged or again.verdict in (Verdict.AGREE, Verdict.DISAGREE):
                own = (OWN_DATA,) if has_own else ()
                return other, replace(again, assumptions=(*again.assumptions, *own, GUARDS))
    return unit, report


def _lost_in_guards(unit: Unit, other: Unit, report: Report) -> frozenset[Key]:
    """Return the cases in which alone something is wrong, if there are few and the loss is mostly its guards in each.

    With them the loss does not change there any more, and without them it is lost in rounding.
    """
    keys = {key for tally in report.tallies if tally.verdict is Verdict.DISAGREE for key in tally.wrong_keys}
    if not 0 < len(keys) <= FEW:
        return frozenset()
    for key in keys:
        try:
            with np.errstate(all="ignore"):
                held, bare = (of.subject(*of.cases.build(key).arguments).loss for of in (unit, other))
        except Exception:  # noqa: BLE001 - someone's code, without its guards
            return frozenset()
        if not abs(held - bare) > GUARDED * abs(held):
            return frozenset()
    return frozenset(keys)


def _is_in_the_loss_alone(unit: Unit, other: Unit) -> bool:
    """Tell whether two units have the same gradients in one case, and not the same loss."""
    arguments = [unit.cases.build(unit.cases.draw(0, 0)).arguments for _ in range(2)]
    try:
        one, two = (of.subject(*own) for of, own in zip((unit, other), arguments, strict=True))
        same = all(_are_close(gradient, two.gradients[name]) for name, gradient in one.gradients.items())
    except Exception:  # noqa: BLE001 - someone's code, without its guards
        return False
    return same and not np.array_equal(np.asarray(one.loss), np.asarray(two.loss))


def _are_close(one: np.ndarray, two: np.ndarray) -> bool:
    scale = float(np.max(np.abs(one), initial=0.0))
    return np.shape(one) == np.shape(two) and bool(np.all(np.abs(one - two) <= ROUNDING * scale))


def with_one_count(unit: Unit, report: Report, judge: Callable[..., Report]) -> tuple[Unit, Report]:
    """Judge once more by a loss that nobody states, with a constant in place of the number that it is divided by.

    Where a program has four rows, a quarter of the squares is half of a half of them as well as their mean.
    """
    loss = getattr(unit.subject, "loss", None)
    if not isinstance(loss, COUNTED) or not loss.shared:
        return unit, report
    plain = loss._replace(shared="")
    try:
        arguments = [unit.cases.build(unit.cases.draw(0, 0)).arguments for _ in range(2)]
        whole, mean = (of_loss(unit, one).subject(*own).loss for one, own in zip((plain, loss), arguments, strict=True))
    except Exception:  # noqa: BLE001 - someone's code
        return unit, report
    share = float(mean) / float(whole) if whole else 0.0
    other = of_loss(unit, plain._replace(constant=loss.constant * share))
    again = judge(other)
    is_better = again.error is None and again.judged and _wrong(again) < _wrong(report)
    return (other, again) if is_better else (unit, report)


def of_loss(unit: Unit, loss: Any) -> Unit:
    """Return a unit with another loss that nobody states, and what is said of it."""
    subject = copy.copy(unit.subject)
    said = tuple(one.replace(str(subject.loss), str(loss)) for one in unit.assumptions)
    subject.loss = loss
    return replace(unit, subject=subject, assumptions=said)


def with_constants_held(unit: Unit, report: Report, judge: Callable[..., Report]) -> tuple[Unit, Report]:
    """Judge once more with what the file calls constant held so: the gradient is meant to go round it.

    What was held at once, a target that a discounted value makes, is let go: some go back through it as well.
    """
    constants = unit.world.hooks.constants
    constants.hold = not constants.hold
    other = replace(unit)  # with a reference of its own
    again = judge(other)
    if again.error is None and again.judged and _wrong(again) < _wrong(report):
        return other, replace(again, assumptions=(*again.assumptions, HELD if constants.hold else NOT_HELD))
    constants.hold = not constants.hold
    return unit, report


def with_zero_states(unit: Unit, report: Report, judge: Callable[[Unit], Report]) -> tuple[Unit, Report]:
    """Judge once more with the initial states that a file hands over as zeros alone: terms of these may be left out."""
    functions = [name for name in unit.covers if "line" not in name]
    names = handed_as_zeros(unit.document.tree, functions) & {n for n, v in unit.example[1].items() if is_floating(v)}
    if not names or not isinstance(unit.cases, CallCases):
        return unit, report
    other = replace(unit, cases=replace(unit.cases, still=names))
    again = judge(other)
    if again.error is not None or not again.judged or not _wrong(again) < _wrong(report):
        return unit, report
    return other, replace(again, assumptions=(*again.assumptions, ZEROS.format(", ".join(sorted(names)))))


def _wrong(report: Report) -> set[str]:
    return {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE}


def with_own_data(
    unit: Unit, report: Report, judge: Callable[[Unit], Report], tick: Callable[[], None] = lambda: None
) -> tuple[Unit, Report]:
    """Judge once more with the file's own data, some of which it computed from others: drawn apart they are at odds."""
    others = of_same_kind(units_like(unit, keep_derived=True, tick=tick), unit.kind)
    same = [other for other in others if other.own_name == unit.own_name]
    for other in same or others:  # a loss that fits nothing by other numbers may be another one by its own
        if other.names.keys() >= unit.names.keys():  # what does not hold all of it has nothing to say of the rest
            again = judge(other)
            if again.error is None and 2 * again.judged >= min(again.examples, ENOUGH):
                own = replace(other, name=unit.name)
                return own, replace(again, target=unit.name, assumptions=(*again.assumptions, OWN_DATA))
    return unit, report
