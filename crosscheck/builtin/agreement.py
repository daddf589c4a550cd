"""Hand-written results against the twin's, many times over: what was judged, and the entry that was furthest off."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from crosscheck.compare import Comparison, K, compare
from crosscheck.precision import Precision
from crosscheck.verdicts import Verdict, aggregate


class Quantity(NamedTuple):
    """Something that both sides compute."""

    kind: str
    """gradient, clipped, update, ... or the whole name of what there is only one of."""
    array: str = ""
    """Wxh, ... where there is one for each parameter."""

    def __str__(self) -> str:
        """Write `gradient of Wxh`."""
        return f"{self.kind} of {self.array}" if self.array else self.kind


Values = Mapping[Quantity, Any]
"""An array for each quantity."""


class Worst(NamedTuple):
    """The judged entry that was furthest off."""

    discrepancy: float
    """In units of its tolerance; infinite where only one side is a number."""
    place: tuple[int, ...]
    subject: float
    reference: float

    def __str__(self) -> str:
        """Say both values, where they stand, and how far apart they are."""
        place = f" at index {list(self.place)}" if self.place else ""
        return f"{self.subject!r} by hand, {self.reference!r} by JAX{place}: {self.discrepancy:.3g} tolerances apart"


class StepDiffersError(Exception):
    """A training step that differs. The state before it is the last one that both sides agree on."""

    def __init__(self, step: int, quantities: Mapping[Quantity, Worst]) -> None:
        super().__init__(f"step {step}")
        self.step = step
        self.quantities = quantities


@dataclass
class Record:
    """All comparisons of one quantity."""

    cases: int = 0
    judged: int = 0
    """Cases of which at least one entry could be judged."""
    worst: Worst | None = None

    @property
    def verdict(self) -> Verdict:
        """Disagree if one judged entry was off by more than K tolerances, inconclusive if none was judged."""
        if self.worst is None:
            return Verdict.INCONCLUSIVE
        return Verdict.DISAGREE if self.worst.discrepancy > K else Verdict.AGREE

    def add(self, worst: Worst | None) -> None:
        """Count in one case, with its furthest entry if any could be judged."""
        self.cases += 1
        if worst is None:
            return
        self.judged += 1
        if self.worst is None or worst.discrepancy > self.worst.discrepancy:
            self.worst = worst


@dataclass
class Tally:
    """The records of all quantities, in the order in which they first came."""

    records: dict[Quantity, Record] = field(default_factory=dict)

    def judge(
        self, subject: Values, measurements: Iterable[tuple[Values, Values]], precision: Precision
    ) -> dict[Quantity, Worst]:
        """Compare every quantity of one case, and return those that disagree.

        Each measurement is the references and their noise, the first from few samples. As long as an entry is suspect
        the next is asked for: what a few samples miss is what a false alarm would be made of.
        """
        comparisons: dict[Quantity, Comparison] = {}
        reference: Values = {}
        for reference, noise in measurements:
            comparisons = {
                quantity: compare(value, reference[quantity], noise[quantity], precision)
                for quantity, value in subject.items()
            }
            if not any(comparison.suspect.any() for comparison in comparisons.values()):
                break
        disagreeing = {}
        for quantity, comparison in comparisons.items():
            worst = _furthest(comparison, np.asarray(subject[quantity]), np.asarray(reference[quantity]))
            self.records.setdefault(quantity, Record()).add(worst)
            if worst is not None and worst.discrepancy > K:
                disagreeing[quantity] = worst
        return disagreeing

    @property
    def verdict(self) -> Verdict:
        """The verdict of all quantities together."""
        return aggregate(record.verdict for record in self.records.values())

    def furthest(self) -> tuple[Quantity, Worst] | None:
        """Return the quantity that was furthest off, and where; None if nothing was judged."""
        found = [(quantity, record.worst) for quantity, record in self.records.items() if record.worst is not None]
        return max(found, key=lambda one: one[1].discrepancy, default=None)


def _furthest(comparison: Comparison, subject: np.ndarray, reference: np.ndarray) -> Worst | None:
    if not comparison.judged.any():
        return None
    discrepancy = np.where(comparison.judged, comparison.discrepancy, -math.inf)
    index = np.unravel_index(int(discrepancy.argmax()), discrepancy.shape)
    return Worst(float(discrepancy[index]), tuple(map(int, index)), float(subject[index]), float(reference[index]))
