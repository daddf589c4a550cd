r"""Code that was pasted together with what stood around it: prompts, answers, line numbers, prose.

In [1]:
import numpy as np

**Parameters**
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from crosscheck.source.translation import Change

_PROMPT = re.compile(r"[ \t]*(?:In ?\[[ \d*]*\]:|>>>|\.{3,}:?)(?:[ \t]|$)")
_IN = re.compile(r"[ \t]*In ?\[[ \d*]*\]:[ \t]*")
_OUT = re.compile(r"[ \t]*Out ?\[[ \d]*\]:")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_NUMBER = re.compile(r"[ \t]*(\d+)[|:.]?")
_BLANKS = re.compile(r"[ \t]*")
_CALL_OR_ASSIGNMENT = re.compile(r"\w[ \t]*\(|[^=!<>]=[^=]|^[ \t]*(?:(?:import|from|def|class|while)\b|@|#)", re.M)

# Fewer numbered lines than this, where others are not numbered, are a list of something else.
FEWEST_NUMBERED = 10

_Parses = Callable[[str], bool]


class _Lines(NamedTuple):
    texts: list[str]
    starts: list[int]

    @classmethod
    def of(cls, text: str) -> "_Lines":
        texts, starts, at = text.split("\n"), [], 0
        for line in texts:
            starts.append(at)
            at += len(line) + 1
        return cls(texts, starts)

    def keep(self, lengths: dict[int, int]) -> list[Change]:
        """Leave out every line but these, and of these so many characters in front."""
        changes = []
        for index, (line, start) in enumerate(zip(self.texts, self.starts, strict=True)):
            length = lengths.get(index, len(line))
            if length:
                changes.append(Change(start, start + length, ""))
        return changes


def without_prompts(text: str) -> list[Change]:
    """Take the prompts of a session away, and what was answered to them; nothing if there are no prompts.

    >>> without_prompts(">>> x = 3")
    [Change(start=0, end=4, text='')]
    """
    lines = _Lines.of(text)
    session = any(line.lstrip().startswith(">>>") for line in lines.texts)
    if not session and not any(map(_IN.match, lines.texts)):
        return []
    kept, printed = {}, session
    for index, line in enumerate(lines.texts):
        prompt = _PROMPT.match(line)
        if prompt:
            kept[index], printed = prompt.end(), session
        elif _OUT.match(line):
            printed = True
        elif not line.strip():
            printed = session
        elif not printed:
            kept[index] = 0
    return lines.keep(kept)


def without_prose(text: str, parses: _Parses, *, fences: bool) -> list[Change]:
    """Keep numbered lines, or what stands behind `In [1]:`, or between fences, as far as it is code.

    A page with several programs is read as its first: of functions of one name the first counts.
    """
    lines = _Lines.of(text)
    blocks = list(_fenced(lines.texts)) if fences else []
    numbered = _numbered(lines.texts, [line for block in blocks for line in block], parses)
    numbered = numbered or _numbered(lines.texts, range(len(lines.texts)), parses)
    if numbered:
        return lines.keep(numbered)
    kept: dict[int, int] = {}
    seen: set[str] = set()
    for block in [*blocks, *_cells(lines.texts)]:
        prompts = {line: match.end() for line in block if (match := _IN.match(lines.texts[line]))}
        code = _as_code(lines.texts, block, prompts, parses)
        names = {name for line in code for name in re.findall(r"^def (\w+)", lines.texts[line])}
        if not names & seen:
            kept |= {line: prompts.get(line, 0) for line in code}
        seen |= names
    return lines.keep(kept) if kept else []


def outside_of_fences(text: str) -> list[Change]:
    """Leave out what does not stand between fences, whether that is code or not; nothing where there are none."""
    lines = _Lines.of(text)
    kept = {line: 0 for block in _fenced(lines.texts) for line in block}
    return lines.keep(kept) if kept else []


def _fenced(lines: list[str]) -> Iterator[range]:
    marks = [index for index, line in enumerate(lines) if _FENCE.match(line)]
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        yield range(opening + 1, closing)


def _cells(lines: list[str]) -> Iterator[range]:
    marks = [index for index, line in enumerate(lines) if _IN.match(line)]
    yield from (range(start, end) for start, end in zip(marks, [*marks[1:], len(lines)], strict=False))


def _as_code(lines: list[str], block: Sequence[int], prompts: dict[int, int], parses: _Parses) -> list[int]:
    """Return the lines of the longest beginning that is code; what follows an empty line may be output or prose."""
    best: list[int] = []
    ends = [n for n in range(1, len(block) + 1) if n == len(block) or not lines[block[n]].strip()]
    for begin, end in zip([0, *ends], ends, strict=False):
        paragraph = "\n".join(lines[line][prompts.get(line, 0) :] for line in block[begin:end])
        whole = "\n".join(lines[line][prompts.get(line, 0) :] for line in block[:end])
        if paragraph.strip() and _CALL_OR_ASSIGNMENT.search(paragraph) and parses(whole):
            best = list(block[:end])
    return best


def _numbered(lines: list[str], candidates: Sequence[int], parses: _Parses) -> dict[int, int]:
    """Return the lines that are numbered 1, 2, 3, ... with the width of the number; none unless the rest is code."""
    found: list[tuple[int, int]] = []
    for line in candidates:
        match = _NUMBER.match(lines[line])
        if match and int(match[1][:9]) == len(found) + 1:
            found.append((line, match.end()))
    if not found or len(found) < min(FEWEST_NUMBERED, sum(bool(lines[line].strip()) for line in candidates)):
        return {}
    widest = max(end for _, end in found)
    for width in (-1, 0, widest, widest + 1, widest + 2, widest - 1):
        lengths = {line: _width(lines[line], end, width) for line, end in found}
        if parses("\n".join(lines[line][length:] for line, length in lengths.items())):
            return lengths
    return {}


def _width(line: str, end: int, width: int) -> int:
    """Return how much to leave out: the number, and blanks up to the column `width` (0: a single one; -1: none)."""
    blanks = _BLANKS.match(line, end)
    last = end if blanks is None else blanks.end()
    return min(last, max(width, end) if width else end + 1)
