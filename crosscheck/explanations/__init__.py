"""Every code that a report can hold, explained: what it is, the mathematics, how it shows, how to mend it.

The texts stand in the .toml files beside this one; those of diagnoses beside the diagnoses.
"""

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from crosscheck.errors import CrosscheckError

PARTS = {"what": "", "mathematics": "The mathematics. ", "shows": "How it shows. ", "mend": "How to mend it. "}


def explain(code: str) -> str:
    r"""Return what a code means, at length. Raises CrosscheckError `unknown-code`.

    >>> explain("loss-overflows").split("\n")[0]
    'loss-overflows: The loss overflows'
    """
    found = texts().get(code)
    if found is None:
        close = get_close_matches(code, texts(), n=1)
        hint = f"did you mean {close[0]}?" if close else "crosscheck explain lists them all."
        raise CrosscheckError(f"There is no code {code}: {hint}", code="unknown-code")
    parts = [f"{head}{part_of(found, part)}" for part, head in PARTS.items() if part_of(found, part)]
    return "\n\n".join([f"{code}: {part_of(found, 'title')}", *parts])


@cache
def texts() -> dict[str, Any]:
    """Return all texts by code; each has title, what, shows and mend, most have mathematics."""
    from crosscheck.diagnose.explanations import CODES as DIAGNOSES

    found: dict[str, Any] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found | DIAGNOSES  # a slip that is a diagnosis as well is explained as that


def part_of(found: Any, part: str) -> str:
    """Return one part of a text (title, what, mathematics, shows, mend), or nothing if it has none."""
    return (found.get(part, "") if isinstance(found, dict) else getattr(found, part)).strip()
