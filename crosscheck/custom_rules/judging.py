"""The verdict on one rule: the library's judge, and what is said about rules that differ on purpose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crosscheck.custom_rules.reading import waiver_of, words_of_purpose
from crosscheck.custom_rules.rule import Prepared, Rule, Trial
from crosscheck.custom_rules.slots import FIXED, Form
from crosscheck.door import check
from crosscheck.files.options import Options
from crosscheck.judge import JudgedCase
from crosscheck.pair import Pair
from crosscheck.report import Report
from crosscheck.run import CasesJudged
from crosscheck.source import Document
from crosscheck.verdicts import Finding, Severity, Verdict

EXAMPLES = 60
CALL_SECONDS = 20.0
SINGLE = 2.0**-22
"""Half of what a single operation in float32 may be off, relative: smaller differences do not show in float32"""
OFTEN = 3
"""Cases in which a gradient must be right for what is solved turn by turn to be at fault in others"""
LOOSE = 1e-3
"""Share of the largest entry of all gradients that a loop may leave, which ends when it is exact enough: solvers are
asked for 1e-5 and less, and what is implicit is off by some multiple of it"""
MINE = ("gradient-differs", "auxiliary-differs")
_HARMLESS = frozenset(["prints", "warns", "slow", "float32-inside", "gradient-precision", "loses-digits",
                       "fortran-inputs", "strided-inputs", "read-only-inputs"])  # fmt: skip

NUMBER_FOR_ARRAY = re.compile(r"got (?:\[\]|shape \(\))")
"""A rule that returns one number for what was taken for an array may be right, and its argument a number; one that
returns more than its argument holds has left out a sum"""


@dataclass
class Differences:
    """How the gradients of a rule differ from the true ones, array by array, over the cases judged."""

    largest: dict[str, float] = field(default_factory=dict)
    """Relative to the largest entry of the true gradient"""
    right: dict[str, int] = field(default_factory=dict)
    """In how many cases they do not differ, and are not zero"""
    shares: dict[str, float] = field(default_factory=dict)
    """Relative to the largest entry of all true gradients"""
    left_at_zero: dict[str, bool] = field(default_factory=dict)
    """Whether the rule's own gradient is zero wherever it differs, as that of a first guess is"""
    where_zero: dict[str, bool] = field(default_factory=dict)
    """Whether the true gradient is zero wherever the rule differs"""
    proportional: dict[str, list[float]] = field(default_factory=dict)
    """Least-squares factors between the two"""
    bounded: dict[str, bool] = field(default_factory=dict)
    """Whether the rule's gradient is smaller wherever it differs, with the same sign"""
    forms: dict[str, set[int]] = field(default_factory=dict)
    """Numbers of the forms on which they differ"""

    def __call__(self, event: CasesJudged) -> None:
        """Take note of some cases."""
        for case in event.cases:
            for name, comparison in case.comparisons.items():
                if name != "loss" and comparison.wrong.any():
                    self._add(case, name, comparison.wrong)
                elif comparison.judged.any() and np.any(np.asarray(case.reference[name])):
                    self.right[name] = self.right.get(name, 0) + 1

    def _add(self, case: JudgedCase, name: str, wrong: np.ndarray) -> None:
        own, true = (np.asarray(values[name], float) for values in (case.outcome, case.reference))
        both = np.isfinite(own) & np.isfinite(true)
        size = np.max(np.abs(true), initial=0.0, where=both)
        off = np.max(np.abs(own - true), initial=0.0, where=both)
        relative = float(off / size) if size and both[wrong].all() else np.inf
        self.largest[name] = max(self.largest.get(name, 0.0), relative)
        every = [
            np.max(np.abs(v), initial=0.0) for key, v in case.reference.items() if key != "loss" and not _is_output(key)
        ]
        share = float(off / max(every)) if max(every, default=0.0) and both[wrong].all() else np.inf
        self.shares[name] = max(self.shares.get(name, 0.0), share)
        self.left_at_zero[name] = self.left_at_zero.get(name, True) and not own[wrong].any()
        self.where_zero[name] = self.where_zero.get(name, True) and not true[wrong].any()
        smaller = bool(np.all((own[wrong] * true[wrong] > 0) & (np.abs(own[wrong]) <= np.abs(true[wrong]))))
        self.bounded[name] = self.bounded.get(name, True) and smaller
        if size:
            own_share, true_share = own / size, true / size  # squares of large numbers would overflow
            factor = float(np.sum(own_share * true_share, where=both) / np.sum(true_share**2, where=both))
            exact = np.allclose(own[both], factor * true[both], rtol=1e-6, atol=1e-9 * size)
            self.proportional.setdefault(name, []).append(factor if exact else np.nan)
        self.forms.setdefault(name, set()).add(case.key.sizes[0])

    def purpose(self, name: str) -> str | None:
        """Return what a rule looks like that differs in an array on purpose."""
        if self.where_zero.get(name):
            return "straight-through"
        factors = self.proportional.get(name, [])
        if factors and factors[0] and np.ptp(factors) <= 1e-6 * abs(factors[0]):
            return "reversal" if factors[0] < 0 else "scaling"
        return "clipping" if self.bounded.get(name) else None


@dataclass(frozen=True)
class Judgement:
    """What was found about one rule."""

    report: Report
    verdict: Verdict
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    waived: Mapping[str, Verdict]
    """What is said of arrays that differ and are not held against the rule"""
    error: Mapping[str, Any] | None = None

    @property
    def judged(self) -> int:
        """The number of cases judged."""
        return self.report.judged


def judged(rule: Rule, ready: Prepared, document: Document, options: Options) -> Judgement:
    """Judge a rule. Never raises for what the rule does."""
    waiver = waiver_of(document, rule.name, *rule.span)
    words = words_of_purpose(document, *rule.span)
    problems = _unusable(rule, ready)
    if not ready.forms:
        return _of_nothing(rule, ready, options, problems)
    differences = Differences()
    pair = Pair(rule.name, ready.subject, None, ready.cases, inputs=("upstream", "form", "integers"))
    report = check(
        pair=pair, seed=options.seed, examples=options.examples or EXAMPLES, oracle=ready.oracle,
        time_limit=CALL_SECONDS, handlers=[differences], pictures=options.pictures,
    )  # fmt: skip
    findings: list[Finding] = [*problems, *ready.findings]
    pardoned: dict[str, Verdict] = {}
    for known in report.findings:
        if known.code in MINE:
            finding, pardon = _differing(rule, ready, known, differences, waiver, words)
            findings.append(finding)
            if pardon is not None:
                pardoned[str(known.parameter)] = pardon
        elif known.code not in _HARMLESS:
            findings.append(replace(known, severity=max(known.severity, Severity.WARNING, key=list(Severity).index)))
    if waiver and not any(finding.code == "waived" for finding in findings):
        text = f"{rule.name} is waived ({waiver}), and nothing in it differs: take the waiver out."
        findings.append(Finding("waiver-not-needed", Severity.NOTE, None, text, line=rule.line))
    tallies = tuple(t for t in report.tallies if not _is_output(t.name) or t.verdict is Verdict.DISAGREE)
    report = replace(report, tallies=tallies, findings=tuple(findings))
    verdict = _verdict(report, findings, pardoned)
    if any(finding.code == "waived" for finding in findings) and verdict is Verdict.INCONCLUSIVE:
        others = [t.verdict for t in tallies if t.name not in pardoned]
        verdict = Verdict.AGREE if all(other is Verdict.AGREE for other in others) else verdict
    assumed = [f"{rule.name} may differ from the derivative: {waiver}"] if waiver else []
    shown = "; ".join(dict.fromkeys(map(str, ready.forms)))
    assumed.append(f"{rule.name} is called with {shown}")
    fixed = [(name, slot.value) for name, slot in ready.forms[0].slots() if slot.kind == FIXED]
    numbers = [name for name, value in fixed if isinstance(value, float) or name in rule.constants]
    if numbers:
        assumed.append(f"{', '.join(numbers)}: plain numbers, of which no gradient is asked for")
    return Judgement(report, verdict, tuple(findings), tuple(assumed), pardoned, report.error)


def _verdict(report: Report, findings: Sequence[Finding], pardoned: Mapping[str, Verdict]) -> Verdict:
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Verdict.DISAGREE
    if report.error is not None:
        return Verdict.ERROR
    verdicts = [pardoned.get(tally.name, tally.verdict) for tally in report.tallies]
    return next((verdict for verdict in Verdict if verdict in verdicts), Verdict.INCONCLUSIVE)


def _is_output(name: str) -> bool:
    return name == "output" or name.startswith("output[")


def _differing(
    rule: Rule, ready: Prepared, known: Finding, differences: Differences, waiver: str | None, words: str | None
) -> tuple[Finding, Verdict | None]:
    """Return what is said about an array that differs, and the verdict on it where that is not DISAGREE."""
    name = str(known.parameter)
    if _is_output(name):
        message = f"With its rule {rule.name} returns another value than without: {known.message}"
        return Finding("forward-differs", Severity.ERROR, name, message, line=rule.forward_line), None
    form = ready.forms[min(differences.forms.get(name, {0}))]
    message = f"{known.message} It is called with {form}."
    root = name.partition(".")[0].partition("[")[0]
    if root in ready.left_out and _need_not_have_a_gradient(root, ready):
        text = f"The rule returns None for {name}, whose gradient is not zero: where somebody asks for it, it is lost."
        return Finding("gradient-left-out", Severity.WARNING, name, text, line=rule.line), Verdict.AGREE
    if ready.iterates and (share := differences.shares.get(name, np.inf)) < LOOSE:
        text = (
            f"The gradient of {name} differs by {share:.1e} of the largest entry of all, which may be what a loop has "
            "left that ends when it is exact enough."
        )
        is_little = share < SINGLE or differences.left_at_zero[name]
        verdict = Verdict.AGREE if is_little else Verdict.INCONCLUSIVE
        return Finding("differs-in-tolerance", Severity.WARNING, name, text, line=rule.line), verdict
    if ready.iterates and (right := differences.right.get(name, 0)) >= OFTEN:
        text = (
            f"{known.message} It is right in {right} others: what {rule.name} solves turn by turn may not have come to "
            "its end, and nothing was judged."
        )
        return Finding("differs-where-unsolved", Severity.WARNING, name, text, line=rule.line), Verdict.INCONCLUSIVE
    largest = differences.largest.get(name, np.inf)
    if largest < SINGLE and ready.in_single:
        text = (
            f"The gradient of {name} differs by {largest:.1e} of its largest entry, which does not show in float32: "
            "another constant, or an approximation where the formula is switched."
        )
        return Finding("differs-in-double", Severity.WARNING, name, text, line=rule.line), Verdict.AGREE
    if (few := _only_elsewhere(ready, differences.forms.get(name, set()))) is not None:
        text = f"The gradient of {name} is right as it is called in the file, and wrong for {few}."
        if not ready.forms[0].is_known:
            text = f"The gradient of {name} is right for {ready.forms[0]}, and wrong for {few}, if that is ever meant."
        return Finding("differs-on-shapes", Severity.WARNING, name, text, line=rule.line), Verdict.AGREE
    if waiver:
        text = f"{rule.name} is waived: {waiver}. Its gradient of {name} is not the derivative of its forward."
        return Finding("waived", Severity.NOTE, name, text, line=rule.line), Verdict.INCONCLUSIVE
    purpose = differences.purpose(name)
    if purpose is not None and words:
        text = (
            f"The gradient of {name} differs, and the source says {words!r}: it may be meant ({purpose}). Nothing was "
            f"judged; if it is, write  # crosscheck: waived: {purpose}  above {rule.name}."
        )
        return Finding("differs-on-purpose", Severity.WARNING, name, text, line=rule.line), Verdict.INCONCLUSIVE
    if purpose is not None and purpose != "clipping":
        message += f" If that is meant ({purpose}), write  # crosscheck: waived: {purpose}  above {rule.name}."
    return Finding("gradient-differs", Severity.ERROR, name, message, line=rule.line), None


def _only_elsewhere(ready: Prepared, wrong: set[int]) -> str | None:
    """Return the one form for which a rule is wrong, where nobody says that it is called so, and others are right."""
    forms = ready.forms
    ranks = [_ranks(form) for form in forms]
    known = [number for number, form in enumerate(forms) if form.is_known] or [0]
    if not wrong or wrong & set(known) or any(ranks[n] in [ranks[k] for k in known] for n in wrong):
        return None
    if not forms[0].is_known and 2 * len(wrong) > len(forms):
        return None
    return str(forms[min(wrong)])


def _ranks(form: Form) -> tuple[int, ...]:
    return tuple(len(slot.shape) for _, slot in form.slots())


def _need_not_have_a_gradient(name: str, ready: Prepared) -> bool:
    """Tell whether it is usual to leave a gradient out: of targets, masks and plain numbers."""
    numbers = {argument for argument, slot in ready.forms[0].slots() if slot.content == "number"}
    shares = {argument for argument, slot in ready.forms[0].slots() if slot.content == "simplex"}
    usual = r"^(targets?|labels?|y_?true|one_?hot\w*|\w*mask|eps(ilon)?|temp\w*|\w*axis|idx|ind\w+|lr|t|target_\w+)$"
    return name in numbers | shares or bool(re.match(usual, name))


def _unusable(rule: Rule, ready: Prepared) -> list[Finding]:
    """Say on which forms a rule fails: an error where the author calls it so, or where it works on none."""
    found: list[Finding] = []
    shown = [_ranks(form) for form in ready.forms if form.is_shown]
    for trial in ready.trials:
        if _ranks(trial.form) in shown:  # it works as the author calls it, and other lengths may not be free
            continue
        is_told = trial.form.is_shown or (trial.form.is_known and not NUMBER_FOR_ARRAY.search(trial.message))
        if trial.is_malformed and (is_told or not ready.forms):
            text = f"Called with {trial.form}, the rule returns what does not fit its arguments: {trial.message}"
            found.append(Finding("rule-malformed", Severity.ERROR, None, text, line=rule.line))
            break
    others = [trial for trial in ready.trials if ready.forms]
    if others and not found:
        text = f"Called with {others[0].form}, the forward works and the rule fails: {others[0].message}"
        found.append(Finding("rule-fails-on-shapes", Severity.NOTE, None, text, line=rule.line))
    return found


def _of_nothing(rule: Rule, ready: Prepared, options: Options, findings: Sequence[Finding]) -> Judgement:
    trial: Trial = ready.trials[0]
    error = {"code": "subject-raised", "message": f"The rule of {rule.name} raises {trial.message}", "line": rule.line}
    report = Report(
        rule.name, options.seed, 0, 0, 0.0, (), tuple(findings), (), {}, "", error=None if findings else error
    )
    return Judgement(report, Verdict.DISAGREE if findings else Verdict.ERROR, tuple(findings), (), {}, report.error)
