"""Tokens of Python of any version, and of text that is nearly Python: nothing is refused.

The standard library's tokenizer refuses what only Python 2 knows, and each version of it something else.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[rRbBuUfF]{0,3}(?:\"\"\"|'''|"|'))
  | (?P<number>0[xX][0-9a-fA-F_]+[lL]?|0[oO][0-7_]+[lL]?|0[bB][01_]+[lL]?
      |(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d[\d_]*)?[jJlL]?)
  | (?P<name>[^\W\d]\w*)
  | (?P<newline>\n)
  | (?P<space>(?:[ \t\f]|\\\n)+)
  | (?P<op><>|!=|->|:=|\*\*=?|//=?|>>=?|<<=?|[-+*/%&|^@<>=]=?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {
    **{quote: re.compile(rf"(?:[^\\]|\\.)*?{quote}", re.DOTALL) for quote in ('"""', "'''")},
    **{quote: re.compile(rf"(?:[^\\\n{quote}]|\\.)*{quote}", re.DOTALL) for quote in ('"', "'")},
}


class Token(NamedTuple):
    """One token; `kind` is comment, string, number, name, newline, space or op."""

    kind: str
    start: int
    end: int
    text: str
    depth: int
    """Brackets that are open around it; of a bracket itself, around what it encloses less one."""


def tokens(text: str, at: int = 0) -> Iterator[Token]:
    """Yield the tokens from `at` on; a string that is not closed ends with its line."""
    depth = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None
        kind, end = found.lastgroup or "op", found.end()
        if kind == "string":
            closing = _CLOSING[found[0].lstrip("rRbBuUfF")].match(text, end)
            end = closing.end() if closing else _line_end(text, end)
        word = text[at:end]
        if word in (")", "]", "}"):
            depth = max(depth - 1, 0)
        yield Token(kind, at, end, word, depth)
        if word in ("(", "[", "{"):
            depth += 1
        at = end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def logical_lines(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each logical line (its newline last), spaces and comments and all."""
    line: list[Token] = []
    for token in tokens(text):
        line.append(token)
        if token.kind == "newline" and token.depth == 0:
            yield line
            line = []
    if line:
        yield line
