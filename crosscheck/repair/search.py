"""The search for a repair: single edits first, then greedily one more gradient right and none worse, then pairs."""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.repair.building import Builder
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.clock import Clock
from crosscheck.repair.edits import candidates
from crosscheck.repair.flow import Flow
from crosscheck.repair.probing import Evidence, Probes
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Score
from crosscheck.repair.syntax import last_name

DEPTH = 3
"""Independent slips that are mended together, at most"""
BEAM = 3
"""Half-mended sources that are followed further"""
DEEPER = 500
"""Edits that are tried on top of another one"""
PAIRED = 60
"""Edits of which all pairs are tried where no single one helps"""
HARMLESS = 1.5
"""How much less likely an edit is that reaches a gradient which is right already"""
USELESS = 4.0
"""How much less likely one is that reaches no wrong gradient"""
FITTING = 2.0
"""How much likelier one is on a line that moves what is wrong and nothing else"""
HINTED = 0.5
"""How much likelier one is on a line that looks suspicious"""
AFTER_FIRST = 1.0
"""How much less plausible than the first that helps an edit may be and still be tried"""
PREFERRED = 100.0
"""How much likelier an edit is on a line that is known to be to blame: it comes before all others"""
TICKING = 100
"""Edits after which it is told that the search goes on"""
LINGERING = 2.0
"""Seconds after the first edit that mends everything, or as long as it took to find: the others are only counted"""


Ranked = tuple[float, Candidate]
"""How unlikely an edit is by all that is known, and the edit"""


@dataclass
class Found:
    """What the search brought to light."""

    survivors: list[Candidate] = field(default_factory=list)
    """Edits under which every gradient is right in every trial; the best first"""
    tried: int = 0
    progress: list[tuple[Candidate, Score]] = field(default_factory=list)
    """Edits under which more is right than before and nothing is worse"""


class Search:
    """One search over the edits of a unit."""

    def __init__(self, unit: Any, screen: Any, scope: Scope, seconds: float) -> None:
        self.unit, self.screen, self.scope, self.seconds = unit, screen, scope, seconds
        self.clock = Clock()
        self.found = Found()
        self.builder = Builder(unit)
        self.hints: frozenset[int] = frozenset()
        """Lines that a reading of the source found suspicious"""
        self.tick: Callable[[], None] = lambda: None
        """Told that the search goes on"""
        self._place, self._paired = 0, False
        self.reached: dict[int, set[str]] = {}
        """What depends on what a line writes, by its last name"""

    def run(self, seconds: float | None = None) -> Found:
        """Search until the deadline, or until everything was tried; go on where the last search ended.

        `seconds` count from when this was made.
        """
        self.seconds = self.seconds if seconds is None else seconds
        while self._place < len(self._ordered) and not self._late():
            self._place, reached = self._better(None, self._base, self._ordered, self._place)
            if self.found.survivors or self._deeper(reached):
                return self._finish()
        if self._place >= len(self._ordered) and not self._paired:
            self._paired = True
            self.found.survivors += itertools.islice(self._pairs(self._base, self._ordered), 1)
        return self._finish()

    @cached_property
    def _base(self) -> Score:
        return self.screen.score(self.unit.subject) or Score(frozenset(), complete=True)

    @cached_property
    def _ordered(self) -> list[Ranked]:
        return self.ordered(self._base)

    def prefer(self, lines: Collection[int], more: Iterable[Candidate] = ()) -> None:
        """Try the edits of some lines next, and before them `more` edits that nobody has thought of yet."""
        spans = [range(p.line, (p.statement.end_lineno or p.line) + 1) for p in self.scope.editable if p.is_simple]
        near = {line for span in spans if set(span) & set(lines) for line in span} | set(lines)
        rest = self._ordered[self._place :]
        first = [(cost - PREFERRED, one) for cost, one in rest if one.line in near]
        first += [(one.cost - PREFERRED, one) for one in more]
        others = [ranked for ranked in rest if ranked[1].line not in near]
        self._ordered = [*sorted(first, key=lambda ranked: ranked[0]), *others]
        self._place, self._paired = 0, False

    def _deeper(self, reached: Sequence[tuple[Candidate, Score]]) -> bool:
        """Go on from half-mended sources; tell whether that led to the end."""
        for _ in range(DEPTH - 1):
            best = list(_most_different(reached))[:BEAM]
            self.found.progress += best
            reached = []
            for start, score in best:
                _, better = self._better(start, score, self.ordered(score, start)[:DEEPER], 0)
                if self.found.survivors:
                    return True
                reached += better
        return False

    def evidence(self, start: Candidate | None) -> dict[int, Evidence]:
        """Return what moving the lines shows, on top of an edit."""
        return Probes(self.builder, self.screen, self.scope, start).evidence()

    def ordered(self, base: Score, start: Candidate | None = None) -> list[Ranked]:
        """Return all single edits, the most plausible first."""
        probed = self.evidence(start)
        names = getattr(self.unit, "names", {}) or {}
        right_names = base.names(len(self.screen.trials))
        right = {last_name(names.get(name, f"d{name}")) for name in right_names}
        wrong = {last_name(names.get(name, f"d{name}")) for name in self.screen.names if name not in right_names}
        flow, reached = Flow(self.scope), self.reached
        for place in self.scope.editable:
            found = set(map(last_name, flow.reached(place)))
            reached[place.line] = found | reached.get(place.line, set())

        def cost(candidate: Candidate) -> float:
            seen = probed.get(candidate.line)
            if seen is not None and not adds_lines(candidate):
                penalty = USELESS * (1 - seen.cover) + HARMLESS * seen.excess - FITTING * seen.exact
                return candidate.cost + penalty - HINTED * (candidate.line in self.hints)
            reach = reached.get(candidate.line)
            if adds_lines(candidate):
                reach = set(map(last_name, flow.reached_from([candidate.about])))
            if not reach or not any(name in names_reached for name in wrong for names_reached in reached.values()):
                penalty = 0.0
            else:
                penalty = HARMLESS * bool(reach & right) + USELESS * (not reach & wrong)
            return candidate.cost + penalty - HINTED * (candidate.line in self.hints)

        return sorted(((cost(one), one) for one in candidates(self.scope)), key=lambda ranked: ranked[0])

    def _better(
        self, start: Candidate | None, least: Score, ordered: Sequence[Ranked], place: int
    ) -> tuple[int, list[tuple[Candidate, Score]]]:
        """Try edits on top of `start`, from a place in their order on; survivors go to `found`.

        Returns where it stopped, and the edits under which more is right than before and nothing is worse. It stops a
        while after the first that mends everything, or one gradient altogether.
        """
        results: list[tuple[Candidate, Score]] = []
        worst, trials, ends = math.inf, len(self.screen.trials), None
        for number in range(place, len(ordered)):
            cost, single = ordered[number]
            if self._late() or cost > worst or (ends and self.clock.spent > ends):
                return number, results
            if start is not None and start.overlaps(single):
                continue
            candidate = single if start is None else start.joined(single)
            score = self._try(candidate, least)
            if score is None or not score.complete or not score.right > least.right:
                continue
            if score.right == self.screen.everything:
                self.found.survivors.append(candidate)
                ends = ends or self.clock.spent + max(LINGERING, self.clock.spent / 2)
            else:
                results.append((candidate, score))
            if score.names(trials) > least.names(trials):
                worst = min(worst, cost + AFTER_FIRST)
        return len(ordered), results

    def _pairs(self, base: Score, ordered: Sequence[Ranked]) -> Iterator[Candidate]:
        """Yield the pairs of the most plausible edits that mend everything together."""
        pairs = itertools.combinations(ordered[:PAIRED], 2)
        for (_, one), (_, two) in sorted(pairs, key=lambda pair: pair[0][0] + pair[1][0]):
            if self._late():
                return
            if not one.overlaps(two):
                candidate = one.joined(two)
                score = self._try(candidate, base)
                if score is not None and score.right == self.screen.everything:
                    yield candidate

    def _try(self, candidate: Candidate, least: Score) -> Score | None:
        self.found.tried += 1
        if not self.found.tried % TICKING:
            self.tick()
        try:
            subject = self.builder.subject(candidate)
        except CrosscheckError:
            return None
        return self.screen.score(subject, least.right)

    def _finish(self) -> Found:
        self.found.survivors.sort(key=lambda candidate: (candidate.cost, sum(len(e.text) for e in candidate.edits)))
        return self.found

    def _late(self) -> bool:
        return self.clock.spent > self.seconds


def adds_lines(candidate: Candidate) -> bool:
    """Tell whether an edit does nothing but add lines: what the lines beside it move says nothing about it."""
    return all(edit.start == edit.end and "\n" in edit.text for edit in candidate.edits)


def _most_different(reached: Iterable[tuple[Candidate, Score]]) -> Iterator[tuple[Candidate, Score]]:
    """Yield the best edit for each set of what is right, those with most first."""
    seen = set()
    for candidate, score in sorted(reached, key=lambda pair: (-len(pair[1].right), pair[0].cost)):
        if score.right not in seen:
            seen.add(score.right)
            yield candidate, score
