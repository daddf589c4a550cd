"""Curves over many steps, thinned without hiding anything: what a bin of steps shows is its lowest and its highest."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from crosscheck.reports.page.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, Chart, decades

BINS = 240
"""Of a drawing, each wider than a pixel of it"""
ROWS = 24
"""Of a table"""


class Curve(NamedTuple):
    """Values at steps that rise."""

    name: str
    steps: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Figure:
    """A chart with its key and its table."""

    chart: Chart
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    bands: Sequence[str] = ()
    """Names of the chart's bands"""
    note: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Scale:
    """Numbers along an axis, on a logarithmic scale or not; what has no place on it is not drawn."""

    axis: Axis
    log: bool

    @classmethod
    def over(cls, values: np.ndarray, begin: float, end: float, *, log: bool, room: float = 0.0) -> "Scale":
        """Return the scale on which all values fit, with some room at both ends."""
        known = values[np.isfinite(values) & ((values > 0) | (not log))]
        known = np.log10(known) if log else known
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        if high == low or (log and room and high - low < 1):
            low, high = low - 0.5, high + 0.5
        else:
            low, high = low - room * (high - low), high + room * (high - low)
        return cls(Axis(low, high, begin, end), log)

    def at(self, value: float) -> float | None:
        """Return where a number stands, None if it has no place."""
        if not math.isfinite(value) or (self.log and value <= 0):
            return None
        return self.axis.at(math.log10(value) if self.log else value)

    def ticks(self, write: Callable[[float], str]) -> list[tuple[float, str]]:
        """Return at most some seven places and what to write there."""
        low, high = self.axis.low, self.axis.high
        if self.log and high - low > 2:
            return decades(low, high, self.axis)
        if self.log:
            powers = range(math.floor(low), math.ceil(high) + 1)
            values = [math.log10(factor) + power for power in powers for factor in (1, 2, 5)]
            return [(self.axis.at(value), f"{10**value:.3g}") for value in values if low <= value <= high]
        rough = (high - low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [(self.axis.at(number * step), write(number * step)) for number in range(first, last + 1)]


def figure(
    title: str, up: str, curves: Sequence[Curve], *, bands: Sequence[Curve] = (), log_up: bool = False,
    log_across: bool = False, across: str = "step", note: str = "",
) -> Figure:  # fmt: skip
    """Draw curves as lines, and bands from the lowest to the highest value of every bin."""
    every = [*bands, *curves]
    steps = np.concatenate([curve.steps for curve in every])
    x = Scale.over(steps, LEFT, WIDTH - RIGHT, log=log_across)
    y = Scale.over(np.concatenate([c.values for c in every]), HEIGHT - BOTTOM, TOP, log=log_up, room=0.05)
    bins = _edges(steps, BINS, log=log_across)
    chart = Chart(
        title=title,
        across=across + (", logarithmic" if log_across else ""),
        up=up,
        ticks_across=x.ticks(_as_step),
        ticks_up=y.ticks(lambda value: f"{value:.6g}"),
        lines=[(curve.name, _line(thinned(curve, bins), x, y)) for curve in curves],
        bands=[_band(curve, bins, x, y) for curve in bands],
    )
    wide = _edges(steps, ROWS, log=log_across)
    whole = len(np.unique(steps)) <= ROWS
    return Figure(
        chart,
        [across, *(curve.name for curve in every)],
        list(_rows(every, wide)),
        bands=[curve.name for curve in bands],
        note=note,
        caption="" if whole else "lowest to highest among the recorded steps",
    )


def thinned(curve: Curve, edges: np.ndarray) -> Curve:
    """Keep the lowest and the highest of every bin, in the order in which they come, and the first and the last.

    >>> thinned(Curve("", np.arange(6), np.array([3.0, 5, 4, 1, 2, 2])), np.array([0, 6])).values
    array([3., 5., 1., 2.])
    """
    steps, values = curve.steps, curve.values
    if len(steps) <= 2 * len(edges):
        return curve
    kept = {0, len(steps) - 1}
    for inside in _bins(steps, edges):
        known = inside[~np.isnan(values[inside])]
        # What is no number interrupts a line, also where its neighbours are thinned away.
        kept.update(inside[np.isnan(values[inside])][:1].tolist())
        if known.size:
            kept.update((int(known[values[known].argmin()]), int(known[values[known].argmax()])))
    order = sorted(kept)
    return Curve(curve.name, steps[order], values[order])


def medians(curve: Curve, count: int = 60) -> Curve:
    """Return the median of every bin, in the middle of its steps: the trend of what goes up and down."""
    if len(curve.steps) <= count:
        return curve
    found = [
        (float(np.median(curve.steps[inside])), float(np.median(curve.values[inside])))
        for inside in _bins(curve.steps, _edges(curve.steps, count))
    ]
    steps, values = zip(*found, strict=True)
    return Curve(curve.name, np.array(steps), np.array(values))


def _edges(steps: np.ndarray, count: int, *, log: bool = False) -> np.ndarray:
    """Return the limits of bins; each holds its lower one."""
    low, high = float(steps.min()), float(steps.max()) + 1
    if not log:
        return np.linspace(low, high, min(count, math.ceil(high - low)) + 1)
    return np.unique(np.floor(np.geomspace(low, high, count + 1)))


def _bins(steps: np.ndarray, edges: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the indices in each bin that holds any."""
    limits = np.searchsorted(steps, edges, side="left")
    yield from (np.arange(one, other) for one, other in pairwise(limits) if other > one)


def _line(curve: Curve, x: Scale, y: Scale) -> str:
    """Return a path that what has no place interrupts; a point between two such is a dash of its own."""
    parts: list[list[str]] = [[]]
    for step, value in zip(curve.steps.tolist(), curve.values.tolist(), strict=True):
        across, up = x.at(step), y.at(value)
        if across is None or up is None:
            parts.append([])
        else:
            parts[-1].append(f"{across:g} {up:g}")
    return "".join("M" + "L".join(part) + ("h2" if len(part) == 1 else "") for part in parts if part)


def _band(curve: Curve, edges: np.ndarray, x: Scale, y: Scale) -> str:
    lower, upper = [], []
    for inside in _bins(curve.steps, edges):
        known = inside[np.isfinite(curve.values[inside])]
        low, high = (
            (y.at(float(curve.values[known].min())), y.at(float(curve.values[known].max())))
            if known.size
            else (None, None)
        )
        for step in (curve.steps[inside[0]], curve.steps[inside[-1]]):
            across = x.at(float(step))
            if across is not None and high is not None:
                upper.append(f"{across:g} {high:g}")
                lower.append(f"{across:g} {y.axis.begin if low is None else low:g}")
    return "M" + "L".join(chain(upper, reversed(lower))) + "Z" if upper else ""


def _rows(curves: Sequence[Curve], edges: np.ndarray) -> Iterator[list[str]]:
    for low, high in pairwise(edges):
        inside = [curve.values[(curve.steps >= low) & (curve.steps < high)] for curve in curves]
        steps = np.concatenate([curve.steps[(curve.steps >= low) & (curve.steps < high)] for curve in curves])
        if steps.size:
            yield [_span(steps, _as_step), *(_span(values, short) for values in inside)]


def _span(values: np.ndarray, write: Callable[[float], str]) -> str:
    if not values.size:
        return ""
    known = values[~np.isnan(values)]
    text = "" if known.size == values.size else "nan"
    if known.size:
        low, high = write(float(known.min())), write(float(known.max()))
        text = (low if low == high else f"{low} to {high}") + (f", {text}" if text else "")
    return text


def _as_step(step: float) -> str:
    return f"{round(step):,}"


def short(value: float) -> str:
    """Write a number with four digits."""
    return f"{value:.4g}"
