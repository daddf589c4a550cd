"""One check on its way from the first call of the subject to the report."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.coarse import coarse_inside
from crosscheck.compare import K
from crosscheck.contract import SubjectError, breaches, call, second_call_fails
from crosscheck.contract.codes import finding as of_contract
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge, JudgedCase
from crosscheck.locate import Locator
from crosscheck.minimise import minimise
from crosscheck.own_forward import OwnForward
from crosscheck.pair import Pair
from crosscheck.precision import FLOAT64, Precision
from crosscheck.reference import input_names, oracle_for
from crosscheck.report import Report
from crosscheck.tally import Tally, told_apart, worst_entry
from crosscheck.verdicts import Finding, Severity, Verdict

BATCH = 64
# Cases on which the whole contract is tried: each costs several calls, and a breach shows in any of them.
CONTRACT_CASES = 6

# The finding of an array that is wrong, and what it is called, by its group.
_DIFFERS = {
    "gradients": ("gradient-differs", "The gradient of {}"),
    "inputs": ("gradient-differs", "The gradient of {}"),
    "auxiliary": ("auxiliary-differs", "{}"),
    "rules": ("update-differs", "{}"),
}


@dataclass(frozen=True)
class CasesJudged:
    """Event: some more cases were judged."""

    done: int
    total: int
    cases: Sequence[JudgedCase]


Handler = Callable[[CasesJudged], None]


class Run:
    """One check on its way: the state that the steps share."""

    def __init__(
        self,
        pair: Pair,
        seed: int,
        keys: Sequence[Key],
        handlers: Sequence[Handler],
        oracle: Any,
        time_limit: float | None,
        *,
        shrink: bool,
        budget: float | None = None,
    ) -> None:
        self.pair, self.seed, self.keys, self.handlers, self.shrink = pair, seed, keys, handlers, shrink
        self.oracle = oracle
        self.time_limit = time_limit
        self.budget = budget
        self.started = time.monotonic()
        self.tallies: dict[str, Tally] = {}
        self.findings: list[Finding] = []
        self.groups: dict[str, str] = {}
        self.regimes: Counter[str] = Counter()
        self.judged = 0
        self.oracles: list[str] = []
        self.culprit: Key | None = None
        self.precisions: set[Precision] = set()

    def report(self) -> Report:
        """Judge everything, and say what was found; where nothing can be judged, why."""
        try:
            self._judge_all()
        except CrosscheckError as problem:
            findings = getattr(problem, "findings", ())
            line = next((finding.line for finding in findings), None)
            return self._report(error={"code": problem.code, "message": str(problem), "line": line})
        return self._report()

    def _judge_all(self) -> None:
        first = self.pair.cases.build(self.keys[0])
        names = input_names(self.pair)[1:]
        outcome = call(self.pair.subject, first.arguments, names=names, time_limit=self.time_limit)
        try:
            second = call(self.pair.subject, first.arguments, time_limit=self.time_limit)
        except SubjectError as problem:  # nothing can be judged by one call, but enough is known: it keeps state
            self._note(second_call_fails(problem))
            return
        pairs = zip(outcome.leaves(), second.leaves(), strict=True)
        unlike = [name for (name, one), (_, two) in pairs if not np.array_equal(one, two, equal_nan=True)]
        oracle = self.oracle or oracle_for(self.pair, outcome)
        if isinstance(oracle, OwnForward):
            oracle.time_limit = self.time_limit
        self.judge = Judge(self.pair, oracle, self.time_limit)
        self._try_contract()
        if unlike and not any(finding.severity is Severity.ERROR for finding in self.findings):
            self._note(
                of_contract("not-repeatable", f"The second call gave another {unlike[0]} than the first.", unlike[0])
            )
        for start in range(0, len(self.keys), BATCH):
            if start and self.budget is not None and time.monotonic() - self.started > self.budget:
                self._note(_budget_spent(self.budget, start, len(self.keys)))
                break
            batch = self.judge.judge(self.keys[start : start + BATCH])
            for case in batch:
                self._count(case)
            for handler in self.handlers:
                handler(CasesJudged(start + len(batch), len(self.keys), batch))
        self._drop_harmless()
        self._name_oracles()
        if self.oracle is None:
            self._ask_others()
        self._explain()

    def _try_contract(self) -> None:
        names = input_names(self.pair)[1:]
        firsts = {key.regime: key for key in reversed(self.keys)}
        for key in sorted(firsts.values(), key=self.keys.index)[:CONTRACT_CASES]:
            same, arguments = WithinNoise(self.judge, key), self.pair.cases.build(key).arguments
            found = breaches(self.pair.subject, arguments, names=names, same=same, time_limit=self.time_limit)
            for breach in found:
                self._note(breach)
        self.judge.trusting = not any(found.severity is Severity.ERROR for found in self.findings)

    def _drop_harmless(self) -> None:
        """Drop the finding of float32 values where they agree with the twin to float64: then they are exact.

        A subject that is its own reference agrees with itself whatever its digits; of that it is warned.
        """
        if self.precisions != {FLOAT64}:
            return
        if isinstance(self.judge.oracle, OwnForward):
            found = list(coarse_inside(self.tallies.values(), self.precisions, self.judge.oracle.coarsest))
            for finding in found:
                self._note(finding)
            if found:
                return
        coarse = {known.parameter for known in self.findings if known.code == "loses-digits"}
        exact = {t.name for t in self.tallies.values() if t.verdict is Verdict.AGREE and t.name not in coarse}
        self.findings = [f for f in self.findings if f.code != "float32-inside" or f.parameter not in exact]

    def _note(self, finding: Finding) -> None:
        """Keep a finding, unless the same was found before in another case."""
        if not any((known.code, known.parameter) == (finding.code, finding.parameter) for known in self.findings):
            self.findings.append(finding)

    def _count(self, case: JudgedCase) -> None:
        for finding in case.findings:
            self._note(finding)
        loss = case.comparisons["loss"]
        self.regimes[case.key.regime] += 1
        self.precisions.add(case.precision)
        if loss.wrong.any():
            self._refuse_or_report(case)
            return
        self._warn_of_nan(case)
        self.judged += any(comparison.judged.any() for name, comparison in case.comparisons.items() if name != "loss")
        self.groups.update(case.groups)
        for name in case.comparisons:
            if name != "loss":
                self.tallies.setdefault(name, Tally(name)).add(case)

    def _refuse_or_report(self, case: JudgedCase) -> None:
        """Refuse to judge where the twin models another loss; report where the subject's loss has overflowed."""
        subject, reference = float(case.outcome["loss"]), float(case.reference["loss"])
        if not abs(subject) < float("inf") and abs(reference) < float("inf"):
            if not any(finding.code == "loss-overflows" for finding in self.findings):
                message = (
                    f"The loss is {subject} where it should be {reference:.6g} (case {case.key}): shift the logits."
                )
                self.findings.append(Finding("loss-overflows", Severity.ERROR, None, message))
                self.culprit = case.key
            return
        self.culprit = case.key
        ratio = f", a ratio of {subject / reference:.6g}" if reference else ""
        advice = "They do not compute the same function, so no gradient was judged: make the twin return the same loss."
        if abs(subject - reference) < 1e-5 * abs(reference):
            advice = (
                "So near to each other, they may compute the same in two precisions: look for float32 data, or for "
                "arrays in the twin that were made before jax_enable_x64 was on."
            )
        raise CrosscheckError(
            f"Subject and twin disagree on the loss: {_both(subject, reference)}{ratio}, in case {case.key}. {advice}",
            code="loss-differs",
        )

    def _warn_of_nan(self, case: JudgedCase) -> None:
        subject, reference = float(case.outcome["loss"]), float(case.reference["loss"])
        if math.isnan(reference) and math.isfinite(subject):
            message = (
                f"The twin's loss is nan in case {case.key}, where the subject's is {subject:.6g}: nothing was judged "
                "there. Look for 0/0 in the twin, or for a while loop that does not end."
            )
            self._note(Finding("twin-not-finite", Severity.WARNING, None, message))

    def _explain(self) -> None:
        locator, smallest = Locator(self.judge), list[JudgedCase]()
        for tally in self.tallies.values():
            if tally.verdict is not Verdict.DISAGREE or tally.worst is None:
                continue
            if self.shrink:
                small = [case.key for case in smallest if tally.blames(case)]  # most arrays are wrong in one of them
                case = minimise(self.judge, [*small, *tally.wrong_keys], tally.name)
                smallest.append(case)
            else:
                (case,) = self.judge.judge([tally.worst.key])
            worst = worst_entry(case, tally.name, case.comparisons[tally.name])
            place = locator.place(case, tally.name)
            tally.worst = replace(worst, time=place.time, variable=place.variable)
            self.culprit = self.culprit or worst.key
            code, what = _DIFFERS[case.groups[tally.name]]
            message = (
                f"{what.format(tally.name)} differs in {tally.disagreeing} of {tally.cases} cases. In "
                f"{f'the smallest, {worst.key}' if self.shrink else worst.key}, entry {list(worst.index)} is "
                f"{_both(worst.subject, worst.reference)} by the {'twin' if self.pair.twin else 'differentiated loss'};"
                f" rounding explains {worst.noise:.1e}, and {100 * worst.share_wrong:.0f} % of its entries are wrong."
                f"{place.sentence}"
            )
            self.findings.append(Finding(code, Severity.ERROR, tally.name, message))

    def _name_oracles(self) -> None:
        means = getattr(self.judge.oracle, "means", None)  # of an oracle that differentiates the subject's own forward
        self.oracles = ["twin in reverse mode"] if means is None else sorted(means)
        if printed := getattr(getattr(self.judge.oracle, "twin", None), "printed", ()):
            message = f"The twin prints: {printed[0][:80]!r}. JAX runs it to trace it only, so it prints at odd times."
            self._note(Finding("twin-prints", Severity.NOTE, None, message))

    def _ask_others(self) -> None:
        """Hold the twin's gradient against forward mode and differences, at its largest wrong or right entry."""
        if isinstance(self.judge.oracle, OwnForward):
            return
        gradients = (t for t in self.tallies.values() if t.worst and self.groups[t.name] in ("gradients", "inputs"))
        worst = max(gradients, key=_urgency, default=None)
        if worst is None or worst.worst is None:
            return
        from crosscheck.arbiter import opinions
        from crosscheck.oracle import Oracle

        assert isinstance(self.judge.oracle, Oracle)
        entry, arguments = worst.worst, self.pair.cases.build(worst.worst.key).arguments
        found = opinions(self.judge.oracle.twin, arguments, worst.name, entry.index, entry.reference)
        if found is None:
            return
        if found.forward is not None:
            self.oracles.append(
                "twin in forward mode (shares every derivative rule with reverse mode: not independent)"
            )
        if not found.disputed:
            self.oracles.append(f"differences of the twin's loss (independent; known to {found.error:.0e})")
            return
        where = f"{worst.name}{list(entry.index)} in case {entry.key}"
        if found.sides_with(entry.subject) and worst.verdict is Verdict.DISAGREE:
            raise CrosscheckError(
                f"The twin contradicts itself: JAX's derivative of {where} is {entry.reference:.9g}, while differences "
                f"of the twin's loss give {found.differences:.9g}, as the subject does. Look for a stop_gradient or a "
                "custom rule in the twin.",
                code="twin-disputed",
            )
        message = (
            f"JAX's derivative of {where} is {entry.reference:.9g}, differences of the twin's loss give "
            f"{found.differences:.9g}: the twin stops gradients or has custom rules, and was taken at its word."
        )
        self.findings.append(Finding("twin-stops-gradients", Severity.NOTE, worst.name, message))

    def _report(self, error: Mapping[str, Any] | None = None) -> Report:
        return Report(
            target=self.pair.name,
            seed=self.seed,
            examples=len(self.keys),
            judged=0 if error else self.judged,
            seconds=time.monotonic() - self.started,
            tallies=() if error else tuple(self.tallies.values()),
            findings=tuple(self.findings),
            oracles=tuple(self.oracles),
            assumptions=() if self.pair.twin else ("the loss is the one that the subject's own forward computes",),
            regimes=dict(self.regimes),
            error=error,
            reproduce=reproduce(self.pair, self.culprit, self.seed, len(self.keys)),
            case=None if self.culprit is None else str(self.culprit),
        )


class WithinNoise:
    """Whether two answers of a subject to the same question differ by no more than rounding does in that case."""

    def __init__(self, judge: Judge, key: Key) -> None:
        self._judge, self._key = judge, key
        self._tolerances: dict[str, Any] | None = None

    def __call__(self, name: str, first: Any, second: Any) -> bool:
        """Compare two arrays of that name; where nothing can be judged, nothing is said against them."""
        if np.array_equal(first, second, equal_nan=True):
            return True
        if self._tolerances is None:
            (case,) = self._judge.judge([self._key])
            self._tolerances = {
                name: np.where(comparison.judged, 2 * K * comparison.tolerance * _excess(case, name), np.inf)
                for name, comparison in case.comparisons.items()
            }
        with np.errstate(all="ignore"):
            difference = np.abs(np.asarray(first, np.float64) - np.asarray(second, np.float64))
        allowed = self._tolerances.get(name, np.inf)
        return bool(np.all((np.asarray(first) == np.asarray(second)) | ~(difference > allowed)))


def _budget_spent(budget: float, done: int, total: int) -> Finding:
    message = f"The budget of {budget:g} s was spent after {done} of {total} cases: the others were not judged."
    return Finding("budget-spent", Severity.NOTE, None, message)


def _excess(case: JudgedCase, name: str) -> float:
    """Return how many times too large an array is, at least 1: a wrong one rounds as coarsely as it is large."""
    subject, right = (np.max(np.abs(values[name]), initial=0) for values in (case.outcome, case.reference))
    return 1.0 if subject <= right else float(subject / right) if right else math.inf


def reproduce(pair: Pair, key: Key | None, seed: int, examples: int) -> str:
    """Return what to type to see the same again."""
    chosen = f'only="{key}"' if key else f"seed={seed}, examples={examples}"
    twin = "twin=..., " if pair.twin else ""
    call = pair.call or f"crosscheck.check({getattr(pair.subject, '__name__', 'subject')}, {twin}cases=..."
    return f"{call}, {chosen})"


def _both(subject: float, reference: float) -> str:
    """Write two numbers so that they can be told apart."""
    return "{} in the subject and {}".format(*told_apart(subject, reference))


def _urgency(tally: Tally) -> tuple[bool, float]:
    """Wrong before right, and among those the entry whose value is best known."""
    worst = tally.worst
    assert worst is not None
    size = abs(worst.reference) / (worst.noise or 1e-300) if math.isfinite(worst.reference) else 0.0
    return tally.verdict is Verdict.DISAGREE, size
