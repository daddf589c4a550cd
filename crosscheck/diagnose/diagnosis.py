"""Why a gradient is wrong: what a proven repair amounts to, or else what the numbers show; never a guess."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from crosscheck.diagnose.classify import refined
from crosscheck.diagnose.explanations import CODES
from crosscheck.diagnose.samples import Samples
from crosscheck.diagnose.signatures import signatures
from crosscheck.recognise.overflow import line_of_overflow, overflow_in
from crosscheck.recognise.rule_words import FAULTS
from crosscheck.repair.adjoints.blame import Blame
from crosscheck.repair.places import places_of
from crosscheck.repair.repair import Repair
from crosscheck.repair.syntax import targets
from crosscheck.report import Report
from crosscheck.source.document import Document
from crosscheck.source.slips import slips
from crosscheck.verdicts import Verdict

EXACT, CONSISTENT = "exact", "consistent"


@dataclass(frozen=True)
class Diagnosis:
    """One named explanation."""

    code: str
    """What `crosscheck explain` looks up"""
    message: str
    line: int | None
    """The line of `document.code`"""
    confidence: str
    """"exact": proven, by a repair or by equal numbers; "consistent": it would show itself like this"""


WHICH = "that gradients are those of no loss does not tell which of them is wrong"


def diagnose(unit: Any, report: Report, repairs: Sequence[Repair], blames: Sequence[Blame] = ()) -> list[Diagnosis]:
    """Return what explains the wrong gradients of a report; of a gradient that is right nothing is said.

    Where a repair was found, the slips that it mends; otherwise the statements that are to blame, what the numbers show
    and what a reading of the source makes plausible; and where that is nothing, that nothing was found, with the
    evidence.
    """
    if report.verdict is not Verdict.DISAGREE:
        return []
    document = unit.document
    if getattr(unit, "circulates", False):
        return [Diagnosis("unexplained", CODES["unexplained"].sentence(WHICH), None, CONSISTENT)]
    fault = update_fault(report)
    if fault is not None:
        line = repairs[0].line if repairs else None
        return [Diagnosis(fault, CODES[fault].sentence("", document.place(line) if line else ""), line, EXACT)]
    if repairs:
        return by_repair(document, repairs[0], frozenset(unit.names))
    overflowing = overflow_in(report)
    if overflowing is not None:
        line = line_of_overflow(unit, report.seed)
        sentence = CODES["not-finite"].sentence(overflowing.parameter or "", document.place(line) if line else "")
        return [Diagnosis("not-finite", sentence, line, EXACT)]
    if blames and not any(blame.also for blame in blames):
        return [_blamed(document, blame) for blame in blames]
    wrong = [tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE]
    right = [tally.name for tally in report.tallies if tally.verdict is Verdict.AGREE]
    samples = Samples(unit, report.seed)
    found = [Diagnosis(code, message, None, confidence) for code, message, confidence in signatures(samples, wrong)]
    found += _slips(unit, wrong)
    return found or ([_unexplained(samples, wrong, right)] if wrong else [])  # else the findings say it all


def _blamed(document: Document, blame: Blame) -> Diagnosis:
    """Say that a statement is to blame."""
    said = CODES[blame.code].sentence(blame.about, document.place(blame.line))
    evidence = blame.evidence.replace("line {meant_line}", str(document.place(blame.meant_line or 1)))
    return Diagnosis(blame.code, f"{said}. {evidence}", blame.line, EXACT)


def by_repair(document: Document, repair: Repair, parameters: Collection[str] = ()) -> list[Diagnosis]:
    """Return what a repair says about the code that it mends; a wrong sign where a parameter is moved climbs."""
    found = []
    for code, line, about in repair.codes:
        code = refined(code, repair.before, repair.after) if line == repair.line else code
        code = "update-climbs" if code == "wrong-sign" and about in parameters else code
        found.append(Diagnosis(code, CODES[code].sentence(about, document.place(line)), line, EXACT))
    return found


def diagnose_rule(document: Document, wrong: Sequence[str], repairs: Sequence[Repair]) -> list[Diagnosis]:
    """Return what explains the wrong gradients of a custom rule."""
    if repairs:
        return by_repair(document, repairs[0])
    evidence = f"wrong are {_list(wrong)}"
    return [Diagnosis("unexplained", CODES["unexplained"].sentence(evidence), None, CONSISTENT)]


def update_fault(report: Report) -> str | None:
    """Return what is wrong with an update where every gradient is right."""
    if any(tally.verdict is Verdict.DISAGREE for tally in report.tallies):
        return None
    said = [finding.message for finding in report.findings if finding.code == "update-differs"]
    return next((code for words, code in FAULTS.items() for message in said if words in message), None)


def _slips(unit: Any, wrong: Sequence[str]) -> list[Diagnosis]:
    """Return what a reading of the source says about the wrong gradients."""
    document = unit.document
    shown = {document.place(line): line for line in range(1, document.code.count("\n") + 2)}
    held = {unit.names.get(name, name) for name in wrong}
    found = []
    for slip in slips(document):
        line = next((n for place, n in shown.items() if (place.cell, place.line) == (slip.cell, slip.line)), None)
        concerns = slip.parameter in held or slip.code.startswith(("carry", "clip-inside", "index"))
        if slip.code in CODES and line in unit.editable | {None} and concerns:
            found.append(Diagnosis(slip.code, slip.message, line, CONSISTENT))
    return found


def _unexplained(samples: Samples, wrong: Sequence[str], right: Sequence[str]) -> Diagnosis:
    evidence = f"wrong are {_list(wrong)}, right {_list(right) if right else 'is none'}"
    steps = samples.fewest_steps(wrong)
    if steps:
        evidence += f"; wrong from {steps} step{'s' if steps > 1 else ''} on"
    line = _only_line(samples.unit, wrong)
    return Diagnosis("unexplained", CODES["unexplained"].sentence(evidence), line, CONSISTENT)


def _only_line(unit: Any, wrong: Sequence[str]) -> int | None:
    """Return the line of a single operation's derivative: where there is but one, or one that writes what is wrong."""
    if not getattr(unit, "is_operation", False):
        return None
    if len(unit.editable) == 1:
        return next(iter(unit.editable))
    names = {unit.names.get(name, name) for name in wrong}
    lines = {
        place.line
        for node in unit.functions
        for place in places_of(node, unit.editable)
        if place.line in unit.editable and names & set(targets(place.statement))
    }
    return next(iter(lines)) if len(lines) == 1 else None


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
