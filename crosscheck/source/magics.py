"""What only IPython understands, replaced by Python that does nothing: magics, shell commands, help."""

import re
from collections.abc import Iterator, Sequence

from crosscheck.source.scanner import tokens
from crosscheck.source.translation import Change

# Cell magics whose body is run as Python in the notebook itself.
_PYTHON_CELLS = {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "heat", "snakeviz", "skip"}

_CELL = re.compile(r"\s*%%(\w*)")
_WRITTEN = re.compile(r"\s*%%(?:writefile|file)[ \t]+(?:[^\s]*/)?(\w+)\.py[ \t]*$", re.MULTILINE)
"""A cell whose Python is written to a module, which other cells import from"""
_IMPORTED = r"[ \t]*from[ \t]+(?:[\w.]*\.)?(?:{})[ \t]+import[ \t]+(\([^()]*\)|[^\n;#]*)"
_LINE = re.compile(
    r"[ \t]*(?:[%!?]|[%\w.*]+\?{1,2}[ \t]*;?[ \t]*$)|(?:cd|ls|cat|mkdir|cp|mv|rm)[ \t]+[~\w./][\w./~ :\\-]*$"
    r"|(?:pip3?|conda)[ \t]+(?:install|uninstall|list|show|freeze)\b.*$|(?:pwd|ls|whos)[ \t]*$"
)
"""The last of them are magics without a mark: `cd data`, which is no Python"""
_ASSIGNED = re.compile(r"[ \t]*[A-Za-z_][\w.\[\], \t]*=[ \t]*([%!][ \t]*\w)")
_TIMED = re.compile(r"([ \t]*)%(?:time|prun|memit)[ \t]+(?=[^-\s])")
_BLANK = re.compile(r"[ \t]*")


def magics(text: str, cells: Sequence[int] = (0,)) -> list[Change]:
    """Return the changes that leave Python; `cells` are the places where a cell begins.

    >>> magics("%matplotlib inline")
    [Change(start=0, end=18, text='pass')]
    """
    ends = [*(at - 1 for at in cells[1:]), len(text)]
    written = [found[1] for start, end in zip(cells, ends, strict=True) if (found := _WRITTEN.match(text, start, end))]
    return sorted(
        change
        for start, end in zip(cells, ends, strict=True)
        for change in (*_of_cell(text, start, max(start, end)), *_of_imports(text, start, max(start, end), written))
    )


def _of_imports(text: str, start: int, end: int, modules: Sequence[str]) -> Iterator[Change]:
    """Yield the changes by which names that a cell imports from a module of another cell are those of that cell."""
    head = _CELL.match(text, start, end)
    if not modules or (head and head[1] not in _PYTHON_CELLS and not _WRITTEN.match(text, start, end)):
        return
    pattern = re.compile("^" + _IMPORTED.format("|".join(modules)), re.MULTILINE)
    for found in pattern.finditer(text, start, end):
        renamed = re.findall(r"(\w+)\s+as\s+(\w+)", found[1])
        code = "; ".join(f"{new} = {old}" for old, new in renamed) or "pass"
        blank = _BLANK.match(text, found.start())
        assert blank is not None
        yield Change(blank.end(), found.end(), code + "\n" * text.count("\n", found.start(), found.end()))


def _of_cell(text: str, start: int, end: int) -> Iterator[Change]:
    head = _CELL.match(text, start, end)
    if head and (head[1] in _PYTHON_CELLS or _WRITTEN.match(text, start, end)):
        line_end = _line_end(text, head.end(), end)
        yield Change(head.end() - len(head[1]) - 2, line_end, "pass")
        start = line_end + 1
    elif head:
        yield from _blanked(text, start, end)
        return
    indent = _indent_of_all(text, start, end)
    at = start
    while at < end:
        line_end = _line_end(text, at, end)
        line = text[at:line_end]
        assigned = _ASSIGNED.match(line)
        if _LINE.match(line) or assigned:
            while text[at:line_end].endswith("\\") and line_end < end:
                line_end = _line_end(text, line_end + 1, end)
            yield from _magic(text, at, line_end, assigned)
            at = line_end + 1
            continue
        at = _logical_line_end(text, at, end)
    yield from indent


def _magic(text: str, at: int, end: int, assigned: re.Match[str] | None) -> Iterator[Change]:
    timed = _TIMED.match(text, at, end)
    blank = _BLANK.match(text, at, end)
    assert blank is not None
    if timed:
        yield Change(at + len(timed[1]), timed.end(), "")
    elif assigned:
        yield Change(at + assigned.start(1), end, "None" + "\n" * text.count("\n", at, end))
    else:
        yield Change(blank.end(), end, "pass" + "\n" * text.count("\n", at, end))


def _blanked(text: str, start: int, end: int) -> Iterator[Change]:
    yield Change(start, end, "pass" + "\n" * text.count("\n", start, end))


def _indent_of_all(text: str, start: int, end: int) -> list[Change]:
    """Take away the indent of a cell whose first line of code is indented, as IPython does."""
    lines = [line for line in text[start:end].split("\n") if line.strip() and not line.lstrip().startswith("#")]
    blank = _BLANK.match(lines[0]) if lines else None
    if not blank or not blank[0] or not all(line.startswith(blank[0]) for line in lines):
        return []
    changes, at = [], start
    for line in text[start:end].split("\n"):
        if line.startswith(blank[0]):
            changes.append(Change(at, at + len(blank[0]), ""))
        at += len(line) + 1
    return changes


def _logical_line_end(text: str, at: int, end: int) -> int:
    for token in tokens(text, at):
        if token.end >= end:
            break
        if token.kind == "newline" and token.depth == 0:
            return token.end
    return end


def _line_end(text: str, at: int, end: int) -> int:
    found = text.find("\n", at, end)
    return end if found < 0 else found
