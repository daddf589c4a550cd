"""What is to blame for wrong gradients, in words: the line, how its value differs, and what is right before it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crosscheck.contract import SubjectError
from crosscheck.repair.adjoints.bench import UnmarkedError
from crosscheck.repair.adjoints.culprit import Culprit, Inquiry
from crosscheck.repair.adjoints.difference import FIRST_WRONG, code_of
from crosscheck.repair.screen import Screen

MANY = 4
"""Variables that are named"""


@dataclass(frozen=True)
class Blame:
    """One statement that is to blame."""

    code: str
    line: int
    about: str
    """The variable that it writes"""
    evidence: str
    """Sentences, to be put behind what the code says; `line {meant_line}` is a place in the source"""
    meant_line: int | None
    also: tuple[int, ...]
    """Other lines that may be to blame in its place"""
    culprit: Culprit


class Inquest:
    """The inquiry into one unit, with what it found."""

    def __init__(self, unit: Any, screen: Screen, seconds: float, tick: Callable[[], None] = lambda: None) -> None:
        """`tick` is called every now and then."""
        self.inquiry: Inquiry | None = None
        self.blames: list[Blame] = []
        try:
            self.inquiry = Inquiry(unit, screen, seconds, tick)
            culprits = self.inquiry.culprits()
        except (UnmarkedError, SubjectError):  # it cannot be marked, or does not run so
            return
        self.blames = [self._blame(culprit, alone=len(culprits) == 1) for culprit in culprits]

    def _blame(self, culprit: Culprit, *, alone: bool) -> Blame:
        assert self.inquiry is not None
        code = code_of(culprit, self.inquiry.case)
        where = " (line {meant_line})" if culprit.meant_line else ""
        mended = (
            "every gradient is right" if alone else "and those of the other lines in theirs, every gradient is right"
        )
        evidence = f"With the derivative with respect to {culprit.meant}{where} in its place, {mended}"
        right = [name for name in culprit.right if name != culprit.mark.about][-MANY:]
        if right:
            evidence += f"; right before it {'are' if len(right) > 1 else 'is'} {', '.join(right)}"
        return Blame(code, culprit.line, culprit.mark.about, f"{evidence}.", culprit.meant_line, culprit.also, culprit)


def unexplained(blame: Blame) -> bool:
    """Tell whether nothing is known of how the two differ."""
    return blame.code == FIRST_WRONG
