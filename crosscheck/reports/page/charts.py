"""Charts as geometry: what the template draws as SVG. Every one of them also has a table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 360, 210
"""In the units of the drawing, about pixels on a phone"""
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 34

LINES = 6
"""Lines of one chart, as many as there are colours and dashes to tell them apart"""


@dataclass(frozen=True)
class Axis:
    """Numbers, and where along an axis they stand."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a number, kept inside of the axis."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)


@dataclass(frozen=True)
class Chart:
    """One drawing: ticks are (place, text), lines (name, points), bands outlines, bars (left, top, width, height)."""

    title: str
    across: str
    up: str
    ticks_across: Sequence[tuple[float, str]]
    ticks_up: Sequence[tuple[float, str]]
    lines: Sequence[tuple[str, str]] = ()
    bands: Sequence[str] = ()
    bars: Sequence[tuple[float, float, float, float]] = ()
    outline: str = ""
    limit: float | None = None
    """Where a vertical line marks a limit"""


def decades(low: float, high: float, axis: Axis) -> list[tuple[float, str]]:
    """Return ticks at powers of ten, at most six of them."""
    first, last = math.ceil(low), math.floor(high)
    step = max(1, math.ceil((last - first + 1) / 6))
    return [(axis.at(power), power_of_ten(power)) for power in range(first, last + 1, step)]


def power_of_ten(power: int) -> str:
    """Write a power of ten.

    >>> power_of_ten(-2), power_of_ten(0), power_of_ten(8)
    ('0.01', '1', '1e8')
    """
    return f"{10.0**power:g}" if -2 <= power <= 3 else f"1e{power}"


def flow_chart(flow: Mapping[str, Any]) -> Chart:
    """Draw the norms of the gradients of intermediates against the time step, logarithmic."""
    variables = dict(list(flow["variables"].items())[:LINES])
    known = [math.log10(float(v)) for norms in variables.values() for v in norms if 0 < float(v) < math.inf]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    low, high = (low - 0.5, high + 0.5) if high - low < 1 else (low - 0.1 * (high - low), high + 0.1 * (high - low))
    steps = max(len(norms) for norms in variables.values())
    x, y = Axis(0, max(1, steps - 1), LEFT, WIDTH - RIGHT), Axis(low, high, HEIGHT - BOTTOM, TOP)
    every = max(1, math.ceil(steps / 8))
    return Chart(
        title="Size of the gradients at each time step",
        across="time step; the backward pass runs from right to left",
        up="norm of the gradient",
        ticks_across=[(x.at(step), str(step)) for step in range(0, steps, every)],
        ticks_up=decades(low, high, y),
        lines=[(name, _points(norms, x, y)) for name, norms in variables.items()],
    )


def _points(norms: Sequence[Any], x: Axis, y: Axis) -> str:
    """Return a path; what is zero or no number interrupts it."""
    path, begins = [], True
    for step, norm in enumerate(norms):
        value = float(norm)
        if 0 < value < math.inf:
            path.append(f"{'M' if begins else 'L'}{x.at(step)} {y.at(math.log10(value))}")
        begins = not 0 < value < math.inf
    return "".join(path)


def magnitude_chart(edges: Sequence[float], before: Sequence[int], after: Sequence[int], rule: str) -> Chart:
    """Draw how many entries have which magnitude, before and after a clip, both logarithmic."""
    used = [number for number, pair in enumerate(zip(before, after, strict=True)) if any(pair)]
    first, last = (used[0], used[-1]) if used else (0, len(before) - 1)
    low, high = edges[first], edges[last + 1]
    most = math.log10(max(10, *before, *after))
    x, y = Axis(low, high, LEFT, WIDTH - RIGHT), Axis(0, most, HEIGHT - BOTTOM, TOP)
    base = y.at(0)
    span = range(first, last + 1)

    def top(count: int) -> float:
        return y.at(math.log10(count) + 0.05 * most) if count else base

    bars = [
        (x.at(edges[n]), top(before[n]), round(x.at(edges[n + 1]) - x.at(edges[n]), 1), round(base - top(before[n]), 1))
        for n in span
        if before[n]
    ]
    outline = f"M{x.at(low)} {base}" + "".join(f"V{top(after[n])}H{x.at(edges[n + 1])}" for n in span) + f"V{base}"
    return Chart(
        title=f"Gradient entries by magnitude, before and after {rule}",
        across="magnitude of an entry",
        up="entries",
        ticks_across=decades(low, high, x),
        ticks_up=decades(0, most, y),
        bars=bars,
        outline=outline,
    )


def discrepancy_chart(counts: Sequence[int], low: float, high: float, limit: float) -> Chart:
    """Draw how many judged entries are how far off, over all cases; `counts` are by level, the first not judged."""
    group = 5
    judged = counts[1:]
    grouped = [sum(judged[start : start + group]) for start in range(0, len(judged), group)]
    most = math.log10(max(10, *grouped))
    x, y = Axis(low, high, LEFT, WIDTH - RIGHT), Axis(0, most, HEIGHT - BOTTOM, TOP)
    base = y.at(0)
    width = (WIDTH - RIGHT - LEFT) / len(grouped)

    def top(count: int) -> float:
        return y.at(math.log10(count) + 0.05 * most)

    bars = [
        (round(LEFT + n * width, 1), top(count), round(width, 1), round(base - top(count), 1))
        for n, count in enumerate(grouped)
        if count
    ]
    return Chart(
        title="Entries by discrepancy, over all cases",
        across="tolerances; the limit is marked",
        up="entries",
        ticks_across=decades(low, high, x),
        ticks_up=decades(0, most, y),
        bars=bars,
        limit=x.at(math.log10(limit)),
    )
