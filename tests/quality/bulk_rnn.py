"""Right recurrent networks by the hundred thousand, of all sizes up to 64: is any of them called wrong?

    python -m tests.quality.bulk_rnn [--models 1000000] [--seed 0] [--seconds S] [DTYPE ...]

DTYPE is float64 (scales from 0.001 to 30) or float32 (to 3). Three subjects take turns, with single sequences and with
batches. Models of equal sizes are stacked and go through the cascade of `crosscheck campaign`: a screen, stricter than
the judge, then the judge's noise for what the screen does not clear, then the judge himself for what is left. Of every
64th group, one model in four goes through the clips and optimisers as well, by hand and by optax, and is judged as
single models are. Prints the figures so far from time to time, and at the end.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import numpy as np

from crosscheck.campaign.cascade import Cleared, clear
from crosscheck.campaign.stacked import StackedOracle
from crosscheck.cases import Key
from crosscheck.contract import call
from crosscheck.judge import Judge
from crosscheck.pair import Pair
from crosscheck.reference import oracle_for
from manual.parameters import Parameters
from tests.quality.false_alarms_rnn import DTYPES, HIGH, LOW
from tests.quality.networks import SUBJECTS, Networks, pair
from tests.quality.survey import BINS, Survey, decade, histogram

GROUP = 64
AT_ONCE = 4
"""Groups that pass the cascade together"""
EVERY_RULES = 16
AFTER_RULES = 16
"""Models of such a group that go through the rules as well"""
PRINT_AFTER = 60.0
"""Seconds between two reports"""


class Group(NamedTuple):
    """Models of equal sizes on a leading axis."""

    keys: list[Key]
    arguments: Any

    def key(self, place: int) -> Key:
        """Return the name of one model."""
        return self.keys[place]


@dataclass
class Figures:
    """Counts over the models, and the survey of those that the judge saw."""

    seen: Survey
    stages: Counter[str] = field(default_factory=Counter)
    """Models by what settled them"""
    cleared: list[float] = field(default_factory=list)
    """Largest discrepancies of models that were measured and cleared, in tolerances"""
    models: Counter[str] = field(default_factory=Counter)
    """By scale"""
    inconclusive: Counter[str] = field(default_factory=Counter)
    """By scale, models of which some parameter could not be judged; those that the judge saw are in his survey"""
    sizes: list[tuple[int, ...]] = field(default_factory=list)
    entries: int = 0

    def add(self, chunk: Cleared, cases: Networks) -> None:
        """Count what the cascade said of a group."""
        group: Any = chunk.stack
        self.stages["by the screen"] += len(chunk.screened)
        self.stages["by their noise"] += len(chunk.measured)
        self.stages["found inconclusive"] += len(chunk.inconclusive)
        self.stages["by the judge"] += len(chunk.left)
        self.cleared += chunk.discrepancy[chunk.measured].tolist()
        self.models.update(decade(cases.scale(key)) for key in group.keys)
        self.inconclusive.update(decade(cases.scale(group.keys[place])) for place in chunk.inconclusive.tolist())
        self.sizes += [key.sizes for key in group.keys]
        self.entries += sum(array.size for array in chunk.subject.values())

    def report(self, cases: Networks, seconds: float) -> str:
        """Return the figures as text."""
        count = len(self.sizes)
        lines = [f"{count:,} models, {self.entries:,} entries, in {seconds:,.0f} s: {count / seconds:,.0f} a second"]
        lines += [f"false alarms: {len(self.seen.false_alarms)}", *map(str, self.seen.false_alarms[:20])]
        lines += ["settled " + ", ".join(f"{what}: {n:,}" for what, n in self.stages.items())]
        lines += ["sizes: least, quartiles, greatest"]
        for name, column in zip(cases.size_names, np.array(self.sizes).T, strict=True):
            lines += [f"  {name:12}{'  '.join(map(str, np.quantile(column, (0, 0.25, 0.5, 0.75, 1)).astype(int)))}"]
        lines += ["furthest off, in tolerances: models cleared by their noise, models that the judge saw"]
        both = histogram(self.cleared), histogram(self.seen.last)
        lines += [f"  to {edge:<8g}{a:12,}{b:12,}" for edge, a, b in zip((*BINS, np.inf), *both, strict=True)]
        lines += [f"  the furthest: {max(self.cleared, default=0):.2f}, {max(self.seen.last, default=0):.2f}"]
        lines += ["by scale: models, and of how many some parameter could not be judged"]
        for where in sorted(self.models, key=lambda text: float(text.split()[0])):
            unjudged = self.inconclusive[where] + self.seen.by_decade.get(where, Counter())["parameters"]
            lines += [f"  {where:16}{self.models[where]:12,}{unjudged:8,}  {100 * unjudged / self.models[where]:.3f} %"]
        return "\n".join(lines)


class BulkSurvey:
    """Judges groups of networks; what is compiled serves every dtype."""

    def __init__(self) -> None:
        self._oracles: dict[bool, Any] = {}

    def survey(
        self, cases: Networks, models: int, seed: int, *, seconds: float = np.inf, loud: bool = False
    ) -> Figures:
        """Judge so many models, or as many as there is time for; `loud` prints what was seen on the way."""
        figures, with_rules = (Figures(Survey(frozenset(Parameters._fields))) for _ in range(2))
        started = printed = time.monotonic()
        for number in range(0, -(-models // GROUP), AT_ONCE):
            subject = [*SUBJECTS][number // AT_ONCE % len(SUBJECTS)]
            self._clear(subject, cases, seed, range(number, number + AT_ONCE), figures)
            if number // AT_ONCE % EVERY_RULES == EVERY_RULES - 1:
                self._after_rules(subject, cases, seed, number, with_rules)
            now = time.monotonic()
            is_late = now > started + seconds
            if loud and (is_late or now > printed + PRINT_AFTER):
                printed = now
                print(f"{figures.report(cases, now - started)}\n{_of_rules(with_rules)}\n", flush=True)
            if is_late:
                break
        figures.seen.false_alarms += with_rules.seen.false_alarms
        figures.stages["through the rules as well"] += with_rules.seen.models
        return figures

    def _clear(self, subject: str, cases: Networks, seed: int, numbers: Any, figures: Figures) -> None:
        groups = [self._group(cases, seed, number) for number in numbers]
        chosen = pair(subject, cases, with_rules=False)
        oracle = self._oracle(chosen, groups[0].keys[0], with_rules=False)
        judge = Judge(chosen, oracle)
        everywhere = np.arange(GROUP)
        stacks: Any = [(group, everywhere) for group in groups]
        for chunk in clear(stacks, judge, oracle):
            figures.add(chunk, cases)
            left = [chunk.stack.key(place) for place in chunk.left.tolist()]
            if left:
                figures.seen.judge(judge, left, [cases.scale(key) for key in left])

    def _after_rules(self, subject: str, cases: Networks, seed: int, number: int, figures: Figures) -> None:
        keys = cases.group(seed, number, GROUP)[:AFTER_RULES]
        chosen = pair(subject, cases, with_rules=True)
        judge = Judge(chosen, self._oracle(chosen, keys[0], with_rules=True))
        figures.seen.judge(judge, keys, [cases.scale(key) for key in keys])

    def _group(self, cases: Networks, seed: int, number: int) -> Group:
        keys = cases.group(seed, number, GROUP)
        return Group(
            keys, jax.tree.map(lambda *leaves: np.stack(leaves), *(cases.build(key).arguments for key in keys))
        )

    def _oracle(self, chosen: Pair, key: Key, *, with_rules: bool) -> Any:
        if with_rules not in self._oracles:
            oracle = oracle_for(chosen, call(chosen.subject, chosen.cases.build(key).arguments))
            self._oracles[with_rules] = oracle if with_rules else StackedOracle(oracle.twin, oracle.padding)
        return self._oracles[with_rules]


def _of_rules(figures: Figures) -> str:
    seen = figures.seen
    return f"through clips and optimisers as well: {seen.models:,} models, false alarms: {len(seen.false_alarms)}"


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dtypes", nargs="*", metavar="DTYPE", choices=["float64", "float32", []])
    arguments.add_argument("--models", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--seconds", type=float, default=np.inf)
    given = arguments.parse_args()
    jax.config.update("jax_enable_x64", True)
    survey = BulkSurvey()
    for dtype in given.dtypes or ["float64"]:
        cases = Networks(LOW, HIGH[dtype], DTYPES[dtype])
        print(f"{dtype}, scales {LOW:g} to {HIGH[dtype]:g}, seed {given.seed}", flush=True)
        started = time.monotonic()
        found = survey.survey(cases, given.models, given.seed, seconds=given.seconds, loud=True)
        print(found.report(cases, time.monotonic() - started), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
