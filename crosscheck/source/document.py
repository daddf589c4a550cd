"""A script or notebook as Python 3 that can be parsed and edited, and the way back to what the user wrote."""

import ast
import difflib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from crosscheck.source.decoding import MOST_CHARACTERS, MOST_LINES, text_of, with_plain_line_ends
from crosscheck.source.errors import SourceError
from crosscheck.source.notebook import read_notebook
from crosscheck.source.parsing import parse, readings
from crosscheck.source.translation import Change, Translation, apply


class Place(NamedTuple):
    """Where a line stands for the user."""

    cell: int | None
    """Number of the notebook's cell, counted from 1 with all kinds of cells; None in a script."""
    line: int
    """Line in the file or in the cell, counted from 1."""

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"


@dataclass(frozen=True)
class Edit:
    """The code from `start` up to `end`, both (line from 1, column from 0 in characters), is replaced."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Document:
    """One source file. `code` has the same lines as what the user sees, in Python 3."""

    path: Path
    code: str
    """What is parsed: Python 2 translated in place, a notebook's code cells one after another, magics replaced."""
    tree: ast.Module
    python2: bool
    """Division of integers rounds down, and the builtins are those of Python 2: see `executable`."""
    steps: tuple[Translation, ...]
    """From the text on disk to `code`."""
    encoding: str
    cells: tuple[tuple[int, int], ...] = ()
    """Of a notebook: (number of the cell, where in `code` it begins)."""
    assumptions: tuple[str, ...] = field(default=())
    """What had to be taken for granted in order to read it, as sentences."""
    origin: "Document | None" = field(default=None, repr=False)
    """What the user wrote, where this was mended first: places are places there."""
    lines_of_origin: tuple[int, ...] = field(default=(), repr=False)
    """For each line of `code` the line of `origin` that it comes from, or stands in front of."""

    @property
    def text(self) -> str:
        """The text on disk, line ends as they are."""
        return self.steps[0].before

    @property
    def shown(self) -> str:
        """What the user sees: the file's text, or the notebook's code cells; line for line as `code`."""
        return self.steps[0].after

    @cached_property
    def lines(self) -> list[str]:
        """The lines of `code`."""
        return self.code.split("\n")

    def place(self, line: int) -> Place:
        """Say where a line of `code` stands for the user."""
        if self.origin is not None:
            return self.origin.place(self.lines_of_origin[line - 1])
        number, first, _ = self._cell_of(line)
        return Place(number, line - first + 1)

    def offset(self, line: int, column: int) -> int:
        """Return the place in `code` of a line from 1 and a column from 0, in characters."""
        return self._starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return start and end of a node as an Edit wants them: columns in characters, where `ast` counts bytes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            (node.lineno, self._characters(node.lineno, node.col_offset)),
            (node.end_lineno, self._characters(node.end_lineno, node.end_col_offset)),
        )

    def source_of(self, node: ast.expr | ast.stmt) -> str:
        """Return the code of a node as it is written."""
        start, end = self.span(node)
        return self.code[self.offset(*start) : self.offset(*end)]

    def with_edits(self, edits: Sequence[Edit]) -> "Document":
        """Return the edited document. Raises SourceError `syntax-error` if it no longer parses."""
        changes = [Change(self.offset(*e.start), self.offset(*e.end), e.text) for e in edits]
        changes.sort(key=lambda change: change[:2])
        code = apply(self.code, changes)
        tree = parse(code, self.path)
        cells = tuple((number, at + _growth_before(changes, at)) for number, at in self.cells)
        steps: list[Translation] = []
        for step in reversed(self.steps):
            step, changes = step.edited(changes)
            steps.insert(0, step)
        numbers = renumbered(self.lines_of_origin, edits) if self.origin is not None else ()
        return replace(self, code=code, tree=tree, steps=tuple(steps), cells=cells, lines_of_origin=numbers)

    def mended(self, edits: Sequence[Edit]) -> "Document":
        """Return the edited document, whose places are still those of this one."""
        return replace(self, origin=self, lines_of_origin=tuple(range(1, len(self.lines) + 1))).with_edits(edits)

    def edits_to(self, edited: "Document") -> list[Edit]:
        """Return edits that lead from this code to that of `edited`: whole lines, few of them."""
        before, after = (re.findall(r"[^\n]*\n|[^\n]+$", code) for code in (self.code, edited.code))
        places = [(line, 0) for line in range(1, len(self.lines) + 1)]
        places.append((len(self.lines), len(self.lines[-1])))
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        return [
            Edit(places[i1], places[i2], "".join(after[j1:j2]))
            for kind, i1, i2, j1, j2 in matcher.get_opcodes()
            if kind != "equal"
        ]

    def lines_in(self, edited: "Document") -> tuple[int, ...]:
        """Return for each line of an edited document the line of this one that it was, or stands in front of."""
        numbers = tuple(range(1, len(self.lines) + 1))
        return numbers if len(edited.lines) == len(numbers) else renumbered(numbers, self.edits_to(edited))

    def edited_text(self, edited: "Document") -> str:
        """Return what would be written to disk for `edited`: all else stays as it was."""
        return edited.text

    def edited_bytes(self, edited: "Document") -> bytes:
        """Return the bytes that would be written to disk for `edited`, in this file's encoding."""
        try:
            return edited.text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(
                f"{self.path} is written in {self.encoding}, which has no {error.object[error.start]!r}: "
                "save it in UTF-8 first.",
                code="unwritable-file",
            ) from error

    def diff(self, edited: "Document") -> str:
        """Return a unified diff of what the user sees; in a notebook of the cells' sources."""
        if not self.cells:
            return _diff(self.shown, edited.shown, str(self.path))
        pairs = zip(self.sources, edited.sources, strict=True)
        return "".join(_diff(one, two, f"{self.path}, cell {number}") for (number, one), (_, two) in pairs)

    @cached_property
    def sources(self) -> list[tuple[int, str]]:
        """(number of the cell, its source as the user wrote it) for the code cells of a notebook."""
        lines = self.shown.split("\n")
        firsts = [bisect_right(self._starts, at) for _, at in self.cells]
        ends = [*firsts[1:], len(lines) + 1]
        spans = zip(self.cells, firsts, ends, strict=True)
        return [(number, "\n".join(lines[first - 1 : end - 1])) for (number, _), first, end in spans]

    def _cell_of(self, line: int) -> tuple[int | None, int, int]:
        if not self.cells:
            return None, 1, len(self.lines)
        firsts = [bisect_right(self._starts, at) for _, at in self.cells]
        index = max(bisect_right(firsts, line) - 1, 0)
        last = firsts[index + 1] - 1 if index + 1 < len(firsts) else len(self.lines)
        return self.cells[index][0], firsts[index], last

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    def _characters(self, line: int, column: int) -> int:
        text = self.lines[line - 1]
        return column if text.isascii() else len(text.encode()[:column].decode(errors="replace"))


def renumbered(numbers: Sequence[int], edits: Sequence[Edit]) -> tuple[int, ...]:
    """Return what becomes of the numbers of lines when lines are replaced by more or fewer."""
    found = list(numbers)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        first, last = edit.start[0] - 1, edit.end[0] - 1
        count = edit.text.count("\n") + 1
        made = [found[min(first + more, last)] for more in range(count)]
        if edit.end[1] == 0:
            made[-1] = found[last]  # the whole of that line is still there
        found[first : last + 1] = made
    return tuple(found)


def read(path: Path | str) -> Document:
    """Read a script or a notebook.

    Raises SourceError (a CrosscheckError with `line` and `cell`), codes: `no-such-file`, `unreadable-file`,
    `file-too-large`, `empty-file`, `not-a-notebook`, `not-python`, `syntax-error`, `nested-too-deeply`.
    """
    path = Path(path)
    return read_text(*text_of(path), path)


def read_text(text: str, encoding: str, path: Path) -> Document:
    """Read a source that is already in memory; see `read`."""
    notebook = read_notebook(text, path) if _is_notebook(text, path) else None
    first = with_plain_line_ends(text) if notebook is None else notebook.step
    shown = first.after
    lines = shown.count("\n")
    if len(shown) > MOST_CHARACTERS or lines > MOST_LINES:
        size = f"{len(shown):,} characters" if len(shown) > MOST_CHARACTERS else f"{lines:,} lines"
        raise SourceError(f"{path} has {size}, too many to read as Python: cut out the model.", code="file-too-large")
    cells = () if notebook is None else notebook.cells
    reading = readings(shown, path, cells, python2=notebook is not None and notebook.python2)
    return Document(
        path, reading.code, reading.tree, reading.python2, (first, *reading.steps), encoding, reading.cells,
        reading.assumptions,
    )  # fmt: skip


def _is_notebook(text: str, path: Path) -> bool:
    if path.suffix.lower() == ".ipynb":
        return True
    head = text[:2000].lstrip()
    return head.startswith("{") and '"cells"' in text and '"nbformat"' in text


def _growth_before(changes: Sequence[Change], at: int) -> int:
    return sum(len(c.text) - (c.end - c.start) for c in changes if c.end <= at and (c.start < at or c.end < at))


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), name, name, lineterm="")
    return "".join(f"{line}\n" for line in lines)
