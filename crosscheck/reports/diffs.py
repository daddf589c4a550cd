"""Unified diffs, read back into edits of whole lines."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")


class LineEdit(NamedTuple):
    """Some lines give way to others."""

    first: int
    """The first line that goes, from 1; where none goes, the line before which the new ones stand"""
    removed: int
    added: tuple[str, ...]


def line_edits(diff: str) -> list[LineEdit]:
    r"""Return the edits of a unified diff of one file, in order; lines are those of the old text.

    >>> line_edits("--- a\n+++ a\n@@ -3,2 +3,2 @@\n dh = dy\n-dz = dh\n+dz = dh * g\n")
    [LineEdit(first=4, removed=1, added=('dz = dh * g',))]
    """
    found: list[LineEdit] = []
    lines = iter(diff.split("\n"))
    for header in lines:
        match = _HUNK.match(header)
        if match:
            first, old, new = (int(number) if number else 1 for number in match.groups())
            found += _of_hunk(lines, first if old else first + 1, old, new)
    return found


def _of_hunk(lines: Iterator[str], line: int, old: int, new: int) -> Iterator[LineEdit]:
    """Yield the edits of one hunk that begins at a line of the old text, with so many old and new lines."""
    removed, added = 0, list[str]()
    for text in lines:
        if text.startswith("\\"):  # the file does not end in a line end
            continue
        if text[:1] not in ("-", "+"):
            if removed or added:
                yield LineEdit(line - removed, removed, tuple(added))
            removed, added = 0, []
        if text.startswith("-"):
            removed += 1
        elif text.startswith("+"):
            added.append(text[1:])
        old, new, line = old - (text[:1] != "+"), new - (text[:1] != "-"), line + (text[:1] != "+")
        if old <= 0 and new <= 0:
            break
    if removed or added:
        yield LineEdit(line - removed, removed, tuple(added))
