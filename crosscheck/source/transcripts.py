"""Code that was pasted together with prompts or line numbers."""

import re

from crosscheck.source.translation import Change

_NUMBER = re.compile(r"[ \t]*(\d+)(?:[ \t]*[|:.)][ \t]?|\t|[ ]|$)")
_PROMPT = re.compile(r"[ \t]*(?:In ?\[[ \d*]*\]:|>>>|\.{3,}:?)(?:[ \t]|$)")
_OUT = re.compile(r"[ \t]*Out ?\[[ \d]*\]:")
_IN_ALONE = re.compile(r"[ \t]*In ?\[[ \d*]*\]:", re.MULTILINE)


def without_prompts(text: str) -> list[Change]:
    r"""Return the changes that take prompts (and what they answered) or line numbers away; none if there are none.

    >>> without_prompts("1 x = 3\n2 y = 4")
    [Change(start=0, end=2, text=''), Change(start=8, end=10, text='')]
    """
    lines, starts, at = text.split("\n"), [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return _numbers(lines, starts) or _prompts(lines, starts)


def _numbers(lines: list[str], starts: list[int]) -> list[Change]:
    """Line numbers count by one; lines without a number are not allowed, except at the end."""
    found = [_NUMBER.match(line) for line in lines]
    while found and found[-1] is None and not lines[len(found) - 1].strip():
        found.pop()
    if len(found) < 2 or not all(found):
        return []
    numbers = [int(match[1]) for match in found if match]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return []
    ends = [match.end() for match in found if match]
    return [Change(start, start + end, "") for start, end in zip(starts, ends, strict=False)]


def _prompts(lines: list[str], starts: list[int]) -> list[Change]:
    """Prompts go; in a session with `>>>`, and after `Out[3]:`, what carries no prompt was printed."""
    session = sum(line.lstrip().startswith(">>>") for line in lines)
    if not session and not any(_IN_ALONE.match(line) for line in lines):
        return []
    changes, printed = [], bool(session)
    for start, line in zip(starts, lines, strict=True):
        prompt = _PROMPT.match(line)
        if prompt:
            changes.append(Change(start, start + prompt.end(), ""))
            printed = bool(session)
        elif _OUT.match(line) or (printed and line):
            changes.append(Change(start, start + len(line), ""))
            printed = True
        elif not line.strip():
            printed = bool(session)
    return changes
