"""From a unit to the repairs that were proven on fresh cases."""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from crosscheck.contract import CODES
from crosscheck.errors import CrosscheckError
from crosscheck.recognise.judging import judge_unit, oracle_of
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.repair import Repair, lines_changed
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Screen
from crosscheck.repair.search import Found, Search
from crosscheck.report import Report
from crosscheck.verdicts import Severity, Verdict, aggregate

EXAMPLES = 20
"""Fresh cases for an edit that passed the trial: one round of the regimes"""
FEWEST = 8
SCREENING, SEARCHING = 0.15, 0.55
"""Shares of the time for the references of the trial, and for the search; the rest is for the judgement"""
MANY = 6
"""Edits that are judged, at most"""


def find_repairs(unit: Any, *, seconds: float, seed: int, hints: Iterable[int] = ()) -> list[Repair]:
    """Return edits of the unit's backward pass under which it agrees, the best first; [] if none was found in time.

    `hints` are lines that look suspicious. Each edit has its own time limit.
    """
    return Repairing(unit, seconds=seconds, seed=seed, hints=hints).repairs()


class Repairing:
    """One search, with what it learned on the way: the diagnosis asks for it too."""

    def __init__(self, unit: Any, *, seconds: float, seed: int, hints: Iterable[int] = ()) -> None:
        self.unit, self.seed = unit, seed
        self.started, self.seconds = time.monotonic(), seconds
        self.screen = Screen(unit, oracle_of(unit), seed=seed + 1, seconds=SCREENING * seconds)
        self.hints = frozenset(hints)
        self.found = Found()

    def repairs(self) -> list[Repair]:
        """Search, judge and rank."""
        if not self.screen.trials:
            return []
        unit = self.unit
        scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
        search = Search(unit, self.screen, scope, self.started + SEARCHING * self.seconds)
        search.hints = self.hints
        self.found = search.run()
        repairs: list[Repair] = []
        for candidate in self.found.survivors[:MANY]:
            if time.monotonic() - self.started > self.seconds and repairs:
                break
            repair = self._judged(candidate)
            if repair is not None:
                repairs.append(repair)
        return [replace(repair, others=len(repairs) - 1) for repair in repairs]

    def _judged(self, candidate: Candidate) -> Repair | None:
        document = self.unit.document
        edited = document.with_edits(candidate.edits)
        try:
            unit = self.unit.rebuilt(edited)
        except CrosscheckError:
            return None
        share_oracle(self.unit, unit)
        report = judge_unit(unit, seed=self.seed + 2, examples=EXAMPLES)
        if not agrees(report):
            return None
        before, after = lines_changed(document, edited, candidate.line)
        return Repair(
            line=candidate.line,
            before=before,
            after=after,
            diff=document.diff(edited),
            cases=report.judged,
            code=candidate.code,
            about=candidate.about,
            codes=candidate.own_parts,
            edited=edited,
        )


def agrees(report: Report) -> bool:
    """Tell whether every gradient is right; how the code behaves otherwise was not for the edit to mend."""
    if report.error is not None or not report.tallies:
        return False
    worse = [f for f in report.findings if f.severity is Severity.ERROR and f.code not in CODES]
    return not worse and aggregate(tally.verdict for tally in report.tallies) is Verdict.AGREE


def share_oracle(original: Any, edited: Any) -> None:
    """Let an edited unit use what is known of the original's loss, which it leaves as it is."""
    object.__setattr__(edited, "_oracle", oracle_of(original))
