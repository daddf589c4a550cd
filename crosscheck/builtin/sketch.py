"""Curves drawn with characters, for a terminal."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEIGHT = 12
"""Lines, about"""
LABELS = 7
"""Characters to the left of the axis"""

Curve = Sequence[tuple[float, float]]
"""(step, value)"""


@dataclass(frozen=True)
class _Row:
    """One line of the drawing holds what is above `low`, up to `high`."""

    low: float
    high: float
    label: str


def sketch(
    curves: Sequence[Curve], width: int, marks: str, *, log_across: bool = False, log_up: bool = False
) -> list[str]:
    """Draw values against their steps in lines of at most `width` characters; none if there is nothing to draw.

    `marks` has a character for each curve; where two meet the earlier one is seen.
    Each column shows the largest value among its steps. What is no number has no place, nor has zero on a logarithmic
    scale.
    """
    across, up = (math.log10 if log else float for log in (log_across, log_up))
    steps = [step for curve in curves for step, _ in curve]
    if not steps:
        return []
    columns, left = width - LABELS - 1, across(min(steps))
    span = max(across(max(steps)) - left, 1e-9)

    def place(step: float) -> int:
        return round((across(step) - left) / span * (columns - 1))

    highest: list[dict[int, float]] = [{} for _ in curves]
    for curve, found in zip(curves, highest, strict=True):
        for step, value in curve:
            if math.isfinite(value) and (value > 0 or not log_up):
                found[place(step)] = max(found.get(place(step), -math.inf), up(value))
    values = [value for found in highest for value in found.values()]
    if not values:
        return []
    drawn = [
        f"{row.label:>{LABELS - 1}} |{''.join(_marks(highest, marks, columns, row)).rstrip()}"
        for row in (_decades(values) if log_up else _evenly(values))
    ]
    ticks = _powers(steps) if log_across else _quarters(steps)
    return [*drawn, " " * LABELS + "+" + "-" * (columns - 1), " " * LABELS + _axis(ticks, place, columns)]


def _marks(highest: Sequence[dict[int, float]], marks: str, columns: int, row: _Row) -> Iterator[str]:
    for column in range(columns):
        values = (found.get(column, -math.inf) for found in highest)
        yield next((mark for mark, value in zip(marks, values, strict=False) if row.low < value <= row.high), " ")


def _decades(values: Sequence[float]) -> list[_Row]:
    top, bottom = math.ceil(max(values)), math.floor(min(values))
    each = max(1, math.ceil((top - bottom) / HEIGHT))
    return [_Row(level - each, level, f"1e{level:+03d}") for level in range(top, bottom - 1, -each)]


def _evenly(values: Sequence[float]) -> list[_Row]:
    top, bottom = max(values), min(values)
    each = (top - bottom) / (HEIGHT - 1) or 1.0
    levels = [top - each * number for number in range(HEIGHT if top > bottom else 1)]
    return [_Row(level - each / 2, level + each / 2, f"{level:.4g}"[: LABELS - 1]) for level in levels]


def _powers(steps: Sequence[float]) -> list[int]:
    first, last = int(min(steps)), int(max(steps))
    return [first, *(10**power for power in range(1, 10) if first < 10**power <= last)]


def _quarters(steps: Sequence[float]) -> list[int]:
    first, last = int(min(steps)), int(max(steps))
    return sorted({first + round((last - first) * quarter / 4) for quarter in range(5)})


def _axis(ticks: Sequence[int], place: Callable[[float], int], columns: int) -> str:
    line = ""
    for tick in ticks:
        label = f"{tick:,}"
        column = min(place(tick), columns - len(label))
        if not line or column > len(line) + 1:
            line = line.ljust(column) + label
    return line
