"""Two correct implementations running freely from the same start, and how far apart they come: further than one thinks.

Nothing is judged here. That every single step agrees is the matter of lockstep.py.
"""

import math

import numpy as np

from crosscheck.builtin import consoles
from crosscheck.builtin.autodiff_engine import autodiff_engine
from crosscheck.builtin.progress import display
from crosscheck.builtin.runs import Run
from crosscheck.builtin.train import standing
from manual.training import engine_from, train

HEIGHT = 12


@np.errstate(over="ignore", invalid="ignore")  # that a training diverges is said once, and better
def run_freely(run: Run, *, steps: int | None, epochs: int | None, save_every: int) -> None:
    """Train by hand and by JAX side by side, save the run by hand, and plot the difference of the smoothed losses.

    Ctrl-C saves and plots as well, and then goes on its way.
    """
    layout, start = run.settings.layout, run.start
    ours = theirs = start
    first, second = (
        train(start, run.indices, layout, engine, steps=steps, epochs=epochs)
        for engine in (engine_from(run.settings), autodiff_engine(run.settings))
    )
    drift: list[float] = []
    try:
        with display(consoles.progress(), "step", steps) as bar:
            for one, other in zip(first, second, strict=True):
                ours, theirs = one.state, other.state
                drift.append(abs(ours.smoothed_loss - theirs.smoothed_loss))
                bar.update(ours.step, f"{standing(ours, run.settings)}  apart by {drift[-1]:.1e}")
                if ours.step % save_every == 0:
                    run.save(ours)
    finally:
        console = consoles.results()
        if ours.step > start.step:
            run.save(ours)
            console.print(f"by hand {standing(ours, run.settings)}\nby JAX  {standing(theirs, run.settings)}")
            console.print(
                "\ndifference of the smoothed losses in nats, against the step, both on logarithmic scales:\n"
            )
            mark = "•" if console.encoding.startswith("utf") else "*"
            console.print("\n".join(plot(drift, start.step + 1, min(console.width, 78), mark)), soft_wrap=True)
            console.print(
                f"\nsaved the run by hand to {run.path}; to go on: {run.resume_command}", soft_wrap=True, markup=False
            )


def plot(values: list[float], first_step: int, width: int, mark: str = "•") -> list[str]:
    """Draw positive values against their steps, both on logarithmic scales, in lines of at most `width` characters.

    Each column shows the largest value among its steps; a difference of exactly zero has no place on the scale.
    """
    labels, left = 7, math.log10(first_step)
    columns = width - labels - 1
    span = max(math.log10(first_step + len(values) - 1) - left, 1e-9)
    highest: dict[int, float] = {}
    for number, value in enumerate(values):
        if value > 0:
            column = round((math.log10(first_step + number) - left) / span * (columns - 1))
            highest[column] = max(highest.get(column, -math.inf), math.log10(value))
    if not highest:
        return ["no difference at all"]
    top, bottom = math.ceil(max(highest.values())), math.floor(min(highest.values()))
    per_row = max(1, math.ceil((top - bottom) / HEIGHT))
    lines = []
    for level in range(top, bottom - 1, -per_row):
        marks = (
            mark if column in highest and level - per_row < highest[column] <= level else " "
            for column in range(columns)
        )
        lines.append(f"{f'1e{level:+03d}':>{labels - 1}} |{''.join(marks).rstrip()}")
    lines.append(" " * labels + "+" + "-" * (columns - 1))
    return [*lines, " " * labels + _axis(first_step, len(values), left, span, columns)]


def _axis(first_step: int, count: int, left: float, span: float, columns: int) -> str:
    line = ""
    for step in [first_step, *(10**power for power in range(1, 10))]:
        if first_step <= step < first_step + count:
            column = round((math.log10(step) - left) / span * (columns - 1))
            if not line or column > len(line) + 1:
                label = f"{step:,}"
                line = line.ljust(min(column, columns - len(label))) + label
    return line
