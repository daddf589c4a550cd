"""From an edit to something that can be called, thousands of times: no more is prepared anew than the edit has changed.

`Unit.rebuilt` prepares the whole file. Here a function is prepared once, and an edited statement takes the place of the
old one in it; where a statement cannot be exchanged alone, its function is prepared anew, and elsewhere the whole file.
"""

import ast
import copy
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from crosscheck.errors import CrosscheckError
from crosscheck.recognise.loops import named_as_before
from crosscheck.recognise.unit import changed_code, codes_by_name
from crosscheck.recognise.world import FILENAME, prepared
from crosscheck.repair.candidate import Candidate
from crosscheck.source import Document, Edit
from crosscheck.source.document import renumbered
from crosscheck.source.meaning import executable

Part = ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.If


class Spot(NamedTuple):
    """Where a simple statement stands in a prepared tree."""

    body: list[ast.stmt]
    statement: ast.stmt


class Builder:
    """Makes subjects from edits of one unit."""

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        document = unit.document
        self.lines: list[str] = document.code.split("\n")
        self.future = [node for node in document.tree.body if _is_future(node)]
        quick = hasattr(unit.subject, "patched") and hasattr(unit.subject, "replay")
        parts = [_Prepared(self, node) for node in document.tree.body if isinstance(node, Part)] if quick else []
        self.parts = [part for part in parts if part.stands_alone()]

    def subject(self, candidate: Candidate) -> Any:
        """Return the edited subject. Raises CrosscheckError if the source does not parse or compile any more."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence", "is with a literal"
            part = next((part for part in self.parts if part.holds(candidate.edits)), None)
            if part is None:
                return self.unit.rebuilt(self.unit.document.with_edits(candidate.edits)).subject
            try:
                return part.subject(candidate.edits)
            except (SyntaxError, ValueError, RecursionError, LookupError) as error:
                raise CrosscheckError(f"The edit does not compile: {error}.", code="syntax-error") from None

    def meant(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Return statements as they are executed: those of Python 2 divide in another way."""
        document: Document = self.unit.document
        if not document.python2:
            return body
        tree = executable(replace(document, tree=ast.Module([*self.future, *body], [])))
        return tree.body[len(self.future) :]


class _Prepared:
    """A function or class, prepared once."""

    def __init__(self, builder: Builder, node: Part) -> None:
        self.builder = builder
        decorators = getattr(node, "decorator_list", [])
        self.first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        self.last = node.end_lineno or node.lineno
        part = ast.Module([node], [])
        self.tree = self._prepare(part)
        self.holds_loop = self._holds_loop()
        meant = ast.Module(builder.meant([copy.deepcopy(node)]), [])
        before = {(s.lineno, s.col_offset): ast.dump(s) for _, s in _simple(meant)}
        self.spots = [
            Spot(body, statement)
            for body, statement in _simple(self.tree)
            if before.get((statement.lineno, statement.col_offset)) == ast.dump(statement)
        ]

    def stands_alone(self) -> bool:
        """Tell whether this part alone compiles to the very code that the world runs."""
        codes = codes_by_name(compile(self.tree, FILENAME, "exec"))
        return (bool(codes) or self.holds_loop) and all(
            codes[function.__qualname__] == function.__code__
            for function in self.builder.unit.world.functions()
            if function.__qualname__ in codes
        )

    def holds(self, edits: Sequence[Edit]) -> bool:
        """Tell whether all edits are inside."""
        return all(self.first <= edit.start[0] and edit.end[0] <= self.last for edit in edits)

    def subject(self, edits: Sequence[Edit]) -> Any:
        """Return the subject with this part edited. Raises SyntaxError, ValueError and LookupError."""
        new = self._exchanged(edits)
        if new is None:
            text = "\n".join(self.builder.lines[self.first - 1 : self.last])
            tree = ast.parse(edited(text, [_moved(edit, self.first - 1) for edit in edits]))
            ast.increment_lineno(tree, self.first - 1)
            lines = renumbered(range(1, len(self.builder.lines) + 1), edits)
            return self._patched(named_as_before(self._prepare(tree), lines))
        try:
            for spot, statements in new:
                place = spot.body.index(spot.statement)
                spot.body[place : place + 1] = statements
            return self._patched(self.tree)
        finally:
            for spot, statements in new:
                place = spot.body.index(statements[0])
                spot.body[place : place + len(statements)] = [spot.statement]

    def _exchanged(self, edits: Sequence[Edit]) -> list[tuple[Spot, list[ast.stmt]]] | None:
        """Return what takes the place of each edited statement; None if that is not all that the edits change."""
        of_spot: dict[int, list[Edit]] = {}
        for edit in edits:
            last = edit.end[0] - 1 if edit.end[1] == 0 and edit.end[0] > edit.start[0] else edit.end[0]
            found = [n for n, s in enumerate(self.spots) if _covers(s.statement, edit.start[0], last)]
            if len(found) != 1:
                return None
            of_spot.setdefault(found[0], []).append(edit)
        new = []
        for number, own in of_spot.items():
            statement = self.spots[number].statement
            first, last = statement.lineno, statement.end_lineno or statement.lineno
            text = edited("\n".join([*self.builder.lines[first - 1 : last], ""]), [_moved(e, first - 1) for e in own])
            try:
                tree = ast.parse(textwrap.dedent(text))
            except SyntaxError:  # a line that leaves the block, perhaps
                return None
            ast.increment_lineno(tree, first - 1)
            body = self.builder.meant(tree.body)
            if any(isinstance(node, ast.Return) or hasattr(node, "body") for node in body):
                return None
            new.append((self.spots[number], body or [ast.copy_location(ast.Pass(), statement)]))
        return new

    def _holds_loop(self) -> bool:
        """Tell whether the unit is a loop, and the loop is in this part."""
        replay = self.builder.unit.subject.replay
        try:
            return replay.rebuilt(self.tree) is not replay
        except LookupError:
            return False

    def _prepare(self, part: ast.Module) -> ast.Module:
        unit, future = self.builder.unit, self.builder.future
        tree, _ = prepared(replace(unit.document, tree=ast.Module([*future, *part.body], [])), unit.world.plan)
        return tree

    def _patched(self, tree: ast.Module) -> Any:
        unit = self.builder.unit
        patches = changed_code(unit.world, codes_by_name(compile(tree, FILENAME, "exec")))
        replay = unit.subject.replay
        return unit.subject.patched(patches, replay.rebuilt(tree) if self.holds_loop else replay)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with edits made."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        begin = starts[edit.start[0] - 1] + edit.start[1]
        end = starts[edit.end[0] - 1] + edit.end[1]
        text = text[:begin] + edit.text + text[end:]
    return text


def _simple(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], ast.stmt]]:
    """Yield the statements without a block of their own, each with the block that it stands in."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield from ((body, s) for s in body if isinstance(s, ast.Assign | ast.AugAssign | ast.Expr))


def _covers(statement: ast.stmt, first: int, last: int) -> bool:
    return statement.lineno <= first and last <= (statement.end_lineno or statement.lineno)


def _moved(edit: Edit, lines: int) -> Edit:
    return Edit((edit.start[0] - lines, edit.start[1]), (edit.end[0] - lines, edit.end[1]), edit.text)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
