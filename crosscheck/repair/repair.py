"""A repair: an edit under which the code agrees, as it is shown and as it is written."""

from dataclasses import dataclass, field
from typing import Any

from crosscheck.repair.candidate import Candidate
from crosscheck.source.document import Document


@dataclass(frozen=True)
class Repair:
    """An edit of the backward pass that was judged right on fresh cases over all regimes.

    It may not be the edit that the author would choose.
    """

    line: int
    """The line of `document.code` that it changes first"""
    before: str
    after: str
    diff: str
    """Unified, of what the user sees"""
    cases: int
    """Fresh cases on which the edited code agrees"""
    code: str | None
    """The diagnosis that it amounts to (crosscheck.diagnose)"""
    about: str = ""
    """The variable that the changed line computes"""
    others: int = 0
    """Other edits that agree as well"""
    codes: tuple[tuple[str, int, str], ...] = ()
    """(code, line, variable) for each of the independent slips that it mends"""
    edited: Document | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the repair as reports have it."""
        return {
            "line": self.line,
            "before": self.before,
            "after": self.after,
            "diff": self.diff,
            "verdict": "agree",
            "cases": self.cases,
            "others": self.others,
        }


def lines_changed(before: Document, after: Document, line: int) -> tuple[str, str]:
    """Return the code at a line before and after an edit, without indentation; "" for a line that is added or gone."""
    import difflib

    old, new = before.code.split("\n"), after.code.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changes = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    nearest = min(changes, key=lambda op: (not op[1] <= line - 1 < op[2], abs(op[1] + 1 - line)), default=None)
    if nearest is None:
        return old[line - 1].strip(), old[line - 1].strip()
    _, i1, i2, j1, j2 = nearest
    return "\n".join(text.strip() for text in old[i1:i2]), "\n".join(text.strip() for text in new[j1:j2])


def repair_of(before: Document, edited: Document, candidate: Candidate, cases: int) -> Repair:
    """Return what is said of an edit under which a document agrees, on so many cases."""
    was, now = lines_changed(before, edited, candidate.line)
    return Repair(
        line=candidate.line,
        before=was,
        after=now,
        diff=before.diff(edited),
        cases=cases,
        code=candidate.code,
        about=candidate.about,
        codes=candidate.own_parts,
        edited=edited,
    )
