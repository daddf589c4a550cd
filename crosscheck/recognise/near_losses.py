"""A loss that a call states and that none of its gradients belongs to exactly, where they plainly come near it.

A derivative that is taken at the wrong value, a factor that is forgotten in the last layer: every gradient behind it is
wrong, and no loss makes one right. What goes nearly the way of the stated loss is meant to be its gradient.
"""

from collections.abc import Collection, Sequence

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.loss_forms import Bare, Scaled
from crosscheck.recognise.loss_samples import Sample

NEAR = 0.95
"""The cosine between slopes that are claimed along some directions and those of a loss"""
EXACT = 1 - 1e-9
STATED = naming.re.compile(r"loss|cost|perdida|kosten|verlust", naming.re.IGNORECASE)
"""What a loss is called and an error is not, near which steps may come as well"""
FEWEST = 2
"""Parameters whose gradients must come near"""


def near_stated(
    known: Sequence[Bare], samples: Sequence[Sample], parameters: Collection[str], rates: Sequence[float]
) -> Scaled | None:
    """Return the first stated loss that gradients come near; None if there is none, or all are multiples of its own.

    None of them may go the other way. It comes times the one of some rates that brings it nearest.
    """
    for candidate in known:
        if not isinstance(candidate, Scaled) or not _is_loss(candidate.place.name):
            continue
        if len(rates) > 1 and not STATED.search(candidate.place.name):  # an error that is only reported
            continue
        moved = [name for name in parameters if any(s.claimed[name] for s in samples)]
        cosines = [_cosine(candidate, samples, name) for name in moved]
        told = [cosine for cosine in cosines if cosine is not None]
        is_near = sum(cosine > NEAR for cosine in told) >= FEWEST and len(told) == len(cosines) and min(told) > 0
        if is_near:
            return _at_nearest(candidate, samples, moved, rates) if min(told) < EXACT else None
    return None


def _at_nearest(loss: Scaled, samples: Sequence[Sample], parameters: Collection[str], rates: Sequence[float]) -> Scaled:
    claimed, slopes = (
        np.array([[of(sample, name) for sample in samples] for name in parameters])
        for of in (lambda sample, name: sample.claimed[name], lambda sample, name: sample.slope(loss, name))
    )
    ratio = abs(np.sum(claimed * slopes) / np.sum(slopes * slopes))
    return loss._replace(constant=loss.constant * min(rates, key=lambda rate: abs(np.log(ratio / rate))))


def _is_loss(name: str) -> bool:
    word = name.partition("(")[0].rpartition(".")[2]
    others = naming.NOT_LOSS, naming.OF_LOSS, naming.MAXIMISED
    return bool(naming.LOSS_FUNCTION.search(word)) and not any(pattern.search(word) for pattern in others)


def _cosine(loss: Scaled, samples: Sequence[Sample], name: str) -> float | None:
    """Return the cosine for one parameter; None where the loss has no slopes there."""
    try:
        with np.errstate(all="ignore"):
            slopes = np.array([sample.slope(loss, name) for sample in samples])
    except Exception:  # noqa: BLE001 - it was not written for these values
        return None
    claimed = np.array([sample.claimed[name] for sample in samples])
    size = np.linalg.norm(slopes) * np.linalg.norm(claimed)
    return float(slopes @ claimed / size) if np.isfinite(size) and size else None
