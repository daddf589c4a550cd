"""What a page shows in pictures, gathered from the engine's events while cases are judged."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.reports import heat
from crosscheck.reports.environment import environment

if TYPE_CHECKING:
    from crosscheck.judge import JudgedCase
    from crosscheck.run import CasesJudged

WORST = 1000
"""Entries of each array whose values are kept"""
ROOM = 1_500_000
"""Bytes of all maps together: a page with them stays below 5 MB, with the values and their text"""
SMALLEST, LARGEST, BINS_A_DECADE = -20, 10, 4
"""Magnitudes are counted from 1e-20 to 1e10; what lies outside is counted at the ends"""

Json = dict[str, Any]


@dataclass
class _Map:
    """The case of one array in which it is furthest off."""

    case: str
    worst: float
    shape: tuple[int, ...]
    levels: np.ndarray
    entries: list[list[Any]]


@dataclass
class Pictures:
    """A handler of the engine's events: it keeps the worst case of each array, and counts.

    `crosscheck.check(..., pictures=True)` has one, and `crosscheck check FILE --html` has one for each gradient.
    """

    means: str = "the gradients that the subject showed on the way"
    """Of what the norms at each time step are"""
    maps: dict[str, _Map] = field(default_factory=dict)
    discrepancies: dict[str, np.ndarray] = field(default_factory=dict)
    before: np.ndarray = field(default_factory=lambda: np.zeros(len(edges()) - 1, np.int64))
    after: dict[str, np.ndarray] = field(default_factory=dict)
    """Magnitudes of the gradients after each rule that may be a clip"""
    no_clips: set[str] = field(default_factory=set)
    """Rules that are none: they enlarge an entry, or change its sign"""
    flows: dict[str, Json] = field(default_factory=dict)

    def __call__(self, event: "CasesJudged") -> None:
        """Take note of some cases."""
        for case in event.cases:
            self.add(case)

    def add(self, case: "JudgedCase") -> None:
        """Take note of one case, unless its loss was wrong: then its gradients mean nothing."""
        if case.comparisons["loss"].wrong.any():
            return
        for name in case.comparisons:
            if name != "loss" and case.is_blamable(name):
                self._add_array(case, name)
        self._add_magnitudes(case)
        self._add_flow(case)

    def added_to(self, report: Mapping[str, Any]) -> Json:
        """Return a report with the pictures and the environment, under keys of their own."""
        return {**report, "pictures": self.as_dict(), "environment": environment()}

    def as_dict(self) -> Json:
        """Return what `page` shows: maps as PNG in base64, values of the worst entries, counts, norms step by step."""
        shrunk = _fitted({name: kept.levels for name, kept in self.maps.items()})
        clips = {rule: counts.tolist() for rule, counts in self.after.items() if rule not in self.no_clips}
        return {
            "maps": [_map_as_dict(name, kept, *shrunk[name]) for name, kept in self.maps.items()],
            "discrepancies": {name: counts.tolist() for name, counts in self.discrepancies.items()},
            "magnitudes": {"edges": edges().tolist(), "before": self.before.tolist(), "after": clips},
            "flow": [{"shows": shows, "of": self.means, **flow} for shows, flow in _distinct(self.flows).items()],
        }

    def _add_array(self, case: "JudgedCase", name: str) -> None:
        comparison = case.comparisons[name]
        if not comparison.judged.any():
            return
        found = heat.levels(comparison.discrepancy, comparison.judged)
        counts = np.bincount(found.reshape(-1), minlength=256)
        self.discrepancies[name] = self.discrepancies.get(name, 0) + counts
        worst = float(np.max(comparison.discrepancy, where=comparison.judged, initial=-1.0))
        if name not in self.maps or worst > self.maps[name].worst:
            entries = _worst_entries(case, name)
            self.maps[name] = _Map(str(case.key), worst, found.shape, _flat(found), entries)

    def _add_magnitudes(self, case: "JudgedCase") -> None:
        gradients = [name for name, group in case.groups.items() if group == "gradients"]
        for name in gradients:
            self.before += _counted(case.outcome[name])
        for other, group in case.groups.items():
            name, _, rule = other.partition(" after ")
            if group != "rules" or name not in gradients or rule in self.no_clips:
                continue
            one, two = np.asarray(case.outcome[name]), np.asarray(case.outcome[other])
            with np.errstate(invalid="ignore"):
                if one.shape != two.shape or ((np.abs(two) > np.abs(one)) | (one * two < 0)).any():
                    self.no_clips.add(rule)
                    continue
            self.after[rule] = self.after.get(rule, 0) + _counted(two)

    def _add_flow(self, case: "JudgedCase") -> None:
        """Keep the norms step by step of the longest case, and of those in which they grow and fade most."""
        norms = {name: _norms(array) for name, array in case.intermediates.items() if np.ndim(array) > 0}
        steps = max((len(found) for found in norms.values()), default=0)
        if steps < 2:
            return
        flow = {"case": str(case.key), "variables": {name: list(map(_number, found)) for name, found in norms.items()}}
        with np.errstate(all="ignore"):
            whole = np.sqrt(sum(found**2 for found in norms.values() if len(found) == steps))
            growth = float(np.log10(whole[0] / whole[-1])) if whole[0] > 0 and whole[-1] > 0 else math.nan
        for shows, size in (("longest", steps), ("grows", growth), ("fades", -growth)):
            if math.isfinite(size) and size > self.flows.get(shows, {"size": 0.0})["size"]:
                self.flows[shows] = {**flow, "size": float(size)}


def edges() -> np.ndarray:
    """Return the decades between which magnitudes are counted."""
    return np.linspace(SMALLEST, LARGEST, (LARGEST - SMALLEST) * BINS_A_DECADE + 1)


def _counted(array: Any) -> np.ndarray:
    sizes = np.abs(np.asarray(array, np.float64)).reshape(-1)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    inside = np.clip(np.log10(sizes), SMALLEST, np.nextafter(LARGEST, 0))
    return np.histogram(inside, edges())[0]


def _norms(array: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(np.asarray(array, np.float64).reshape(len(array), -1) ** 2, axis=1))


def _distinct(flows: Mapping[str, Json]) -> dict[str, Json]:
    """Return the flows without those of a case that another one shows already, and without what ranked them."""
    found: dict[str, Json] = {}
    for shows, flow in flows.items():
        if all(flow["case"] != other["case"] for other in found.values()):
            found[shows] = {key: value for key, value in flow.items() if key != "size"}
    return found


def _worst_entries(case: "JudgedCase", name: str) -> list[list[Any]]:
    """Return [index, subject, reference, noise, discrepancy] of the entries furthest off, the worst first."""
    comparison = case.comparisons[name]
    ranked = np.where(comparison.judged, comparison.discrepancy, -1.0).reshape(-1)
    count = min(WORST, int(comparison.judged.sum()))
    chosen = np.argpartition(-ranked, count - 1)[:count]
    chosen = chosen[np.argsort(-ranked[chosen], kind="stable")]
    columns = [np.asarray(values).reshape(-1) for values in (case.outcome[name], case.reference[name])]
    noise = np.asarray(case.noise[name]).reshape(-1)
    shape = comparison.discrepancy.shape
    return [
        [
            [int(i) for i in np.unravel_index(place, shape)],
            *(_number(column[place]) for column in columns),
            *(_number(float(f"{float(value[place]):.4g}")) for value in (noise, comparison.discrepancy.reshape(-1))),
        ]
        for place in chosen
    ]


def _number(value: Any) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _flat(found: np.ndarray) -> np.ndarray:
    """Lay an array out as a matrix: its last axis across, the others down."""
    return found.reshape(1, -1) if found.ndim < 2 else found.reshape(-1, found.shape[-1])


def _fitted(pictures: Mapping[str, np.ndarray]) -> dict[str, tuple[bytes, tuple[int, int]]]:
    """Return each picture as PNG, with the blocks of entries that had to share a pixel for all of them to fit."""
    blocks = dict.fromkeys(pictures, (1, 1))
    made = {name: heat.png(picture) for name, picture in pictures.items()}
    while sum(map(len, made.values())) > ROOM:
        name = max(made, key=lambda one: len(made[one]))
        rows, columns = blocks[name]
        height, width = pictures[name].shape
        if height / rows <= 1 and width / columns <= 1:
            break
        blocks[name] = (min(2 * rows, height), min(2 * columns, width))
        made[name] = heat.png(heat.pooled(pictures[name], *blocks[name]))
    return {name: (made[name], blocks[name]) for name in made}


def _map_as_dict(name: str, kept: _Map, picture: bytes, block: tuple[int, int]) -> Json:
    return {
        "name": name,
        "case": kept.case,
        "shape": list(kept.shape),
        "rows": kept.levels.shape[0],
        "columns": kept.levels.shape[1],
        "block": list(block),
        "png": base64.b64encode(picture).decode("ascii"),
        "entries": kept.entries,
    }
