"""What a run can conclude, and the findings that it concludes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The answer, for one parameter, one subject or a whole run."""

    DISAGREE = "disagree"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    AGREE = "agree"


class Severity(StrEnum):
    """How much a finding weighs: only errors decide a verdict."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing; `dataclasses.asdict` gives its JSON object."""

    code: str
    """Stable kebab-case name: what `crosscheck explain` looks up."""
    severity: Severity
    parameter: str | None
    """The parameter, data argument or auxiliary output concerned, where there is one."""
    message: str
    """A sentence with the remedy in it."""
    file: str | None = None
    cell: int | None = None
    line: int | None = None


def aggregate(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of several together: disagree before error before inconclusive before agree.

    Of nothing at all the answer is inconclusive, because nothing was judged.

    >>> aggregate([Verdict.AGREE, Verdict.INCONCLUSIVE])
    <Verdict.INCONCLUSIVE: 'inconclusive'>
    """
    given = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in given), Verdict.INCONCLUSIVE)
