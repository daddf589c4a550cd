"""Windows of truncation that a program announces by their names: opened wide, they cut nothing off.

A gradient that is truncated as announced is no error, and is right as it stands only where the window is wide.
"""

import re
import types
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.copying import ATOMIC, copied
from crosscheck.recognise.hooks import Entry

WINDOW = re.compile(r"trunc|bptt_?(?:len|steps|window|depth|max)?$", re.IGNORECASE)
WIDE = 1000
"""In steps: no case has as many"""


def widened(entry: Entry) -> tuple[Entry, list[str]] | None:
    """Return a call with all of its windows opened wide, and what they are called; None if it has none."""
    memo: dict[int, Any] = {}
    arguments, names = copied(entry.arguments, memo), copied(entry.names, memo)
    found: list[str] = []
    _open({"arguments": arguments, "names": names}, found, set())
    return (replace(entry, arguments=arguments, names=names), sorted(set(found))) if found else None


def _open(value: Any, found: list[str], seen: set[int]) -> None:
    if id(value) in seen or isinstance(value, (*ATOMIC, np.ndarray, types.FunctionType)):
        return
    seen.add(id(value))
    parts = value if isinstance(value, dict) else getattr(value, "__dict__", None)
    if isinstance(parts, dict):
        for name, item in list(parts.items()):
            if type(item) is int and item > 0 and isinstance(name, str) and WINDOW.search(name):
                parts[name] = max(item, WIDE)
                found.append(name)
            else:
                _open(item, found, seen)
