"""The trial of an edit that is to mend an update: every step must follow a rule that is known to be right."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.recognise.fitting import FEWEST
from crosscheck.recognise.right_rules import fault_of
from crosscheck.recognise.rules import Step, is_right
from crosscheck.recognise.updates import moving, sign_of, steps_of
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.probing import Evidence, probes_of
from crosscheck.repair.screen import Score
from crosscheck.repair.search import Ranked, Search

SCALES = frozenset({"constant-factor", "extra-factor", "missing-factor", "scale-forgotten", "product-for-sum"})
"""Edits that would only choose another learning rate"""


class UpdateScreen:
    """One call with preloaded memories. The gradient must stay as it is, and no memory may go."""

    trials = (None,)

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        self.further = False
        """Whether steps of few entries are looked at in several cases: where none of the others is wrong"""
        self.before = self._steps(unit.subject) if moving(unit) is not None else None  # else others take its steps
        if self.before is not None and not self._wrong(self.before):
            self.further = True
            self.before = self._steps(unit.subject)
        steps = self.before[0] if self.before else {}
        self.names = tuple(name for name, step in steps.items() if step.gradient.size >= FEWEST)
        self.everything = frozenset((0, name) for name in self.names)

    def _wrong(self, found: tuple[Mapping[str, Step], list[float], list[float]]) -> bool:
        steps, numbers, counters = found
        return any(fault_of(step, numbers, counters, sign_of(self.unit)) for step in steps.values())

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

    def moves_steps_alone(self, subject: Any) -> bool:
        """Tell whether a subject takes other steps with the same gradients."""
        found = self._steps(subject)
        if found is None or self.before is None:
            return False
        pairs = [(step, found[0].get(name)) for name, step in self.before[0].items()]
        if not all(other is not None and np.array_equal(one.gradient, other.gradient) for one, other in pairs):
            return False
        return any(other is not None and not np.array_equal(one.change, other.change) for one, other in pairs)

    def _steps(self, subject: Any) -> tuple[Mapping[str, Step], list[float], list[float]] | None:
        unit = replace(self.unit, subject=subject)
        try:
            with np.errstate(all="ignore"):
                return steps_of(unit, further=self.further)
        except CrosscheckError:
            return None
        except Exception:  # noqa: BLE001 - theirs, edited
            return None


class UpdateSearch(Search):
    """The search that tries the lines first that move a step and no gradient."""

    screen: UpdateScreen

    def evidence(self, start: Candidate | None) -> dict[int, Evidence]:
        """Return which lines move a step alone."""
        moving: dict[int, bool] = {}
        for place in self.scope.editable:
            for edit in probes_of(self.scope, place):
                probe = Candidate((edit,), place.line, "probe", 0.0, "")
                if start is None or not start.overlaps(probe):
                    alone = self._moves_steps_alone(probe if start is None else start.joined(probe))
                    moving[place.line] = moving.get(place.line, True) and alone
        return {line: Evidence(float(alone), 0.0, exact=alone) for line, alone in moving.items()}

    def _moves_steps_alone(self, probe: Candidate) -> bool:
        try:
            return self.screen.moves_steps_alone(self.builder.subject(probe))
        except CrosscheckError:
            return False

    def ordered(self, base: Score, start: Candidate | None = None) -> list[Ranked]:
        """Return the edits of the update, the most plausible first."""
        return [(cost, one) for cost, one in super().ordered(base, start) if one.code not in SCALES]


def _same(one: Step, other: Step) -> bool:
    return np.array_equal(one.gradient, other.gradient) and len(one.memories) == len(other.memories)
