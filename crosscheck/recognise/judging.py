"""The verdict on one unit: the judge of the library, with a quick reference first and no twin."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.coarse import coarse_inside
from crosscheck.contract import CRASHES, SubjectError
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge, JudgedCase
from crosscheck.pair import Pair
from crosscheck.precision import Precision
from crosscheck.recognise.circulation import judged_alone
from crosscheck.recognise.clipping import clipped
from crosscheck.recognise.held_entries import ZeroedEntries
from crosscheck.recognise.loss_alone import loss_alone
from crosscheck.recognise.overflow import overflows
from crosscheck.recognise.rate_constants import SharedConstant, left_to_the_rate
from crosscheck.recognise.reference import ForwardOracle
from crosscheck.recognise.single_points import single_point, underflowing
from crosscheck.recognise.through_time import Steps, steps_of, through_time
from crosscheck.recognise.turns import never_reset
from crosscheck.recognise.unemptied import never_emptied
from crosscheck.recognise.uneven import uneven_batch
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.updates import wrong_rules
from crosscheck.recognise.vanishing import VanishingGradients
from crosscheck.recognise.world import FILENAME
from crosscheck.report import Report
from crosscheck.reports.pictures import Pictures
from crosscheck.tally import Tally, told_apart, worst_entry
from crosscheck.verdicts import Finding, Severity, Verdict

EXAMPLES = 40
GROSS = 1e-4
"""An error beyond this share of the largest entry is no rounding, and is not measured again"""
SOME = 3
"""Cases in which an array was right, after which it is measured again all the same: of `1 - p` no digit may be left"""
ENOUGH_WRONG = 12
"""Cases after which a gradient that is wrong in each of them needs no further ones"""
FURTHER = 3
"""As many times more cases are drawn at the most where others say nothing"""
FEW_WRONG = 2
"""The same where the time is up"""
VANISHING = 1e-12
"""The same of the largest entry of all gradients: what is less may be zero"""
CALL_SECONDS = 10.0
NOTHING_SHOWN = (
    "In every case the loss and all gradients are zero, as behind rectifiers that are all shut, which shows nothing."
)


class QuickJudge(Judge):
    """A judge who takes a closer look only where the first left a doubt, or where much was right before."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._right: Counter[str] = Counter()
        """In how many cases each array was right so far"""

    def judge(self, keys: Sequence[Key]) -> list[JudgedCase]:
        """Judge cases, and remember what was right in them."""
        cases = super().judge(keys)
        for case in cases:
            self._right.update(n for n, c in case.comparisons.items() if c.judged.any() and not c.wrong.any())
        return cases

    def _certain(self, result: JudgedCase) -> set[str]:
        """Return what is wrong beyond any doubt: nothing that was often right, until it is confirmed to be wrong."""
        return {name for name in gross(result) if self._right[name] < SOME or self._confirmed[name]}

    def _needs_closer_look(self, result: JudgedCase) -> bool:
        certain = self._certain(result)
        doubtful = {name: c for name, c in result.comparisons.items() if name not in certain}
        return super()._needs_closer_look(replace(result, comparisons=doubtful))

    def _grant_own_rounding(self, problem: Any, result: JudgedCase) -> JudgedCase:
        wrong = {name for name, comparison in result.comparisons.items() if comparison.wrong.any()}
        return result if wrong <= self._certain(result) else super()._grant_own_rounding(problem, result)


def gross(result: JudgedCase) -> set[str]:
    """Return the arrays of a case that are wrong beyond any doubt."""
    found = set()
    sizes = {name: _largest(result.reference[name]) for name in result.comparisons if name != "loss"}
    for name, comparison in result.comparisons.items():
        if comparison.wrong.any():
            reference = np.asarray(result.reference[name], float)
            error = np.abs(np.asarray(result.outcome[name], float) - reference)
            least = VANISHING * max(sizes.values())  # a gradient that is zero but for rounding, beside others
            if not np.max(error[comparison.wrong], initial=0.0) <= max(GROSS * _largest(reference), least):
                found.add(name)
    return found


def _largest(array: Any) -> float:
    return float(np.max(np.abs(np.asarray(array, float)), initial=0.0))


def judge_unit(
    unit: Unit,
    *,
    seed: int = 0,
    examples: int | None = None,
    seconds: float | None = None,
    pictures: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """Judge a unit by its own forward. Never raises for what the unit does: the report then holds the error.

    `pictures` asks for what a page shows in pictures (crosscheck.reports.pictures); `tick` is called before each case.
    """
    if unit.circulates:
        return judged_alone(unit, seed, tick)
    started, began = time.monotonic(), time.process_time()
    oracle = oracle_of(unit)
    judge = QuickJudge(Pair(unit.name, unit.subject, None, unit.cases, inputs=("data",)), oracle, CALL_SECONDS)
    tallies: dict[str, Tally] = {}
    regimes: Counter[str] = Counter()
    findings: list[Finding] = []
    precisions: set[Precision] = set()
    judged, error = 0, None
    total = examples or EXAMPLES
    least = len(unit.cases.regimes)
    loops = steps_of(unit) if pictures else []
    collector = Pictures(means=_means(unit, loops)) if pictures else None
    passed, is_shown, shared, zeroed = 0, False, SharedConstant(), ZeroedEntries()
    vanishing = VanishingGradients()
    for index in range(total * (1 + FURTHER)):
        if index - passed == total:
            break
        # One case of each regime at the least: fewer would acquit what only the others show.
        is_late = seconds is not None and time.process_time() - began > seconds
        if is_late and (index >= least or any(t.disagreeing >= FEW_WRONG for t in tallies.values())):
            break
        tick()
        key = unit.cases.draw(seed, index)
        if unit.moves and _does_nothing(unit, key):
            passed += 1
            continue
        try:
            (case,) = judge.judge([key])
        except SubjectError as problem:
            finding = problem.findings[0]
            if finding.code in CRASHES and judged:
                _note(findings, finding, Severity.WARNING)
                continue
            error = {"code": finding.code, "message": finding.message, "line": _line(finding)}
            break
        except CrosscheckError as problem:
            if judged:  # no derivative of this one case was found: kinks, or numbers beyond what differences tell
                continue
            error = {"code": problem.code, "message": str(problem), "line": None}
            break
        if unit.moves and _takes_no_step(case):
            passed += 1
            continue
        if (point := single_point(unit, case) or underflowing(case)) is not None:
            _note(findings, point, Severity.WARNING)
            continue
        is_right_so_far = judged and not any(tally.disagreeing for tally in tallies.values())
        if is_right_so_far and _is_wrong(case) and (share := uneven_batch(unit, case)) is not None:
            _note(findings, share, Severity.WARNING)
            continue
        if collector is not None:
            arguments = unit.cases.build(case.key).arguments
            seen = through_time(unit, loops, arguments, CALL_SECONDS) if loops else {}
            after = {f"{name} after clip": array for name, array in clipped(unit, arguments, CALL_SECONDS).items()}
            groups = {**case.groups, **dict.fromkeys(after, "rules")}
            collector.add(replace(case, intermediates=seen, outcome={**case.outcome, **after}, groups=groups))
        is_shown = is_shown or any(np.any(case.outcome[n]) or np.any(case.reference[n]) for n in case.comparisons)
        regimes[case.key.regime] += 1
        precisions.add(case.precision)
        shared.add(case)
        zeroed.add(case)
        case = vanishing.judged(case)
        judged += any(c.judged.any() for name, c in case.comparisons.items() if name != "loss")
        for name in case.comparisons:
            if name != "loss":
                tallies.setdefault(name, Tally(name)).add(case)
        for finding in case.findings:
            if finding.code not in ("prints", "warns", "input-changed"):
                _note(findings, finding, min(finding.severity, Severity.WARNING, key=list(Severity).index))
        if index >= ENOUGH_WRONG and any(t.disagreeing >= ENOUGH_WRONG for t in tallies.values()):
            break
    if judged and not is_shown:
        judged, tallies = 0, {}
        findings.append(Finding("nothing-shown", Severity.WARNING, None, NOTHING_SHOWN))
    constant = left_to_the_rate(unit, shared) if any(t.disagreeing for t in tallies.values()) else None
    if constant is not None:
        tallies = {name: Tally(name, cases=judged) for name in tallies}
        findings.append(constant)
    held = list(zeroed.findings(unit, [name for name, t in tallies.items() if t.verdict is Verdict.DISAGREE]))
    tallies |= {name: Tally(name, cases=judged) for name in (finding.parameter for finding in held) if name}
    findings += [*held, *vanishing.findings()]
    for name in unit.without:  # of what was not found nothing is known
        if judged:
            other = name if name not in tallies else f"{name} itself"
            tallies[other] = Tally(other, cases=judged)
    findings += [_differs(unit, judge, tally) for tally in tallies.values() if tally.verdict is Verdict.DISAGREE]
    findings += [*coarse_inside(tallies.values(), precisions, oracle.coarsest), *_without_gradient(unit)]
    if error is None and judged:
        blamed = {finding.parameter for finding in findings if finding.code == "gradient-differs"}
        findings += [fault for fault in unit.faults if fault.parameter not in blamed] or wrong_rules(unit)
    for name in (finding.parameter for finding in findings if finding.code == "update-not-told"):
        other = f"step of {name}"
        tallies[other] = Tally(other, cases=judged)
    if error is None and judged and not any(finding.severity is Severity.ERROR for finding in findings):
        findings += overflows(unit, seed)
    if error is None and judged and not unit.moves and not unit.name.startswith("the script"):
        findings += never_reset(unit, seed) if "the loop" in unit.name else second_call(unit, seed)
    return Report(
        target=unit.name,
        seed=seed,
        examples=total,
        judged=judged,
        seconds=time.monotonic() - started,
        tallies=tuple(tallies.values()),
        findings=tuple(findings),
        oracles=tuple(sorted(oracle.means)),
        regimes=dict(regimes),
        reproduce="",
        assumptions=unit.assumptions,
        error=error,
        pictures=collector,
    )


def _is_wrong(case: JudgedCase) -> bool:
    return any(comparison.wrong.any() for name, comparison in case.comparisons.items() if name != "loss")


def _takes_no_step(case: JudgedCase) -> bool:
    """Tell whether a turn takes no step and should take none, as behind `if rating > 0`: that says nothing."""
    names = case.comparisons.keys() - {"loss"}
    return not any(np.any(case.outcome[name]) or np.any(case.reference[name]) for name in names)


def _does_nothing(unit: Unit, key: Key) -> bool:
    """Tell whether a turn takes no step, and has no loss either: no derivative is needed to see that."""
    try:
        with np.errstate(all="ignore"):
            outcome = unit.subject(*unit.cases.build(key).arguments)
        return not np.any(outcome.loss) and not any(map(np.any, outcome.gradients.values()))
    except Exception:  # noqa: BLE001 - the judge will say of it
        return False


def _means(unit: Unit, loops: Sequence[Steps]) -> str:
    """Say what the norms at each time step are of."""
    places = "; ".join(str(unit.document.place(loop.line)) for loop in loops)
    return f"what the backward pass assigns in each turn of its loop ({places})"


WHY_NONE = "none was found, or the loss does not depend on it as it stands"


def _without_gradient(unit: Unit) -> list[Finding]:
    return [
        Finding("no-gradient", Severity.WARNING, name, f"No gradient of {name} was judged: {WHY_NONE}.")
        for name in unit.without
    ]


def second_call(unit: Unit, seed: int) -> list[Finding]:
    """Say what a second call in the state that the first one left does differently: warnings, in someone's own file."""
    if not hasattr(unit.subject, "called_twice"):
        return []
    if "/" in unit.name:
        return never_emptied(unit)
    arguments = unit.cases.build(unit.cases.draw(seed, 0)).arguments
    try:
        with np.errstate(all="ignore"):
            first, second = unit.subject.called_twice(*arguments)
    except Exception as failure:  # noqa: BLE001 - theirs
        message = f"The first call works, and a second one in the state that it leaves does not ({failure})."
        return [Finding("second-call-fails", Severity.WARNING, None, message)]
    adding = [n for n in first if not np.allclose(first[n], second[n], rtol=1e-9, atol=0) and np.any(first[n])]
    doubled = [name for name in adding if np.allclose(second[name], 2 * first[name], rtol=1e-9, atol=0)]
    if not doubled:
        return []
    message = f"Every call adds to {', '.join(doubled)} of the one before: set it to zero when a call begins."
    return [Finding("accumulates", Severity.WARNING, doubled[0], message)]


def oracle_of(unit: Unit) -> ForwardOracle:
    """Return the reference of a unit, which its edited versions share: an edit may not change the forward."""
    cached = unit.__dict__.get("_oracle")
    if cached is None:
        cached = ForwardOracle(unit.subject, loss_alone(unit))
        object.__setattr__(unit, "_oracle", cached)
    return cached


def _note(findings: list[Finding], finding: Finding, severity: Severity) -> None:
    if not any((known.code, known.parameter) == (finding.code, finding.parameter) for known in findings):
        findings.append(Finding(finding.code, severity, finding.parameter, finding.message, line=_line(finding)))


def _line(finding: Finding) -> int | None:
    """Return the line of a finding in the document; None where it is in the file of a library."""
    return finding.line if finding.file in (None, FILENAME) else None


def _differs(unit: Unit, judge: QuickJudge, tally: Tally) -> Finding:
    """Say how an array differs, in the smallest of the cases seen."""
    assert tally.worst is not None
    key = min(tally.wrong_keys, key=lambda key: (sum(key.sizes), key.regime != "ordinary"))
    (case,) = judge.judge([key])
    worst = worst_entry(case, tally.name, case.comparisons[tally.name])
    tally.worst = worst
    steps = f" with {key.sizes[0]} step{'s' if key.sizes[0] > 1 else ''}" if key.sizes else ""
    held = unit.names.get(tally.name, "")
    subject, reference = told_apart(worst.subject, worst.reference)
    message = (
        f"The gradient of {tally.name}{f' ({held})' if held else ''} differs in {tally.disagreeing} of {tally.cases} "
        f"cases. In one {key.regime} case{steps}, entry {list(worst.index)} is {subject} where the derivative "
        f"of the loss is {reference}; rounding explains {worst.noise:.1e}, and "
        f"{100 * worst.share_wrong:.0f} % of its entries are wrong."
    )
    return Finding("gradient-differs", Severity.ERROR, tally.name, message)
