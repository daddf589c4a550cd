"""What many judged cases say together about one array: verdict, detection floor, worst entry."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.compare import Comparison, K
from crosscheck.judge import JudgedCase
from crosscheck.verdicts import Verdict

# A parameter that was judged in fewer than half of its cases has not been tested by this run.
ENOUGH = 0.5


@dataclass(frozen=True)
class Worst:
    """The entry furthest from its reference, in units of its tolerance."""

    key: Key
    index: tuple[int, ...]
    subject: float
    reference: float
    noise: float
    discrepancy: float
    share_wrong: float
    """Share of this array's entries that are wrong in the same case"""
    time: int | None = None
    variable: str | None = None


@dataclass
class Tally:
    """Counts over the cases of a run, for one parameter or other array."""

    name: str
    cases: int = 0
    judged: int = 0
    """Cases in which at least one entry was judged"""
    disagreeing: int = 0
    entries: int = 0
    judged_entries: int = 0
    worst: Worst | None = None
    wrong_keys: list[Key] = field(default_factory=list)
    _floors: list[float] = field(default_factory=list)
    _worst_floors: list[float] = field(default_factory=list)

    def blames(self, case: JudgedCase) -> bool:
        """Tell whether the array is wrong in a case, by a fault of its own."""
        return bool(case.comparisons[self.name].wrong.any()) and case.is_blamable(self.name)

    def add(self, case: JudgedCase) -> None:
        """Count one judged case. Where the two losses could not be compared, nothing else is.

        Nor is an update that starts from a wrong gradient: whether the update itself is right does not show there.
        """
        if not case.is_blamable(self.name):
            return
        comparison = case.comparisons[self.name]
        self.cases += 1
        self.entries += comparison.judged.size
        judged = int(np.count_nonzero(comparison.judged))
        if not judged or not case.comparisons["loss"].judged.any():
            return
        self.judged += 1
        self.judged_entries += judged
        floors = np.sort(comparison.floor[comparison.judged])
        self._floors.append(float(floors[judged // 2]))
        self._worst_floors.append(float(floors[-1]))
        furthest = comparison.discrepancy[comparison.judged].max()
        if furthest > K:
            self.disagreeing += 1
            self.wrong_keys.append(case.key)
        if self.worst is not None and furthest <= self.worst.discrepancy:
            return
        worst = worst_entry(case, self.name, comparison)
        if self.worst is None or worst.discrepancy > self.worst.discrepancy:
            self.worst = worst

    @property
    def verdict(self) -> Verdict:
        """DISAGREE if any judged entry is wrong; AGREE only if at least half of the cases and entries were judged."""
        if self.disagreeing:
            return Verdict.DISAGREE
        if self.judged == 0 or self.judged < ENOUGH * self.cases or self.judged_entries < ENOUGH * self.entries:
            return Verdict.INCONCLUSIVE
        return Verdict.AGREE

    @property
    def detection_floor(self) -> float:
        """Median over the judged cases of the smallest error that would have been caught there; ∞ if none was."""
        return float(np.median(self._floors)) if self._floors else float("inf")

    @property
    def worst_floor(self) -> float:
        """The same for the entry and case where least would have been caught."""
        return max(self._worst_floors, default=float("inf"))


def worst_entry(case: JudgedCase, name: str, comparison: Comparison) -> Worst:
    """Return the wrong entry with the largest error, or, where none is wrong, the one furthest off in tolerances."""
    if comparison.wrong.any():
        with np.errstate(all="ignore"):
            errors = np.abs(case.outcome[name] - case.reference[name])
        candidates = np.where(comparison.wrong, np.where(np.isnan(errors), np.inf, errors), -1.0)
    else:
        candidates = np.where(comparison.judged, comparison.discrepancy, -1.0)
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(candidates)), candidates.shape))

    def at(array: Any) -> float:
        return float(np.asarray(array)[index])

    return Worst(
        key=case.key,
        index=index,
        subject=at(case.outcome[name]),
        reference=at(case.reference[name]),
        noise=at(case.noise[name]),
        discrepancy=at(comparison.discrepancy),
        share_wrong=float(comparison.wrong.mean()),
    )


def told_apart(one: float | str, other: float | str, digits: int = 9) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart, and no fewer than `digits`.

    >>> told_apart(1.69941977, 1.6994197700013)
    ('1.69941977', '1.699419770001')
    """
    written = "", ""
    for enough in range(digits, 18):
        written = _written(one, enough), _written(other, enough)
        if written[0] != written[1]:
            break
    return written


def _written(value: float | str, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}g}"
