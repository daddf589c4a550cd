"""The trial of an edit that is to mend an update: every step must follow a rule that is known to be right."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.recognise.updates import FEWEST, Step, is_right, sign_of, steps_of
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.probing import Evidence
from crosscheck.repair.screen import Score
from crosscheck.repair.search import Ranked, Search
from crosscheck.repair.syntax import last_name

SCALES = frozenset({"constant-factor", "extra-factor", "missing-factor", "scale-forgotten", "product-for-sum"})
"""Edits that would only choose another learning rate"""
ELSEWHERE = 4.0
"""How much less likely an edit is on a line that several gradients depend on"""


class UpdateScreen:
    """One call with preloaded memories. The gradient must stay as it is, and no memory may go."""

    trials = (None,)

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        self.before = self._steps(unit.subject)
        steps = self.before[0] if self.before else {}
        self.names = tuple(name for name, step in steps.items() if step.gradient.size >= FEWEST)
        self.everything = frozenset((0, name) for name in self.names)

    def score(self, subject: Any, at_least: frozenset[tuple[int, str]] = frozenset()) -> Score | None:
        """Try a subject; None where it fails, or changes a gradient. There is no trial that `at_least` could save."""
        del at_least
        found = self._steps(subject)
        if found is None or self.before is None:
            return None
        steps, numbers, counters = found
        if not all(name in steps and _same(step, steps[name]) for name, step in self.before[0].items()):
            return None
        sign = sign_of(self.unit)
        right = {(0, name) for name in self.names if is_right(steps[name], numbers, counters, sign)}
        return Score(frozenset(right), complete=True)

    def _steps(self, subject: Any) -> tuple[Mapping[str, Step], list[float], list[float]] | None:
        unit = replace(self.unit, subject=subject)
        try:
            with np.errstate(all="ignore"):
                return steps_of(unit)
        except CrosscheckError:
            return None
        except Exception:  # noqa: BLE001 - theirs, edited
            return None


class UpdateSearch(Search):
    """The search that tries the lines first on which no gradient depends."""

    def evidence(self, start: Candidate | None) -> dict[int, Evidence]:
        """Return nothing: moving a line does not show what becomes of a step."""
        del start
        return {}

    def ordered(self, base: Score, start: Candidate | None = None) -> list[Ranked]:
        """Return the edits of the update, the most plausible first."""
        held = {last_name(name) for name in self.unit.names.values()}
        every = [
            (cost + ELSEWHERE * (len(self.reached.get(candidate.line, held) & held) > 1), candidate)
            for cost, candidate in super().ordered(base, start)
            if candidate.code not in SCALES
        ]
        return sorted(every, key=lambda ranked: ranked[0])


def _same(one: Step, other: Step) -> bool:
    return np.array_equal(one.gradient, other.gradient) and len(one.memories) == len(other.memories)
