"""How text is put on a terminal: colours where they are wanted, lines that fit, paths that can be clicked.

Only bold, green, red and the terminal's own colour are used: they are readable on light and on dark.
"""

import os
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

WIDEST = 100
NARROWEST = 20


@dataclass(frozen=True)
class Paint:
    """A terminal, or what is none."""

    width: int
    colors: bool
    links: bool
    symbols: bool
    """Whether the encoding has more than ASCII."""

    @classmethod
    def of(cls, stream: TextIO) -> "Paint":
        """Return what a stream allows."""
        is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        width = max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))
        colors = is_terminal and not os.environ.get("NO_COLOR")
        symbols = (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")
        return cls(width, colors, is_terminal, symbols)

    def bold(self, text: str) -> str:
        """Return text in bold."""
        return self._styled(text, "1")

    def good(self, text: str) -> str:
        """Return text in green."""
        return self._styled(text, "1;32")

    def bad(self, text: str) -> str:
        """Return text in red."""
        return self._styled(text, "1;31")

    def path(self, path: Path) -> str:
        """Return a path that terminals open on a click (OSC 8): as short as it can be, and only its end if need be."""
        shown = shortest(path)
        if len(shown) > self.width:
            shown = ("…" if self.symbols else "...") + shown[-(self.width - 3) :]
        return f"\x1b]8;;{path.resolve().as_uri()}\x1b\\{shown}\x1b]8;;\x1b\\" if self.links else shown

    def bar(self, done: int, all_: int) -> str:
        """Return a bar of how much is done."""
        room = max(5, min(30, self.width - 20))
        full = room * done // max(all_, 1)
        on, off = ("█", "░") if self.symbols else ("#", ".")
        return f"{on * full}{off * (room - full)} {done}/{all_}"

    def wrapped(self, text: str, indent: str = "") -> list[str]:
        """Return paragraphs as lines that fit; what is indented by four blanks stays as it is."""
        lines: list[str] = []
        for block in _blocks(text):
            if block.startswith("    ") or not block:
                lines.append(f"{indent}{block}".rstrip())
            else:
                hanging = "  " if block.startswith(("- ", "* ")) else "   " if block[:2].rstrip(".").isdigit() else ""
                lines += textwrap.wrap(
                    block,
                    self.width,
                    initial_indent=indent,
                    subsequent_indent=indent + hanging,
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        return lines

    def cut(self, line: str) -> list[str]:
        """Return a line that is too long as several, so that it is known how many there are; styled ones are short."""
        if "\x1b" in line or len(line) <= self.width:
            return [line]
        return [line[start : start + self.width] for start in range(0, len(line), self.width)]

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colors else text


PLAIN = Paint(width=80, colors=False, links=False, symbols=True)
"""What is no terminal at all: a notebook, a test."""


def shortest(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)


def _blocks(text: str) -> list[str]:
    """Return paragraphs, each on one line, and the lines of what is not to be wrapped."""
    blocks: list[str] = []
    joined = False
    for line in text.splitlines():
        starts_anew = (
            not line.strip() or line.startswith(("    ", "#", "- ", "* ", "|")) or line[:2].rstrip(".").isdigit()
        )
        if starts_anew or not joined:
            blocks.append(line.rstrip())
        else:
            blocks[-1] += " " + line.strip()
        joined = bool(line.strip()) and not line.startswith(("    ", "#", "|"))
    return blocks
