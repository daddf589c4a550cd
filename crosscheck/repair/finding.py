"""From a unit to the repairs that were proven on fresh cases."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from crosscheck.contract import CODES
from crosscheck.errors import CrosscheckError
from crosscheck.recognise.judging import judge_unit, oracle_of
from crosscheck.recognise.overflow import huge_cases, overflow_in
from crosscheck.recognise.recognition import in_other_sizes
from crosscheck.recognise.updates import update_lines
from crosscheck.repair.adjoints.blame import Blame, Inquest
from crosscheck.repair.adjoints.rewriting import rewritten
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.clock import Clock
from crosscheck.repair.repair import Repair, repair_of
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Screen
from crosscheck.repair.search import Found, Search
from crosscheck.repair.updates import UpdateScreen, UpdateSearch
from crosscheck.report import Report
from crosscheck.source import Document
from crosscheck.verdicts import Severity, Verdict, aggregate

EXAMPLES = 20
"""Fresh cases for an edit that passed the trial: one round of the regimes"""
FEWEST = 6
"""Fresh cases in other sizes"""
SCREENING, FIRST, INQUIRING, SEARCHING = 0.15, 0.15, 0.4, 0.75
"""Shares of the time for the references of the trial, for a first search, for the inquiry into what is to blame, and
for all of these with a search that knows of it; the rest is for the judgement"""
LEAST = 0.1
"""Share of the time for a search that knows what is to blame, however late it is"""
REWRITING = 0.1
"""Share of the time for expressions that compute what a statement should"""
MANY = 6
"""Edits that are judged, at most"""


def find_repairs(
    unit: Any,
    report: Report | None = None,
    *,
    seconds: float,
    seed: int,
    hints: Iterable[int] = (),
    tick: Callable[[], None] = lambda: None,
) -> list[Repair]:
    """Return edits of the unit's backward pass under which it agrees, the best first; [] if none was found in time.

    Where by its report nothing but the update is wrong, that is what is edited. `hints` are lines that look suspicious.
    Each edit has its own time limit; `tick` is called every now and then.
    """
    repairing = Repairing(unit, report, seconds=seconds, seed=seed, hints=hints)
    repairing.tick = tick
    return repairing.repairs()


def _is_operation(unit: Any) -> bool:
    return bool(getattr(unit, "is_operation", False))


def only_update_is_wrong(report: Report | None) -> bool:
    """Tell whether all gradients are right and the step that is made of them is not."""
    if report is None or overflow_in(report):
        return False
    return all(t.verdict is not Verdict.DISAGREE for t in report.tallies)


class Repairing:
    """One search, with what it learned on the way: the diagnosis asks for it too."""

    def __init__(
        self, unit: Any, report: Report | None = None, *, seconds: float, seed: int, hints: Iterable[int] = ()
    ) -> None:
        self.unit, self.report, self.seed = unit, report, seed
        self.clock, self.seconds = Clock(), seconds
        self.searching: type[Search] = Search
        self.screen: Screen | UpdateScreen = self._screen()
        self.hints = frozenset(hints)
        self.found = Found()
        self.blames: list[Blame] = []
        """What is to blame, where the search did not find a repair soon"""
        self.tick: Callable[[], None] = lambda: None

    def _screen(self) -> Screen | UpdateScreen:
        if only_update_is_wrong(self.report):
            self.searching = UpdateSearch
            return UpdateScreen(self.unit)
        huge = next(huge_cases(self.unit, self.seed), None) if overflow_in(self.report) else None
        return Screen(self.unit, oracle_of(self.unit), seed=self.seed + 1, seconds=SCREENING * self.seconds, huge=huge)

    def repairs(self) -> list[Repair]:
        """Search, judge and rank."""
        if not self.screen.names:
            return []
        unit = self.unit
        editable = unit.editable | update_lines(unit) if self.searching is UpdateSearch else unit.editable
        code, tree = unit.document.code, unit.document.tree
        scope = Scope(code, (), editable, tree, getattr(unit, "upstream", ()), is_operation=_is_operation(unit))
        search = self.searching(unit, self.screen, scope, FIRST * self.seconds)
        search.hints, search.tick = self.hints, self.tick
        self.found = search.run()
        if not self.found.survivors:
            self._inquire(search)
            left = max(LEAST * self.seconds, SEARCHING * self.seconds - self.clock.spent)
            self.found = search.run(search.clock.spent + left)
        repairs: list[Repair] = []
        for candidate in self.found.survivors[:MANY]:
            if self.clock.spent > self.seconds and repairs:
                break
            self.tick()
            repair = self._judged(candidate)
            if repair is not None:
                repairs.append(repair)
        return [replace(repair, others=len(repairs) - 1) for repair in repairs]

    def _inquire(self, search: Search) -> None:
        """Find out what is to blame, and let the search look there first."""
        if isinstance(self.screen, Screen) and not overflow_in(self.report):
            self.tick()
            inquest = Inquest(self.unit, self.screen, INQUIRING * self.seconds, self.tick)
            self.blames = inquest.blames
            lines = {line for blame in self.blames for line in (blame.line, *blame.also)}
            if lines:
                search.prefer(lines, rewritten(inquest, search.scope, REWRITING * self.seconds))

    def _judged(self, candidate: Candidate) -> Repair | None:
        document = self.unit.document
        edited = document.with_edits(candidate.edits)
        try:
            unit = self.unit.rebuilt(edited)
        except CrosscheckError:
            return None
        cases = self._agreeing(unit)
        return repair_of(document, edited, candidate, cases) if cases else None

    def _agreeing(self, edited: Any) -> int:
        """Return the number of fresh cases on which an edited unit agrees; 0 if it does not."""
        share_oracle(self.unit, edited)
        report = judge_unit(edited, seed=self.seed + 2, examples=EXAMPLES, tick=self.tick)
        if not agrees(report, self.report) or not self.agrees_in_other_sizes(edited.document):
            return 0
        return report.judged

    @cached_property
    def _elsewhere(self) -> Any:
        return in_other_sizes(self.unit)

    def agrees_in_other_sizes(self, edited: Document) -> bool:
        """Tell whether an edit is right in other sizes too: a factor may be the length of something else by chance."""
        if self._elsewhere is None:
            return True
        unit = self._elsewhere.rebuilt(edited)
        share_oracle(self._elsewhere, unit)
        return agrees(judge_unit(unit, seed=self.seed + 3, examples=FEWEST, tick=self.tick), self.report)


def agrees(report: Report, before: Report | None = None) -> bool:
    """Tell whether every gradient is right; how the code behaves otherwise was not for the edit to mend.

    What could not be judged before the edit may remain so.
    """
    if report.error is not None:
        return False
    open_before = {t.name for t in before.tallies if t.verdict is Verdict.INCONCLUSIVE} if before else set()
    worse = [f for f in report.findings if f.severity is Severity.ERROR and f.code not in CODES]
    if not overflow_in(before):  # where something else was wrong, nobody has looked for it
        worse = [f for f in worse if f is not overflow_in(report)]
    verdicts = [t.verdict for t in report.tallies if t.verdict is Verdict.AGREE or t.name not in open_before]
    return not worse and bool(verdicts) and aggregate(verdicts) is Verdict.AGREE


def share_oracle(original: Any, edited: Any) -> None:
    """Let an edited unit use what is known of the original's loss, which it leaves as it is."""
    object.__setattr__(edited, "_oracle", oracle_of(original))
