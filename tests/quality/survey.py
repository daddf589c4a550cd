"""What many judged models show together: how far right code strays, and of how many models nothing can be said.

The judge is the one that `crosscheck.check` uses. Its oracle is wrapped, so that what the first look (8 samples of the
noise) showed is kept beside what was left after the closer ones.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.compare import K, compare
from crosscheck.judge import FIRST_SAMPLES, Judge, JudgedCase, noise_key
from crosscheck.reference import Reference
from crosscheck.tally import worst_entry
from crosscheck.trees import flatten

BINS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Upper ends of the histogram, in tolerances; the judge's k is 16"""
WORST = 5


class Watched:
    """An oracle that remembers what it said at the first look, by the key of the case."""

    def __init__(self, oracle: Any) -> None:
        self.oracle = oracle
        self.first: dict[int, Reference] = {}
        self.closer: set[int] = set()
        """Keys of the cases that were measured again"""

    def references(self, cases: Any, states: Any, keys: Sequence[int], precision: Any, **how: Any) -> list[Reference]:
        found = self.oracle.references(cases, states, keys, precision, **how)
        if how.get("samples") == FIRST_SAMPLES:
            self.first.update(zip(keys, found, strict=True))
        elif how.get("magnify", 1.0) == 1.0:
            self.closer.update(keys)
        return found

    def in_precision(self, case: Any, dtype: Any) -> Mapping[str, Any]:
        return self.oracle.in_precision(case, dtype)


@dataclass
class Survey:
    """Counts over judged models. The arrays in `apart` are reported beside the parameters, never with them."""

    parameters: frozenset[str]
    models: int = 0
    entries: int = 0
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    closer: int = 0
    false_alarms: list[tuple[str, str, float]] = field(default_factory=list)
    worst: list[tuple[float, str, str]] = field(default_factory=list)
    by_decade: dict[str, Counter[str]] = field(default_factory=dict)
    """Scale decade -> counts: models, and of how many the parameters, or an array beside them, could not be judged"""
    sizes: list[tuple[int, ...]] = field(default_factory=list)
    floors: dict[str, list[float]] = field(default_factory=dict)
    """Scale decade -> the median detection floor of every judged parameter of every model"""

    def judge(self, judge: Judge, keys: Sequence[Key], scales: Sequence[float]) -> None:
        """Judge models, all of them right, whose parameters have these scales."""
        watched = Watched(judge.oracle)
        cases = Judge(judge.pair, watched).judge(keys)
        for case, scale in zip(cases, scales, strict=True):
            number = noise_key(case.key)
            looked_again = number in watched.closer
            first = _first_look(case, watched.first[number]) if looked_again else case.comparisons
            self._add(case, largest(first, case), decade(scale))
            self.closer += looked_again

    def _add(self, case: JudgedCase, first: float, where: str) -> None:
        last = largest(case.comparisons, case)
        self.models += 1
        self.first.append(first)
        self.last.append(last)
        self.sizes.append(case.key.sizes)
        counts = self.by_decade.setdefault(where, Counter())
        counts["models"] += 1
        judged = {name: comparison.judged.any() for name, comparison in case.comparisons.items()}
        counts["parameters"] += not all(judged[name] for name in self.parameters)
        counts.update(name for name, is_judged in judged.items() if name not in self.parameters and not is_judged)
        for name, comparison in case.comparisons.items():
            self.entries += comparison.judged.size
            if comparison.wrong.any():
                self.false_alarms.append((str(case.key), name, float(comparison.discrepancy[comparison.wrong].max())))
            if name in self.parameters and judged[name]:
                self.floors.setdefault(where, []).append(float(np.median(comparison.floor[comparison.judged])))
        if first > (self.worst[-1][0] if len(self.worst) == WORST else 0):
            name = max(case.comparisons, key=lambda name: _of_one(case.comparisons[name]))
            index = worst_entry(case, name, case.comparisons[name]).index
            self.worst = sorted([*self.worst, (first, str(case.key), f"{name}{list(index)}")], reverse=True)[:WORST]

    def merge(self, other: "Survey") -> None:
        """Add what another survey saw."""
        for name in ("models", "entries", "closer"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("first", "last", "false_alarms", "sizes"):
            getattr(self, name).extend(getattr(other, name))
        self.worst = sorted([*self.worst, *other.worst], reverse=True)[:WORST]
        for where, counts in other.by_decade.items():
            self.by_decade.setdefault(where, Counter()).update(counts)
        for where, floors in other.floors.items():
            self.floors.setdefault(where, []).extend(floors)

    def report(self, size_names: Sequence[str] = ()) -> str:
        """Return the figures as text."""
        lines = [f"{self.models:,} models, {self.entries:,} entries; {self.closer:,} models were measured again"]
        lines += [f"false alarms: {len(self.false_alarms)}", *map(str, self.false_alarms[:20])]
        if size_names:
            columns = np.array(self.sizes).T
            quantiles = [np.quantile(column, (0, 0.25, 0.5, 0.75, 1)).astype(int) for column in columns]
            lines += ["sizes: least, quartiles, greatest"]
            lines += [f"  {name:12}{'  '.join(map(str, q))}" for name, q in zip(size_names, quantiles, strict=True)]
        lines += ["largest discrepancy of a model in tolerances: models with 8 samples, models after closer looks"]
        both = (histogram(self.first), histogram(self.last))
        lines += [f"  to {edge:<8g}{a:12,}{b:12,}" for edge, a, b in zip((*BINS, np.inf), *both, strict=True)]
        lines += [f"worst with 8 samples: {max(self.first):.2f}, after closer looks: {max(self.last):.2f}"]
        lines += [f"  {value:.2f}  {key}  {entry}" for value, key, entry in self.worst]
        lines += ["by scale: models, not judged, median detection floor"]
        for where in sorted(self.by_decade, key=lambda text: float(text.split()[0])):
            counts = self.by_decade[where]
            beside = {name: n for name, n in counts.items() if name not in ("models", "parameters", "loss")}
            more = "".join(f"; {name} {_share(n, counts['models'])}" for name, n in sorted(beside.items()))
            floor = np.median(self.floors.get(where, [np.inf]))
            lines += [
                f"  {where:16}{counts['models']:9,}  {_share(counts['parameters'], counts['models'])}"
                f"  {floor:.1e}{more}"
            ]
        return "\n".join(lines)


def decade(scale: float) -> str:
    """Name the third of a decade that a scale is in: those at 1, 3 and 30 have figures of their own to reach.

    >>> decade(2.9), decade(30.0)
    ('1 to 3', '10 to 30')
    """
    edges = (0.001, 0.01, 0.1, 0.3, 1, 3, 10, 30)
    place = min(int(np.searchsorted(edges, scale * (1 - 1e-9), side="right")), len(edges) - 1)
    return f"{edges[max(place, 1) - 1]:g} to {edges[max(place, 1)]:g}"


def largest(comparisons: Mapping[str, Any], case: JudgedCase) -> float:
    """Return the largest discrepancy among the entries that were judged in the end, in tolerances."""
    return max(_of_one(c, case.comparisons[name].judged) for name, c in comparisons.items())


def histogram(values: Sequence[float]) -> list[int]:
    """Count values up to each of BINS, and beyond."""
    return np.bincount(np.searchsorted(BINS, values), minlength=len(BINS) + 1).tolist()


def _of_one(comparison: Any, judged: Any = None) -> float:
    judged = comparison.judged if judged is None else judged
    return float(np.where(judged, comparison.discrepancy, 0.0).max(initial=0.0))


def _first_look(case: JudgedCase, reference: Reference) -> dict[str, Any]:
    noise = names_of(reference.noise)
    return {
        name: compare(case.outcome[name], case.reference[name], noise[name], case.precision)
        for name in case.comparisons
    }


def names_of(groups: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays of a reference by the names that the judge gives them."""
    named = {"loss": groups["loss"], **dict(flatten(groups["gradients"], "parameters"))}
    for group in ("inputs", "auxiliary"):
        for name, tree in groups[group].items():
            named.update(flatten(tree, name))
    for rule, tree in groups["rules"].items():
        named.update((f"{name} after {rule}", leaf) for name, leaf in flatten(tree, "result"))
    return named


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


__all__ = ["K", "Survey", "Watched", "decade", "histogram", "largest", "names_of"]
