"""Where the user sees what was found: in the file as it is, and in a notebook within its cell."""

from typing import Any

from crosscheck.source import Document
from crosscheck.verdicts import Finding


def placed(document: Document, finding: Finding) -> Finding:
    """Return a finding with the place that the user sees."""
    if finding.line is None:
        return finding
    place = document.place(finding.line)
    return Finding(
        finding.code, finding.severity, finding.parameter, finding.message, str(document.path), place.cell, place.line
    )


def edits_of(document: Document, edited: Document | None) -> list[list[Any]]:
    """Return what --fix writes: start, end and text of every edit."""
    edits = document.edits_to(edited) if edited is not None else ()
    return [[list(edit.start), list(edit.end), edit.text] for edit in edits]


def place_of(document: Document, line: int | None) -> dict[str, int | None]:
    """Return the line, and in a notebook the cell, that the user sees."""
    if line is None:
        return {"line": None, "cell": None}
    place = document.place(line)
    return {"line": place.line, "cell": place.cell}
