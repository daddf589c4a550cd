"""Recorded trainings in a terminal: how good each became, and how far two drifted apart."""

from collections.abc import Sequence
from pathlib import Path

from crosscheck.builtin import consoles
from crosscheck.builtin.sketch import sketch
from crosscheck.reports.recordings import drift, names_of, read_recording

WIDTH = 78


def draw(paths: Sequence[Path]) -> None:
    """Print a line and a curve for each recording. Raises CrosscheckError."""
    recordings = [read_recording(path) for path in paths]
    console = consoles.results()
    marks, width = consoles.marks(console), min(console.width, WIDTH)

    def say(*lines: str) -> None:
        console.print("\n".join(lines), soft_wrap=True, markup=False)

    for mark, name, one in zip(marks, names_of(recordings), recordings, strict=False):
        last = {key: float(values[-1]) for key, values in one.numbers.items()}
        say(
            f"{mark} {name}: step {one.steps[-1]:,}, loss {last['smoothed_loss']:.3f}, "
            f"{last['bits_per_symbol']:.3f} bits/symbol, {100 * last['error']:.1f} % wrong"
        )
    say("", "bits per symbol against the step:", "")
    curves = [list(zip(one.steps.tolist(), one.numbers["bits_per_symbol"].tolist(), strict=True)) for one in recordings]
    say(*(sketch(curves, width, marks) or ["no number to draw"]))
    if (apart := drift(recordings)) is not None:
        say("", "difference of the smoothed losses in nats, against the step, both on logarithmic scales:", "")
        curve = list(zip(*(values.tolist() for values in apart), strict=True))
        say(*(sketch([curve], width, marks, log_across=True, log_up=True) or ["no difference at all"]))
