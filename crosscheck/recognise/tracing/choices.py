"""What a run of a program takes for granted where nothing tells, and what else it could have taken."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crosscheck.recognise.tracing.lengths import ContradictionError, Equations


class Option(NamedTuple):
    """One answer to a question, and how unlikely it is."""

    answer: Any
    cost: float


class Choices:
    """The answers of one run: those that it was told, and the likeliest to all other questions."""

    def __init__(self, told: Mapping[str, Option], equations: Equations, hints: Any) -> None:
        self.told, self.equations, self.hints = dict(told), equations, hints
        self.made: dict[str, Option] = dict(told)
        self.others: dict[str, Sequence[Option]] = {}
        """What else could be answered, in the order of the questions"""
        self.blamed: frozenset[str] = frozenset()
        """The arguments that went into what is computed at the moment"""

    def chosen(self, question: str, options: Sequence[Option]) -> Any:
        """Return the answer to a question. Raises ContradictionError where there is none."""
        if question in self.made:
            return self.made[question].answer
        if not options:
            raise ContradictionError(question)
        first, *rest = sorted(options, key=lambda option: option.cost)
        self.made[question], self.others[question] = first, rest
        return first.answer
