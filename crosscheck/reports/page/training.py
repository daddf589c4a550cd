"""The page of a training, or of several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.reports.page.curves import Curve, Figure, figure, medians
from crosscheck.reports.page.rendering import template
from crosscheck.reports.recordings import Recording, drift, names_of

SAMPLES = 40
"""Samples of a run that the page holds, the first and the last among them"""
LENGTH = 1000
"""Characters of a sample that it holds"""
STAGES = 5
"""Parts of a run whose gradient flow is drawn apart"""
REACHED = 0.01
"""A gradient that is smaller than this share of what it was when it set out reaches no further"""


@dataclass(frozen=True)
class Run:
    """What the page shows of one recording."""

    name: str
    recording: Recording
    loss: Figure
    norms: Sequence[Figure]
    flow: Figure | None
    samples: Sequence[tuple[int, str]]

    @property
    def engine(self) -> str:
        """Who derived the gradients."""
        return {"manual": "by hand", "autodiff": "by JAX"}.get(self._said("engine"), self._said("engine"))

    @property
    def last(self) -> Mapping[str, float]:
        """The numbers of the last step."""
        return {name: float(values[-1]) for name, values in self.recording.numbers.items()}

    @property
    def facts(self) -> Mapping[str, str]:
        """What was trained, and where."""
        run, text, settings = self.recording.run, self.recording.run.get("text"), self.recording.run.get("settings")
        found: dict[str, Any] = {name.replace("_", " "): value for name, value in run.items() if _is_fact(name, value)}
        if isinstance(text, dict):
            found = {"text": text.get("file"), "symbols": text.get("symbols"), **found}
        if isinstance(settings, dict):
            layout = settings.get("layout")
            layout = layout if isinstance(layout, dict) else {}
            chosen = {("window" if name == "length" else name): value for name, value in layout.items()}
            found |= chosen | {name: value for name, value in settings.items() if name != "layout"}
        environment = run.get("environment")
        found |= environment if isinstance(environment, dict) else {}
        return {
            name.replace("_", " "): f"{value:,}" if isinstance(value, int) else str(value)
            for name, value in found.items()
            if value is not None
        }

    def _said(self, name: str) -> str:
        return str(self.recording.run.get(name, "?"))


def training_page(recordings: Sequence[Recording]) -> str:
    """Return the page: where every run stands, the curves of all of them, then each by itself."""
    names = names_of(recordings)
    runs = [_run(name, one) for name, one in zip(names, recordings, strict=True)]
    return template("training.html").render(runs=runs, together=_together(runs), window=_window(recordings))


def _together(runs: Sequence[Run]) -> list[Figure]:
    """Draw the curves of all runs in one chart for each quantity."""

    def curves(quantity: str, factor: float = 1.0) -> list[Curve]:
        return [Curve(r.name, r.recording.steps, factor * r.recording.numbers[quantity]) for r in runs]

    typical = "median of each stretch of steps" if max(len(r.recording.steps) for r in runs) > 60 else ""
    found = [
        figure("Bits per symbol", "running mean", curves("bits_per_symbol")),
        figure("Smoothed loss", "nats for a window", curves("smoothed_loss")),
        figure("Wrong predictions", "running mean, percent", curves("error", 100)),
    ]
    norms = [Curve(r.name, r.recording.steps, _joint(r.recording)) for r in runs if r.recording.norms]
    if norms:
        trend = [medians(curve) for curve in norms]
        found.append(figure("Size of the whole gradient", "norm before clipping", trend, log_up=True, note=typical))
        clipped = [Curve(r.name, r.recording.steps, 100 * r.recording.clipped) for r in runs]
        found.append(figure("Entries that clipping changed", "percent", clipped))
    reaches = [medians(Curve(r.name, r.recording.steps, _reach(r.recording.flow))) for r in runs]
    if any(np.isfinite(curve.values).any() for curve in reaches):
        note = f"lags at which at least {100 * REACHED:g} % of the gradient arrives"
        found.append(figure("How far back the gradient reaches", "steps", reaches, note=note))
    apart = drift([r.recording for r in runs])
    if apart is not None:
        name = f"{runs[0].name} against {runs[1].name}"
        note = "Two correct engines drift apart too: rounding grows step by step."
        curve = Curve(name, *apart)
        title, up = "Drift of the smoothed losses", "difference in nats"
        found.append(figure(title, up, [curve], note=note, log_up=True, log_across=True))
    return found


def _run(name: str, one: Recording) -> Run:
    steps, numbers = one.steps, one.numbers
    single = Curve("single windows, lowest to highest", steps, numbers["loss"])
    smoothed = Curve("smoothed", steps, numbers["smoothed_loss"])
    norms = []
    for parameter, pair in one.norms.items():
        before = Curve("before clipping, lowest to highest", steps, pair[:, 0])
        after = medians(Curve("after clipping, median", steps, pair[:, 1]))
        norms.append(figure(f"Gradient of {parameter}", "norm", [after], bands=[before], log_up=True))
    loss = figure("Loss", "nats for a window", [smoothed], bands=[single])
    return Run(name, one, loss, norms, _flow(one), _spread(one.samples))


def _flow(one: Recording) -> Figure | None:
    """Draw the norms by lag, a line for each part of the run."""
    if not np.isfinite(one.flow).any():
        return None
    lags = np.arange(one.flow.shape[1])
    curves = []
    for part in np.array_split(np.arange(len(one.steps)), min(STAGES, len(one.steps))):
        rows = one.flow[part]
        known = np.isfinite(rows).any(axis=0)
        typical = np.full(len(lags), np.nan)
        typical[known] = np.nanmedian(rows[:, known], axis=0)
        first, last = one.steps[part[0]], one.steps[part[-1]]
        curves.append(Curve(f"steps {first:,} to {last:,}" if last > first else f"step {first:,}", lags, typical))
    note = "the last loss of a window, and the states before it; downwards it vanishes, upwards it explodes"
    across = "steps back in time"
    return figure("Gradient flow by lag", "norm, median", curves, log_up=True, across=across, note=note)


def _reach(flow: np.ndarray) -> np.ndarray:
    """Return for each step the largest lag at which a share of the gradient arrives; NaN where nothing is known."""
    if not flow.shape[1]:
        return np.full(len(flow), np.nan)
    with np.errstate(invalid="ignore"):
        arrives = flow >= REACHED * flow[:, :1]
    reach = (arrives * np.arange(flow.shape[1])).max(axis=1).astype(float)
    reach[~np.isfinite(flow[:, 0])] = np.nan
    return reach


def _joint(one: Recording) -> np.ndarray:
    """Return the norm of all parameters' gradients together, before clipping."""
    return np.linalg.norm(np.stack([pair[:, 0] for pair in one.norms.values()]), axis=0)


def _spread(samples: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Choose samples evenly, the first and the last among them."""
    chosen = np.unique(np.linspace(0, len(samples) - 1, SAMPLES).round().astype(int)) if samples else ()
    shown = (samples[number] for number in chosen)
    return [(after, text if len(text) <= LENGTH else text[:LENGTH] + "…") for after, text in shown]


def _window(recordings: Sequence[Recording]) -> bool:
    """Tell whether the windows of the runs differ in length, so that losses for a window do not compare."""
    lengths = [float(one.numbers["smoothed_loss"][0] / one.numbers["bits_per_symbol"][0]) for one in recordings]
    return max(lengths) - min(lengths) > 1e-6 * max(lengths)


def _is_fact(name: str, value: Any) -> bool:
    return name not in ("crosscheck", "version", "engine", "from_step") and not isinstance(value, dict | list)
