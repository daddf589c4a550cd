"""Edits made in a syntax tree that is prepared to be run: statements are exchanged, added and dropped, and put back."""

import ast
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from crosscheck.recognise.instrument import HOOKS
from crosscheck.repair.text import Text
from crosscheck.source import Edit
from crosscheck.source.walking import walk

Body = list[ast.stmt]
Simple = ast.Assign | ast.AugAssign | ast.Expr


class Spot(NamedTuple):
    """Where one of the author's statements stands in the prepared tree."""

    body: Body
    statement: ast.stmt
    start: tuple[int, int]
    end: tuple[int, int]
    is_simple: bool
    """Whether it is an assignment or an expression, prepared as it was written"""

    def holds(self, edit: Edit) -> bool:
        """Tell whether an edit is inside of the statement."""
        return self.start <= edit.start and edit.end <= self.end


class Change(NamedTuple):
    """What is to be done at one spot."""

    spot: Spot
    before: Body
    instead: Body | None
    """None where the statement stays"""
    after: Body


class Exchange:
    """The statements of a prepared tree, by their places in the source."""

    def __init__(self, tree: ast.AST, original: ast.AST, text: Text, meant: Callable[[Body], Body]) -> None:
        """`original` is the tree before it was instrumented; `meant` says how new statements are executed."""
        self.text, self.meant = text, meant
        known = {(type(s), s.lineno, s.col_offset): s for s in walk(original) if isinstance(s, ast.stmt)}
        self.spots = [
            Spot(body, statement, text.start(statement), text.end(statement), isinstance(statement, Simple))
            for body, statement in _statements(tree, known)
        ]

    @contextmanager
    def made(self, changes: Sequence[Change]) -> Iterator[None]:
        """Change the tree for a while."""
        before = [(change.spot.body, list(change.spot.body)) for change in changes]
        for spot, first, instead, last in changes:
            place = next(n for n, statement in enumerate(spot.body) if statement is spot.statement)
            kept = [spot.statement] if instead is None else instead
            spot.body[place : place + 1] = [*first, *kept, *last]
        for spot, *_ in changes:
            if not spot.body:
                spot.body.append(ast.copy_location(ast.Pass(), spot.statement))
        try:
            yield
        finally:
            for body, statements in reversed(before):
                body[:] = statements

    def changes(self, edits: Sequence[Edit]) -> list[Change] | None:
        """Return what edits of the source change in the tree; None if that cannot be told statement by statement.

        Raises SyntaxError where a new statement is no Python.
        """
        found: dict[int, Change] = {}
        inside: dict[int, list[Edit]] = {}
        for edit in edits:
            place = self._beside(edit)
            if place is not None:
                number, is_before = place
                before = self.text.lines[edit.start[0] - 1][: edit.start[1]] if is_before else ""
                new = self._parsed(textwrap.dedent(before + edit.text), edit)
                old = found.setdefault(number, Change(self.spots[number], [], None, []))
                if new is None:
                    return None
                found[number] = old._replace(before=old.before + new) if is_before else old._replace(after=new)
                continue
            within = [n for n, spot in enumerate(self.spots) if not _has_block(spot.statement) and spot.holds(edit)]
            if len(within) != 1:
                within = self._dropped(edit)
            if len(within) != 1:
                return None
            inside.setdefault(within[0], []).append(edit)
        for number, own in inside.items():
            old = found.setdefault(number, Change(self.spots[number], [], None, []))
            instead = self._instead(self.spots[number], own)
            if instead is None:
                return None
            found[number] = old._replace(instead=instead)
        return list(found.values())

    def _beside(self, edit: Edit) -> tuple[int, bool] | None:
        """Return the statement beside which an edit adds lines, and whether in front of it."""
        if edit.start != edit.end or "\n" not in edit.text:
            return None
        line, column = edit.start
        for number, spot in enumerate(self.spots):
            if spot.start == edit.start and edit.text.endswith("\n" + self.text.lines[line - 1][:column]):
                return number, True
        if edit.text.startswith("\n") and column == len(self.text.lines[line - 1]):
            indent = len(edit.text) - 1 - len(edit.text[1:].lstrip())
            ending = [(n, spot) for n, spot in enumerate(self.spots) if spot.end[0] == line]
            blocks = [spot.body for _, spot in ending if spot.start[1] == indent]
            beside = [n for n, spot in ending if blocks and spot.body is blocks[0]]  # `a; b` are two of one block
            if beside:
                return beside[-1], False
        return None

    def _dropped(self, edit: Edit) -> list[int]:
        """Return the statements on lines that are dropped."""
        if edit.text or edit.start[1] or edit.end[1]:
            return []
        lines = range(edit.start[0], edit.end[0])
        return [n for n, spot in enumerate(self.spots) if spot.start[0] in lines or spot.end[0] in lines]

    def _instead(self, spot: Spot, edits: Sequence[Edit]) -> Body | None:
        (first, left), (last, _) = spot.start, spot.end
        if any(edit.end[0] > last for edit in edits):  # the whole line goes
            return []
        moved = [Edit(_from(edit.start, first, left), _from(edit.end, first, left), edit.text) for edit in edits]
        text = edited(self.text.between(spot.start, spot.end), moved)
        if any("\n" in edit.text for edit in edits):
            text = textwrap.dedent(self.text.lines[first - 1][:left] + text)
        new = ast.parse(text).body
        ast.increment_lineno(ast.Module(new, []), first - 1)
        if isinstance(spot.statement, ast.Return):
            return _returning(spot.statement, self.meant(new))
        return self._allowed(new) if spot.is_simple else None

    def _parsed(self, text: str, edit: Edit) -> Body | None:
        new = ast.parse(text.strip("\n")).body
        ast.increment_lineno(ast.Module(new, []), edit.start[0] - 1)
        return self._allowed(new)

    def _allowed(self, new: Body) -> Body | None:
        body = self.meant(new)
        return None if any(isinstance(node, ast.Return) or _has_block(node) for node in body) else body


def _statements(tree: ast.AST, known: dict[tuple[type, int, int], ast.stmt]) -> Iterator[tuple[Body, ast.stmt]]:
    """Yield the statements that are the author's, each with the block that it stands in."""
    for name in ("body", "orelse", "finalbody", "handlers"):
        body = getattr(tree, name, None)
        if not isinstance(body, list):  # of a lambda, say
            continue
        for statement in body:
            if isinstance(statement, ast.ExceptHandler):
                yield from _statements(statement, known)
                continue
            before = known.get((type(statement), statement.lineno, statement.col_offset))
            if before is not None and _is_the_same(before, statement):
                yield body, statement
                yield from _statements(statement, known)


def _is_the_same(before: ast.stmt, now: ast.stmt) -> bool:
    """Tell an author's statement from what was put in its place, which is placed at its line."""
    if isinstance(now, Simple):
        return ast.dump(before) == ast.dump(now)
    if isinstance(now, ast.If):
        return isinstance(before, ast.If) and ast.dump(before.test) == ast.dump(now.test)
    if isinstance(now, ast.Return) and isinstance(before, ast.Return):
        reported = _reported(now)
        return reported is not None and before.value is not None and ast.dump(reported) == ast.dump(before.value)
    return True


def _reported(statement: ast.Return) -> ast.expr | None:
    """Return what a return statement returns, through the hook that sees it."""
    call = statement.value
    is_hook = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "leave"
    if not is_hook or ast.unparse(call.func.value) != HOOKS:  # pyright: ignore
        return None
    return call.args[1]  # pyright: ignore


def _returning(statement: ast.Return, new: Body) -> Body | None:
    """Return a return statement with another value, that the hook sees as well."""
    if len(new) != 1 or not isinstance(new[0], ast.Return) or new[0].value is None:
        return None
    call = statement.value
    assert isinstance(call, ast.Call)
    name, _, here = call.args
    hook = ast.copy_location(ast.Call(call.func, [name, new[0].value, here], []), call)
    return [ast.copy_location(ast.Return(hook), statement)]


def _has_block(statement: ast.stmt) -> bool:
    return hasattr(statement, "body")


def _from(place: tuple[int, int], first: int, left: int) -> tuple[int, int]:
    """Return a place as seen from the beginning of a statement."""
    line, column = place
    return line - first + 1, column - left if line == first else column


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
