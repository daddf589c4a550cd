"""Two correct implementations running freely from the same start, and how far apart they come: further than one thinks.

Nothing is judged here. That every single step agrees is the matter of lockstep.py.
"""

from collections.abc import Sequence

import numpy as np

from crosscheck.builtin import consoles
from crosscheck.builtin.autodiff_engine import autodiff_engine
from crosscheck.builtin.progress import display
from crosscheck.builtin.records import Recorder
from crosscheck.builtin.runs import Run
from crosscheck.builtin.sketch import sketch
from crosscheck.builtin.train import standing
from manual.training import engine_from, train

ENGINES = ("manual", "autodiff")
"""In the order of the recorders"""


@np.errstate(over="ignore", invalid="ignore")  # that a training diverges is said once, and better
def run_freely(
    run: Run, recorders: Sequence[Recorder] = (), *, steps: int | None, epochs: int | None, save_every: int
) -> None:
    """Train by hand and by JAX side by side, save the run by hand, and plot the difference of the smoothed losses.

    `recorders` is empty, or one for each of ENGINES. Ctrl-C saves and plots as well, and then goes on its way.
    """
    layout, start = run.settings.layout, run.start
    ours = theirs = start
    first, second = (
        train(start, run.indices, layout, engine, steps=steps, epochs=epochs)
        for engine in (engine_from(run.settings), autodiff_engine(run.settings, gradients=bool(recorders)))
    )
    drift: list[float] = []
    try:
        with display(consoles.progress(), "step", steps) as bar:
            for one, other in zip(first, second, strict=True):
                for recorder, before, progress in zip(recorders, (ours, theirs), (one, other), strict=False):
                    recorder.record(before, progress)
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
            curve = list(enumerate(drift, start.step + 1))
            drawn = sketch([curve], min(console.width, 78), consoles.marks(console), log_across=True, log_up=True)
            console.print("\n".join(drawn or ["no difference at all"]), soft_wrap=True)
            console.print(
                f"\nsaved the run by hand to {run.path}; to go on: {run.resume_command} --steps N",
                soft_wrap=True,
                markup=False,
            )
