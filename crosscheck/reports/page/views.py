"""What the page shows of each gradient, made ready for the template."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crosscheck.compare import K
from crosscheck.reports import heat
from crosscheck.reports.page.charts import Chart, discrepancy_chart, flow_chart, magnitude_chart
from crosscheck.reports.parts import Gradient, Part
from crosscheck.verdicts import Severity, Verdict

ROOM = 4_000_000
"""Characters of pictures and values, so that a page stays below 5 MB however much was judged"""
FEW = 10
"""Entries that stand in the page itself; the others are data until they are asked for"""
OPEN = 3
"""Gradients that agree are folded where there are more"""

_ORDER = list(Verdict)
_SHOWS = {
    "longest": "the longest case",
    "grows": "the case in which they grow most",
    "fades": "the case in which they fade most",
}


@dataclass
class Room:
    """What is left of the room for pictures."""

    left: int = ROOM

    def take(self, size: int) -> bool:
        """Take room, if there is enough."""
        if size > self.left:
            return False
        self.left -= size
        return True


@dataclass(frozen=True)
class Map:
    """One picture of an array, with the entries furthest off."""

    number: str
    name: str
    content: Mapping[str, Any]
    width: int
    height: int
    chart: Chart | None
    counts: Sequence[tuple[str, int]]
    """The chart's numbers: (tolerances from and to, entries)"""

    @property
    def worst(self) -> Sequence[Any] | None:
        """The entry furthest off: [index, subject, reference, noise, discrepancy]."""
        return next(iter(self.content["entries"]), None)

    @property
    def few(self) -> Sequence[Any]:
        """The entries that stand in the page."""
        return self.content["entries"][:FEW]

    @property
    def says(self) -> str:
        """What someone who does not see the picture is told."""
        shape = " × ".join(map(str, self.content["shape"])) or "one number"
        text = f"Discrepancy of {self.name}, {shape}, in case {self.content['case']}."
        if self.worst is None:
            return text
        index, _, _, _, discrepancy = self.worst
        return f"{text} The furthest off is entry {index} with {float(discrepancy):.2g} tolerances; the limit is {K:g}."


@dataclass(frozen=True)
class View:
    """What the page shows of one gradient."""

    number: int
    gradient: Gradient
    several: bool
    open: bool
    maps: Sequence[Map] = ()
    left_out: Sequence[str] = ()
    flows: Sequence[tuple[str, str, Chart, Mapping[str, Any]]] = ()
    """(what it shows, case, chart, norms by variable)"""
    clips: Sequence[tuple[Chart, Sequence[tuple[str, int, int]]]] = ()
    mutants: Mapping[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        return self.gradient.verdict

    @property
    def content(self) -> Mapping[str, Any]:
        """What the report says."""
        return self.gradient.content

    @property
    def title(self) -> str:
        """What to call it in this page."""
        if self.several and self.gradient.function:
            return f"{self.gradient.target}, {self.gradient.function}"
        return self.gradient.name

    @property
    def floor(self) -> float | None:
        """The detection floor of the parameter of which least would have been seen."""
        floors = [float(one["detection_floor"]) for one in self.content["parameters"]]
        return max(floors, default=None)

    @property
    def furthest(self) -> float | None:
        """The largest discrepancy of all parameters."""
        worst = [one["worst"] for one in self.content["parameters"] if one["worst"]]
        return max((float(one["discrepancy"]) for one in worst if "discrepancy" in one), default=None)

    @property
    def findings(self) -> list[Mapping[str, Any]]:
        """The findings, the heaviest first."""
        weights = list(Severity)
        return sorted(self.content["findings"], key=lambda finding: weights.index(finding["severity"]))


def views(parts: Sequence[Part], room: Room) -> list[View]:
    """Return what the page shows of every gradient, the worst verdicts first."""
    every = sorted((g for part in parts for g in part.gradients), key=lambda g: _ORDER.index(g.verdict))
    several = len(parts) > 1
    few = sum(gradient.verdict is Verdict.AGREE for gradient in every) <= OPEN
    return [
        _view(number, gradient, room, several=several, is_open=few or gradient.verdict is not Verdict.AGREE)
        for number, gradient in enumerate(every)
    ]


def _view(number: int, gradient: Gradient, room: Room, *, several: bool, is_open: bool) -> View:
    pictures = gradient.content.get("pictures") or {}
    maps, left_out = [], []
    for place, one in enumerate(pictures.get("maps", ())):
        if room.take(len(one["png"]) + 60 * len(one["entries"])):
            maps.append(_map(f"{number}-{place}", one, pictures.get("discrepancies", {}).get(one["name"])))
        else:
            left_out.append(one["name"])
    flows = [
        (_SHOWS.get(str(flow["shows"]), ""), flow["case"], flow_chart(flow), flow["variables"])
        for flow in pictures.get("flow", ())
        if room.take(40 * sum(map(len, flow["variables"].values())))
    ]
    outcomes = [mutant["outcome"] for mutant in gradient.content.get("mutants", ())]
    mutants = {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)}
    clips = _clips(pictures.get("magnitudes"))
    return View(number, gradient, several, is_open, maps, left_out, flows, clips, mutants)


def _map(number: str, content: Mapping[str, Any], counts: Sequence[int] | None) -> Map:
    chart = discrepancy_chart(counts, heat.LOW, heat.HIGH, K) if counts else None
    return Map(number, content["name"], content, *_size(content), chart, _by_decade(counts or ()))


def _size(content: Mapping[str, Any]) -> tuple[int, int]:
    """Return the pixels of a map on the screen: small ones enlarged, and thin ones thick enough to be seen."""
    rows, columns = content["rows"], content["columns"]
    scale = min(24.0, max(640 / max(columns, 1), 1.0))
    scale = min(scale, max(480 / max(rows, 1), 1.0))
    return max(24, math.ceil(columns * scale)), max(24, math.ceil(rows * scale))


def _by_decade(counts: Sequence[int]) -> list[tuple[str, int]]:
    """Count entries by decades of tolerances."""
    found: dict[int, int] = {}
    for level, count in enumerate(counts):
        if level and count:
            decade = math.floor(math.log10(heat.tolerances(level)) + 1e-9)
            found[decade] = found.get(decade, 0) + count
    return [(f"{10.0**decade:g} to {10.0 ** (decade + 1):g}", found[decade]) for decade in sorted(found)]


def _clips(magnitudes: Mapping[str, Any] | None) -> list[tuple[Chart, Sequence[tuple[str, int, int]]]]:
    if magnitudes is None:
        return []
    edges, before = magnitudes["edges"], magnitudes["before"]
    found = []
    for rule, after in magnitudes["after"].items():
        rows = [
            (f"{10.0 ** edges[n]:.2g} to {10.0 ** edges[n + 1]:.2g}", one, two)
            for n, (one, two) in enumerate(zip(before, after, strict=True))
            if one or two
        ]
        found.append((magnitude_chart(edges, before, after, rule), rows))
    return found
