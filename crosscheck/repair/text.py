"""Where syntax nodes stand in the source, in characters: Python's tree counts bytes."""

import ast
from typing import Any

from crosscheck.source.document import Edit


class Text:
    """Source code by lines, and edits of it."""

    def __init__(self, code: str) -> None:
        self.lines = code.split("\n")

    def start(self, node: ast.AST) -> tuple[int, int]:
        """Return line (from 1) and column (from 0, in characters) of a node's first character."""
        return self._place(node.lineno, node.col_offset)  # pyright: ignore[reportAttributeAccessIssue]

    def end(self, node: ast.AST) -> tuple[int, int]:
        """Return line and column just after a node."""
        return self._place(node.end_lineno, node.end_col_offset)  # pyright: ignore[reportAttributeAccessIssue]

    def of(self, node: ast.AST) -> str:
        """Return the source of a node, with its line ends."""
        return self.between(self.start(node), self.end(node))

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """Return the source from one place to another."""
        (first, left), (last, right) = start, end
        if first == last:
            return self.lines[first - 1][left:right]
        return "\n".join([self.lines[first - 1][left:], *self.lines[first : last - 1], self.lines[last - 1][:right]])

    def replace(self, node: ast.AST, text: str) -> Edit:
        """Return the edit that puts a text in the place of a node; one pair of parentheses around it is enough."""
        start, end = self.start(node), self.end(node)
        before, after = self.lines[start[0] - 1][: start[1]][-1:], self.lines[end[0] - 1][end[1] :][:1]
        if (before, after) == ("(", ")") and _is_enclosed(text):
            text = text[1:-1]
        return Edit(start, end, text)

    def insert(self, place: tuple[int, int], text: str) -> Edit:
        """Return the edit that inserts a text."""
        return Edit(place, place, text)

    def line_after(self, statement: ast.stmt, text: str) -> Edit:
        """Return the edit that adds a line of its own after a statement, indented alike."""
        last = statement.end_lineno or statement.lineno
        return self.insert((last, len(self.lines[last - 1])), f"\n{self.indent(statement)}{text}")

    def line_before(self, statement: ast.stmt, text: str) -> Edit:
        """Return the edit that adds a line of its own before a statement, indented alike."""
        indent = self.indent(statement)
        return self.insert((statement.lineno, len(indent)), f"{text}\n{indent}")

    def trimmed(self, edit: Edit) -> Edit:
        """Return an edit without what it leaves as it is, so that two edits of one line can be made together."""
        old, new = self.between(edit.start, edit.end), edit.text
        if "\n" in old or old == new:
            return edit
        left = _common(old, new)
        right = _common(old[left:][::-1], new[left:][::-1])
        line, column = edit.start
        return Edit((line, column + left), (line, edit.end[1] - right), new[left : len(new) - right])

    def indent(self, statement: ast.stmt) -> str:
        """Return the white space that the line of a statement begins with."""
        line = self.lines[statement.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def stands_alone(self, statement: ast.stmt) -> bool:
        """Tell whether nothing but a comment shares the lines of a statement."""
        (first, left), (last, right) = self.start(statement), self.end(statement)
        rest = self.lines[last - 1][right:].strip()
        return not self.lines[first - 1][:left].strip() and (not rest or rest.startswith("#"))

    def without(self, statement: ast.stmt) -> Edit:
        """Return the edit that drops a statement with its line, or puts `pass` there if it shares the line."""
        if not self.stands_alone(statement):
            return self.replace(statement, "pass")
        (first, _), (last, _) = self.start(statement), self.end(statement)
        if last < len(self.lines):
            return Edit((first, 0), (last + 1, 0), "")
        return self.replace(statement, "pass")

    def _place(self, line: int, column: int) -> tuple[int, int]:
        text = self.lines[line - 1]
        if text.isascii():
            return line, column
        return line, len(text.encode()[:column].decode())


def bracketed(node: ast.AST, text: str, above: Any = None) -> str:
    """Return a text with brackets around it if the node is one that needs them inside of a product."""
    loose = isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda)
    return f"({text})" if loose and above is not ast.Expr else text


def _common(one: str, other: str) -> int:
    """Return how many characters at the beginning are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _is_enclosed(text: str) -> bool:
    """Tell whether the first parenthesis of an expression is closed by its last character."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
