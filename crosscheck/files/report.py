"""What the check of a file found: all of its subjects together."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crosscheck.reports.notebook import notebook
from crosscheck.reports.parts import complete
from crosscheck.reports.schema import SCHEMA_VERSION
from crosscheck.reports.text import finding_lines, repair_lines, subject_lines
from crosscheck.verdicts import Verdict, aggregate


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

    def _repr_html_(self) -> str:
        return notebook(self.as_dict())

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
        yield from finding_lines(self.file_findings)
        for subject in self.subjects:
            yield from subject_lines(self.target, subject)
        for repair in self.file_repairs:
            yield from repair_lines(repair)
        yield from (f"  not judged: {one['function']}: {one['reason']}" for one in self.skipped)
        yield from (f"  assumed: {assumption}" for assumption in self.file_assumptions)
        yield f"  reproduce: {self.reproduce}"
