"""What the check of a file found: all of its subjects together."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crosscheck.verdicts import Severity, Verdict, aggregate

SCHEMA_VERSION = 1

_LISTS = ("oracles", "assumptions", "parameters", "findings", "diagnoses", "repairs")


@dataclass(frozen=True)
class FileReport:
    """The outcome for one file, notebook or module: an object that prints itself, raises, and turns into JSON."""

    target: str
    seed: int
    seconds: float
    reproduce: str
    subjects: tuple[dict[str, Any], ...] = ()
    """What was judged, each as in the JSON"""
    skipped: tuple[dict[str, Any], ...] = ()
    """What looks like a gradient and was not judged: function, reason, perhaps an adapter to begin with"""
    file_findings: tuple[dict[str, Any], ...] = ()
    file_assumptions: tuple[str, ...] = ()
    file_repairs: tuple[dict[str, Any], ...] = ()
    error: dict[str, Any] | None = None
    """{"code", "message", "line", "cell"} where the file could not be judged, or not to the end"""
    lenient: bool = False
    """What was skipped does not stand in the way of AGREE"""
    printed: str = field(default="", repr=False)
    """The end of what the code printed"""

    @property
    def verdict(self) -> Verdict:
        """Over all subjects: disagree before error before inconclusive before agree.

        A function that looks like a gradient and was not judged forbids AGREE, unless it was left out on purpose.
        """
        verdicts = [Verdict(subject["verdict"]) for subject in self.subjects]
        if self.error is not None:
            verdicts.append(Verdict.ERROR)
        if self.skipped and not self.lenient:
            verdicts.append(Verdict.INCONCLUSIVE)
        return aggregate(verdicts)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """All findings: those about the file first."""
        return [*self.file_findings, *self._of_subjects("findings")]

    @property
    def diagnoses(self) -> list[dict[str, Any]]:
        """Why it is wrong, where that could be told."""
        return list(self._of_subjects("diagnoses"))

    @property
    def repairs(self) -> list[dict[str, Any]]:
        """Edits under which the code agrees."""
        return [*self.file_repairs, *self._of_subjects("repairs")]

    def raise_for_verdict(self, *, allow_inconclusive: bool = False) -> None:
        """Raise Disagreement unless the verdict is AGREE (or INCONCLUSIVE, where that is allowed)."""
        allowed = {Verdict.AGREE} | ({Verdict.INCONCLUSIVE} if allow_inconclusive else set())
        if self.verdict not in allowed:
            from crosscheck.report import Disagreement

            raise Disagreement("\n" + str(self))

    def to_json(self) -> str:
        """Return the report as one JSON object, in the schema that the package holds (crosscheck/schema.json)."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes. With one subject its keys stand at the top as well; with several, together."""
        repairs = self.repairs
        errors = [self.error, *(subject.get("error") for subject in self.subjects)]
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "target": self.target,
            "seed": self.seed,
            "examples": sum(subject.get("examples", 0) for subject in self.subjects),
            "judged": sum(subject.get("judged", 0) for subject in self.subjects),
            "seconds": round(self.seconds, 3),
            "oracles": list(dict.fromkeys(self._of_subjects("oracles"))),
            "regimes": dict(sum((Counter(subject.get("regimes", {})) for subject in self.subjects), Counter())),
            "assumptions": list(dict.fromkeys([*self.file_assumptions, *self._of_subjects("assumptions")])),
            "skipped": [dict(one) for one in self.skipped],
            "parameters": list(self._parameters()),
            "findings": self.findings,
            "diagnoses": self.diagnoses,
            "repairs": repairs,
            "repair": repairs[0] if repairs else None,
            "subjects": [complete(subject) for subject in self.subjects],
            "error": next((error for error in errors if error is not None), None),
            "reproduce": self.reproduce,
        }

    def _of_subjects(self, key: str) -> Iterator[Any]:
        return (item for subject in self.subjects for item in subject.get(key, ()))

    def _parameters(self) -> Iterator[dict[str, Any]]:
        for subject in self.subjects:
            prefix = f"{subject['function']}: " if len(self.subjects) > 1 else ""
            for parameter in subject.get("parameters", ()):
                yield {**parameter, "name": prefix + parameter["name"]}

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        count = len(self.subjects)
        several = f"   {count} functions judged, {self.seconds:.1f} s" if count != 1 else ""
        if count != 1 or self.error is not None or self.verdict is not Verdict(self.subjects[0]["verdict"]):
            yield f"{self.target}: {self.verdict.upper()}{several}"
        if self.error is not None:
            yield f"  {self.error['message']}"
        yield from _findings(self.file_findings)
        for subject in self.subjects:
            yield from _subject_lines(self.target, subject)
        for repair in self.file_repairs:
            yield from _repair(repair)
        yield from (f"  not judged: {one['function']}: {one['reason']}" for one in self.skipped)
        yield from (f"  assumed: {assumption}" for assumption in self.file_assumptions)
        yield f"  reproduce: {self.reproduce}"


def complete(subject: dict[str, Any]) -> dict[str, Any]:
    """Return a subject with every key that the contract promises."""
    repairs = subject.get("repairs", [])
    empty = {key: [] for key in _LISTS} | {"examples": 0, "judged": 0, "seconds": 0.0, "regimes": {}, "error": None}
    return {"model": None, **empty, "repair": repairs[0] if repairs else None, **subject}


def _subject_lines(target: str, subject: dict[str, Any]) -> Iterator[str]:
    whole = complete(subject)
    name = f"{target}, {whole['function']}" if whole["function"] else target
    yield (
        f"{name}: {whole['verdict'].upper()}   {whole['judged']} of {whole['examples']} cases judged, "
        f"{len(whole['regimes'])} regimes, {whole['seconds']:.1f} s"
    )
    if whole["error"] is not None:
        yield f"  {whole['error']['message']}"
    if whole["parameters"]:
        width = max(len(parameter["name"]) for parameter in whole["parameters"])
        yield f"  {'':{width}}  {'verdict':12} {'judged':>9}  {'detects':>8}  furthest off"
        yield from (f"  {parameter['name']:{width}}  {_row(parameter)}" for parameter in whole["parameters"])
    yield from _findings(whole["findings"])
    yield from (f"  why: {_at(one)}{one['message']} [{one['code']}]" for one in whole["diagnoses"])
    shown = [repair for repair in whole["repairs"] if repair["verdict"] != Verdict.AGREE]
    for repair in [*shown, *(one for one in whole["repairs"] if one not in shown)][: len(shown) + 1]:
        yield from _repair(repair)
    yield from (f"  assumed: {assumption}" for assumption in whole["assumptions"])
    if whole["oracles"]:
        yield f"  oracles: {'; '.join(whole['oracles'])}"


def _row(parameter: dict[str, Any]) -> str:
    worst = parameter.get("worst") or {}
    furthest = f"{float(worst['discrepancy']):.2g} tolerances" if "discrepancy" in worst else ""
    share = f"{parameter['judged']}/{parameter['cases']}" if "cases" in parameter else ""
    return f"{parameter['verdict']:12} {share:>9}  {float(parameter['detection_floor']):8.1e}  {furthest}".rstrip()


def _findings(findings: Sequence[dict[str, Any]]) -> Iterator[str]:
    weights = list(Severity)
    for finding in sorted(findings, key=lambda finding: weights.index(finding["severity"])):
        yield f"  {finding['severity']}: {_at(finding)}{finding['message']} [{finding['code']}]"


def _at(item: dict[str, Any]) -> str:
    if item.get("line") is None or str(item["message"]).startswith(("line ", "cell ")):
        return ""
    return f"cell {item['cell']}, line {item['line']}: " if item.get("cell") else f"line {item['line']}: "


def _repair(repair: dict[str, Any]) -> Iterator[str]:
    others = f"; {repair['others']} other edits agree as well" if repair.get("others") else ""
    if repair["verdict"] == Verdict.AGREE:
        yield f"  repair: under this edit it agrees on {repair['cases']} fresh cases{others}"
    else:  # of a misspelling, for example: that it runs does not make it right
        yield f"  repair: with this edit it can be judged, and the verdict is {repair['verdict']}"
    yield from (f"    {line}" for line in repair["diff"].rstrip("\n").split("\n"))
