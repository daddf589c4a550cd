"""Scripts as everybody writes them, made by drawing one habit after the other."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

Lines = tuple[str, ...]
Slip = tuple[str, str]


@dataclass(frozen=True)
class Script:
    """A script and what is true of it."""

    name: str
    text: str
    is_right: bool


def deeper(lines: Iterable[str]) -> list[str]:
    """Return the lines indented by one step."""
    return [f"    {line}" for line in lines]


def of_self(lines: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the lines in which some names are attributes of an object."""
    pattern = re.compile(rf"(?<![\w.])({'|'.join(names)})\b")
    return [pattern.sub(r"self.\1", line) for line in lines]


def slipped(text: str, slip: Slip | None) -> str:
    """Return a text with a slip in it, if there is one.

    Raises:
        ValueError: the text does not have what the slip replaces.
    """
    if slip is None:
        return text
    if slip[0] not in text:
        raise ValueError(f"{slip[0]!r} does not occur")
    return text.replace(*slip, 1)
