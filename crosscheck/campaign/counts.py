"""What is kept of the models that were judged: counts that add up, and the one worst entry of each array."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from crosscheck.campaign.cascade import Cleared
from crosscheck.cases import Key
from crosscheck.judge import JudgedCase
from crosscheck.strategies.stacks import BULK
from crosscheck.tally import Tally, Worst, worst_entry
from crosscheck.verdicts import Verdict

DISCREPANCIES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Upper edges of the histogram of each model's largest discrepancy, in tolerances; beyond the last lies one more bin"""
SCALES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 32.0)
"""Edges of the ranges of scales for which models are counted apart"""
FLOORS_KEPT = 10_000
"""Detection floors that the median is taken of: memory must not grow with the number of models"""


@dataclass
class ArrayTally(Tally):
    """A tally of one array that chunks can be added to, in order."""

    def add_sampled(self, case: JudgedCase) -> None:
        """Take the detection floor from a model that was chosen blindly, and what `notice` takes."""
        comparison = case.comparisons[self.name]
        if comparison.judged.any():
            floors = comparison.floor[comparison.judged]
            self._floors.append(float(np.median(floors)))
            self._worst_floors.append(float(np.max(floors)))
        self.notice(case)

    def notice(self, case: JudgedCase) -> None:
        """Take the worst entry from any judged model, and whether it is wrong."""
        comparison = case.comparisons[self.name]
        if not comparison.judged.any():
            return
        if comparison.wrong.any():
            self.disagreeing += 1
            self.wrong_keys = [*self.wrong_keys, case.key][:1]
        self._take_worst(worst_entry(case, self.name, comparison))

    def merge(self, later: "ArrayTally") -> None:
        """Add the tally of a later chunk."""
        self.cases += later.cases
        self.judged += later.judged
        self.disagreeing += later.disagreeing
        self.wrong_keys = [*self.wrong_keys, *later.wrong_keys][:1]
        self._floors = [*self._floors, *later._floors][:FLOORS_KEPT]
        self._worst_floors = sorted([*self._worst_floors, *later._worst_floors])[-1:]
        if later.worst is not None:
            self._take_worst(later.worst)

    def _take_worst(self, worst: Worst) -> None:
        if self.worst is None or worst.discrepancy > self.worst.discrepancy:
            self.worst = worst


@dataclass
class Counts:
    """What is known of some models; of a chunk, and of all chunks together."""

    models: int = 0
    agree: int = 0
    inconclusive: int = 0
    disagree: int = 0
    screened: int = 0
    """Of those that agree: cleared by the screen, whatever their noise is"""
    judged: int = 0
    """Models of which something was judged"""
    tallies: dict[str, ArrayTally] = field(default_factory=dict)
    regimes: dict[str, int] = field(default_factory=dict)
    by_screen: np.ndarray = field(default_factory=lambda: np.zeros(len(DISCREPANCIES) + 1, np.int64))
    """Histogram over the screened models of an upper bound: their tolerance without its noise"""
    by_noise: np.ndarray = field(default_factory=lambda: np.zeros(len(DISCREPANCIES) + 1, np.int64))
    """Histogram over the models whose noise was measured"""
    scales: np.ndarray = field(default_factory=lambda: np.zeros(len(SCALES) - 1, np.int64))
    """Models by scale, where they have one"""
    inconclusive_scales: np.ndarray = field(default_factory=lambda: np.zeros(len(SCALES) - 1, np.int64))
    """Inconclusive models by scale"""
    loss_differs: Key | None = None
    """The first model of which subject and twin disagree on the loss: they do not compute the same function"""

    def add(self, case: JudgedCase, verdict: Verdict, *, sampled: bool, scale: float | None = None) -> None:
        """Count a model that the judge has judged; `sampled` says that it was chosen blindly."""
        self._count(1, case.key.regime)
        if scale is not None:
            self.scales += by_scale([scale])
            self.inconclusive_scales += by_scale([scale]) * (verdict is Verdict.INCONCLUSIVE)
        self.agree += verdict is Verdict.AGREE
        self.inconclusive += verdict is Verdict.INCONCLUSIVE
        self.disagree += verdict is Verdict.DISAGREE
        self.loss_differs = self.loss_differs or (case.key if verdict is Verdict.ERROR else None)
        arrays = {name: comparison for name, comparison in case.comparisons.items() if name != "loss"}
        self.judged += any(comparison.judged.any() for comparison in arrays.values())
        worst = [comparison.discrepancy[comparison.judged].max(initial=0) for comparison in arrays.values()]
        self.by_noise += histogram([max(worst, default=0.0)])
        for name, comparison in arrays.items():
            tally = self.tally(name)
            tally.cases += 1
            tally.judged += bool(comparison.judged.any())
            (tally.add_sampled if sampled else tally.notice)(case)

    def add_cleared(
        self, cleared: Cleared, sample: Int[np.ndarray, " sample"], scales: Float[np.ndarray, " models"]
    ) -> None:
        """Count the models of a stack that the judge need not see; of the `sample` he sees every one."""
        screened, measured, inconclusive = (
            np.setdiff1d(some, sample) for some in (cleared.screened, cleared.measured, cleared.inconclusive)
        )
        counted = np.concatenate([screened, measured, inconclusive])
        self._count(len(counted), BULK)
        self.agree += len(screened) + len(measured)
        self.screened += len(screened)
        self.inconclusive += len(inconclusive)
        self.judged += len(counted)
        self.by_screen += histogram(cleared.discrepancy[screened])
        self.by_noise += histogram(cleared.discrepancy[measured])
        self.scales += by_scale(scales[counted])
        self.inconclusive_scales += by_scale(scales[inconclusive])
        for name, unjudged in cleared.unjudged.items():
            if name != "loss":
                tally = self.tally(name)
                tally.cases += len(counted)
                tally.judged += int((~unjudged[counted]).sum())

    def _count(self, models: int, regime: str) -> None:
        self.models += models
        if models:
            self.regimes[regime] = self.regimes.get(regime, 0) + models

    def tally(self, name: str) -> ArrayTally:
        """Return the tally of one array."""
        return self.tallies.setdefault(name, ArrayTally(name))

    @property
    def first_disagreement(self) -> Key | None:
        """The key of the first model that disagrees."""
        keys = [key for tally in self.tallies.values() for key in tally.wrong_keys]
        return min(keys, key=lambda key: key.seed, default=None)

    def merge(self, later: "Counts") -> None:
        """Add the counts of a later chunk."""
        for name in ("models", "agree", "inconclusive", "disagree", "screened", "judged"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        for name in ("by_screen", "by_noise", "scales", "inconclusive_scales"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        for name, tally in later.tallies.items():
            self.tally(name).merge(tally)
        for regime, number in later.regimes.items():
            self.regimes[regime] = self.regimes.get(regime, 0) + number
        self.loss_differs = self.loss_differs or later.loss_differs


def histogram(discrepancies: Any) -> np.ndarray:
    """Count discrepancies bin by bin."""
    return np.bincount(np.searchsorted(DISCREPANCIES, discrepancies), minlength=len(DISCREPANCIES) + 1)


def by_scale(scales: Any) -> np.ndarray:
    """Count models by their scale."""
    return np.histogram(scales, SCALES)[0]
