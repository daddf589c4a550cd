"""What a check found, as an object that prints itself, raises, and turns into JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from crosscheck.reports.notebook import notebook
from crosscheck.reports.schema import SCHEMA_VERSION
from crosscheck.tally import Tally, Worst
from crosscheck.verdicts import Finding, Severity, Verdict, aggregate

if TYPE_CHECKING:
    from crosscheck.reports.pictures import Pictures

# Faults of the subject by which its loss differs from the twin's, whatever the twin computes.
_SPOILS_THE_LOSS = {"not-repeatable", "accumulates", "random", "float32-inside", "loss-overflows"}


class Disagreement(AssertionError):  # noqa: N818 (what it says is a verdict, not an error of the program)
    """Raised by `raise_for_verdict` and `assert_agree`; the message is the report."""


@dataclass(frozen=True)
class Report:
    """The outcome of one check."""

    target: str
    seed: int
    examples: int
    judged: int
    """Cases in which something was judged"""
    seconds: float
    tallies: tuple[Tally, ...]
    findings: tuple[Finding, ...]
    oracles: tuple[str, ...]
    regimes: Mapping[str, int]
    reproduce: str
    case: str | None = None
    """The key of the case that shows best what is wrong"""
    assumptions: tuple[str, ...] = ()
    diagnoses: tuple[Mapping[str, Any], ...] = ()
    """Why it is wrong, as in the JSON, where the source was searched for it (crosscheck.testing)"""
    repairs: tuple[Mapping[str, Any], ...] = ()
    error: Mapping[str, Any] | None = None
    """{"code", "message", "line"} where nothing could be judged"""
    locations: Mapping[str, tuple[int | None, str | None]] = field(default_factory=dict)
    """For a wrong parameter: the time step and the variable at which the subject's gradients first leave the twin's"""
    place: tuple[str | None, int | None] = (None, None)
    """The file and the line in which the subject begins, where they are known"""
    pictures: "Pictures | None" = field(default=None, repr=False, compare=False)
    """What a page shows in pictures, if it was asked for"""

    @property
    def verdict(self) -> Verdict:
        """AGREE, DISAGREE or INCONCLUSIVE over all parameters and findings; ERROR where nothing could be judged.

        Where the losses differ it is DISAGREE only if a finding shows that the subject is to blame, not the twin.
        """
        errors = {finding.code for finding in self.findings if finding.severity is Severity.ERROR}
        if self.error is not None:
            to_blame = self.error["code"] == "loss-differs" and errors & _SPOILS_THE_LOSS
            return Verdict.DISAGREE if to_blame else Verdict.ERROR
        verdicts = [tally.verdict for tally in self.tallies]
        return aggregate([*verdicts, *([Verdict.DISAGREE] if errors else [])])

    def raise_for_verdict(self, *, allow_inconclusive: bool = False) -> None:
        """Raise Disagreement unless the verdict is AGREE (or INCONCLUSIVE, where that is allowed)."""
        allowed = {Verdict.AGREE} | ({Verdict.INCONCLUSIVE} if allow_inconclusive else set())
        if self.verdict not in allowed:
            raise Disagreement("\n" + str(self))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        judged = f"{self.judged} of {self.examples} cases judged"
        lines = [f"{self.target}: {self.verdict.upper()}   {judged}, {len(self.regimes)} regimes, {self.seconds:.1f} s"]
        if self.error is not None:
            lines.append(f"  {self.error['message']}")
        if self.tallies:
            width = max(len(tally.name) for tally in self.tallies)
            lines.append(f"  {'':{width}}  {'verdict':12} {'judged':>9}  {'detects':>8}  furthest off")
            lines += [f"  {tally.name:{width}}  {_row(tally)}" for tally in self.tallies]
        for finding in self.findings:
            lines.append(f"  {finding.severity}: {finding.message} [{finding.code}]")
        lines += [f"  assumed: {assumption}" for assumption in self.assumptions]
        if self.oracles:
            lines.append(f"  oracles: {'; '.join(self.oracles)}")
        lines.append(f"  reproduce: {self.reproduce}")
        return lines

    def to_json(self) -> str:
        """Return the report as one JSON object, in the schema that the package holds (crosscheck/schema.json)."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes. Numbers that JSON cannot carry are the strings "nan", "inf", "-inf"."""
        file, line = self.place
        made = {
            "schema_version": SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "target": self.target,
            "seed": self.seed,
            "examples": self.examples,
            "judged": self.judged,
            "seconds": round(self.seconds, 3),
            "oracles": list(self.oracles),
            "regimes": dict(self.regimes),
            "assumptions": list(self.assumptions),
            "skipped": [],
            "parameters": [self._parameter(tally) for tally in self.tallies],
            "findings": [asdict(finding) for finding in self.findings],
            "diagnoses": [dict(diagnosis) for diagnosis in self.diagnoses],
            "repairs": [dict(repair) for repair in self.repairs],
            "repair": dict(self.repairs[0]) if self.repairs else None,
            "subjects": [],
            "error": None if self.error is None else dict(self.error),
            "reproduce": self.reproduce,
            "file": file,
            "line": line,
        }
        return made if self.pictures is None else self.pictures.added_to(made)

    def _parameter(self, tally: Tally) -> dict[str, Any]:
        return {
            "name": tally.name,
            "verdict": str(tally.verdict),
            "detection_floor": as_json_number(tally.detection_floor),
            "worst_floor": as_json_number(tally.worst_floor),
            "cases": tally.cases,
            "judged": tally.judged,
            "disagreeing": tally.disagreeing,
            "worst": None if tally.worst is None else self._worst(tally.name, tally.worst),
        }

    def _worst(self, name: str, worst: Worst) -> dict[str, Any]:
        time, variable = self.locations.get(name, (worst.time, worst.variable))
        return {
            "index": list(worst.index),
            "subject": as_json_number(worst.subject),
            "reference": as_json_number(worst.reference),
            "noise": as_json_number(worst.noise),
            "discrepancy": as_json_number(worst.discrepancy),
            "share_wrong": worst.share_wrong,
            "case": str(worst.key),
            "time": time,
            "variable": variable,
        }

    def _repr_html_(self) -> str:
        return notebook(self.as_dict())


def as_json_number(value: float) -> float | str:
    """Return a finite number as it is, any other as "nan", "inf" or "-inf"."""
    return value if math.isfinite(value) else str(value)


def _row(tally: Tally) -> str:
    furthest = "" if tally.worst is None else f"{tally.worst.discrepancy:.2g} tolerances"
    share = f"{tally.judged}/{tally.cases}"
    return f"{tally.verdict:12} {share:>9}  {tally.detection_floor:8.1e}  {furthest}"
