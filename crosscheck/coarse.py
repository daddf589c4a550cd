"""Warn of float32 on the way to a float64 gradient: where no twin shows it, its rounding passes for rounding."""

from collections.abc import Collection, Iterable, Iterator

from crosscheck.precision import FLOAT32, FLOAT64, Precision
from crosscheck.tally import Tally
from crosscheck.verdicts import Finding, Severity, Verdict


def coarse_inside(tallies: Iterable[Tally], precisions: Collection[Precision], coarsest: float) -> Iterator[Finding]:
    """Yield a warning for each float64 array that agrees only as far as float32 goes.

    `coarsest` is the ε of the coarsest numbers that the subject has computed with. Data in float32 are no reason: what
    they do to a float64 gradient is exact, and its detection floor shows nothing of them.
    """
    if set(precisions) != {FLOAT64} or coarsest <= float(FLOAT64.epsilon):
        return
    for tally in tallies:
        if tally.verdict is Verdict.AGREE and tally.detection_floor > float(FLOAT32.epsilon):
            message = (
                f"Numbers on the way to the gradient of {tally.name} are float32, though it is float64: errors below "
                f"{tally.detection_floor:.1e} of its largest entry are not seen."
            )
            yield Finding("float32-inside", Severity.WARNING, tally.name, message)
