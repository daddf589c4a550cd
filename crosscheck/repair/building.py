"""From an edit to something that can be called, thousands of times: no more is prepared anew than the edit has changed.

`Unit.rebuilt` prepares the whole file. Here a function is prepared once, and an edited statement takes the place of the
old one in it; where a statement cannot be exchanged alone, its function is prepared anew, and elsewhere the whole file.
"""

import ast
import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.recognise.loops import named_as_before
from crosscheck.recognise.unit import changed_code, codes_by_name
from crosscheck.recognise.world import FILENAME, prepared
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.exchanging import Change, Exchange, edited
from crosscheck.repair.text import Text
from crosscheck.source import Document, Edit, compiled
from crosscheck.source.document import renumbered
from crosscheck.source.meaning import executable
from crosscheck.source.older_numpy import with_removed_names

Part = ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.If


class Builder:
    """Makes subjects from edits of one unit."""

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        document = unit.document
        self.text = Text(document.code)
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
        """Return statements as they are executed: those of Python 2 divide in another way. They may be changed."""
        document: Document = self.unit.document
        if not document.python2:
            return with_removed_names(ast.Module(body, [])).body
        tree = executable(replace(document, tree=ast.Module([*self.future, *body], [])))
        return tree.body[len(self.future) :]


class _Prepared:
    """A function or class, prepared once."""

    def __init__(self, builder: Builder, node: Part) -> None:
        self.builder = builder
        self.first, self.last = _lines(node)
        self.tree = self._prepare(ast.Module([node], []))
        self.holds_loop = self._holds_loop()
        original = ast.Module(builder.meant([copy.deepcopy(node)]), [])
        self.exchange = Exchange(self.tree, original, builder.text, builder.meant)
        self.methods = {} if self.holds_loop else dict(self._alone())

    def _alone(self) -> Iterator[tuple[range, ast.Module]]:
        """Yield the methods of a class that compile alone to the very code that the world runs, by their lines."""
        for node in [node for node in self.tree.body if isinstance(node, ast.ClassDef)]:
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    shell = ast.copy_location(ast.ClassDef(node.name, [], [], [method], []), node)
                    first, last = _lines(method)
                    if self.stands_alone(tree := ast.Module([shell], [])):
                        yield range(first, last + 1), tree

    def stands_alone(self, tree: ast.Module | None = None) -> bool:
        """Tell whether this part alone compiles to the very code that the world runs."""
        codes = codes_by_name(compiled(tree or self.tree, FILENAME))
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
        changes = self.exchange.changes(edits)
        if changes is None:
            text = "\n".join(self.builder.text.lines[self.first - 1 : self.last])
            tree = ast.parse(edited(text, [_moved(edit, self.first - 1) for edit in edits]))
            ast.increment_lineno(tree, self.first - 1)
            lines = renumbered(range(1, len(self.builder.text.lines) + 1), edits)
            return self._patched(named_as_before(self._prepare(tree), lines))
        with self.exchange.made(changes):
            return self._patched(self._smallest(changes))

    def _smallest(self, changes: Sequence[Change]) -> ast.Module:
        """Return the least that must be compiled."""
        lines = {change.spot.start[0] for change in changes}
        return next((tree for own, tree in self.methods.items() if lines <= set(own)), self.tree)

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
        patches = changed_code(unit.world, codes_by_name(compiled(tree, FILENAME)))
        replay = unit.subject.replay
        return unit.subject.patched(patches, replay.rebuilt(tree) if self.holds_loop else replay)


def _lines(node: Part) -> tuple[int, int]:
    """Return the first and the last line, with what decorates it."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]), node.end_lineno or node.lineno


def _moved(edit: Edit, lines: int) -> Edit:
    return Edit((edit.start[0] - lines, edit.start[1]), (edit.end[0] - lines, edit.end[1]), edit.text)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
