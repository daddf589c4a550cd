"""Scripts made of a template: a text with marks, each of which stands for one of some ways to write the same."""

import random
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.quality.habits import Script, Slip, slipped

MARK = re.compile(r"\$([a-z]+)")


@dataclass(frozen=True)
class Template:
    """A program that learns something."""

    name: str
    text: str
    """With `$mark` for what can be written in several ways; on a line of its own it stands for lines, or for none"""
    ways: Mapping[str, Sequence[str]]
    slips: tuple[Slip, ...]
    """What may be written in place of something, so that the gradient is that of no loss that anybody would mean"""
    words: Mapping[str, Sequence[str]] | None = None
    """Other names for a name"""


def filled(text: str, chosen: Mapping[str, str]) -> str:
    """Return a text with what is chosen in place of its marks, and of those in what is chosen."""
    lines = []
    for line in textwrap.dedent(text).strip("\n").split("\n"):
        alone = MARK.fullmatch(line.strip())
        if alone is None:
            lines.append(line)
        elif written := textwrap.dedent(chosen[alone[1]]).strip("\n"):
            lines += textwrap.indent(written, line[: len(line) - len(line.lstrip())]).split("\n")
    found = "\n".join(lines)
    found = MARK.sub(lambda mark: textwrap.dedent(chosen[mark[1]]).strip("\n"), found)
    return filled(found, chosen) if MARK.search(found) else found + "\n"


def drawn(templates: Sequence[Template], choose: random.Random, is_right: bool) -> Script | None:
    """Return a script of one of the templates; None if it is to be wrong, and the ways that are drawn have no slip."""
    template = choose.choice(templates)
    chosen = {mark: choose.choice(ways) for mark, ways in template.ways.items()}
    text = filled(template.text, chosen)
    slip = None
    if not is_right:
        slips = [slip for slip in template.slips if slip[0] in text]
        if not slips:
            return None
        slip = choose.choice(slips)
        text = slipped(text, slip)
    for name, others in (template.words or {}).items():
        text = re.sub(rf"\b{name}\b", choose.choice([name, *others]), text)
    said = "right" if slip is None else f"{slip[0]} -> {slip[1]}"
    numbers = [f"{mark} {ways.index(chosen[mark])}" for mark, ways in template.ways.items() if len(ways) > 1]
    return Script(f"{template.name}: {', '.join([said, *numbers])}", text, is_right)
