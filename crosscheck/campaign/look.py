"""The rule of crosscheck/compare.py for many models at once: what it says of each, without the entries.

Only what can be concluded safely is concluded here. Whatever else there is to say about a model, the judge says.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from crosscheck.compare import RESOLVED, K
from crosscheck.precision import Precision

FAR = 1000.0
"""More samples of the noise raise it by factors, never by thousands: an entry judged with this margin stays judged"""


class Look(NamedTuple):
    """One array of many models against its reference."""

    discrepancy: Float[np.ndarray, " models"]
    """Of the entry furthest off, in tolerances; infinite where an entry is NaN or infinite on either side"""
    resolution: Float[np.ndarray, " models"]
    """k·tolerance of the best known entry, relative to the largest: above RESOLVED the array cannot be judged"""

    noise: Float[np.ndarray, " models"]
    """The largest of the array"""

    @property
    def surely_judged(self) -> Bool[np.ndarray, " models"]:
        """Models of which some entry is judged, however many more samples are drawn."""
        return self.resolution <= RESOLVED / FAR

    @property
    def unjudged(self) -> Bool[np.ndarray, " models"]:
        """Models of which no entry is judged; more samples can only raise the noise."""
        return ~(self.resolution <= RESOLVED)


def look(
    subject: Float[np.ndarray, "models ..."],
    reference: Float[np.ndarray, "models ..."],
    noise: Float[np.ndarray, "models ..."] | None,
    precision: Precision,
) -> Look:
    """Compare one array of many models; without noise, with what its tolerance is made of beside the noise."""
    subject, reference = _rows(subject), _rows(reference)
    rounding = np.zeros((1, 1)) if noise is None else _rows(noise)
    with np.errstate(all="ignore"):
        difference = np.abs(subject - reference)
        largest = np.abs(reference).max(axis=1, initial=0, keepdims=True)
        tolerance = rounding + (float(precision.epsilon) * largest + float(precision.smallest_normal))
        discrepancy = (difference / tolerance).max(axis=1, initial=0)
        best = np.broadcast_to(tolerance, reference.shape).min(axis=1, initial=np.inf)
        resolution = np.where(largest[:, 0] > 0, K * best / largest[:, 0], np.where(rounding.any(axis=1), np.inf, 0.0))
        # An array of zeros says nothing about denormals: whether any entry can be judged, the judge says.
        zero = (largest[:, 0] == 0) & ~rounding.any(axis=1)
        discrepancy = np.where(zero & (difference.min(axis=1, initial=np.inf) > 0), np.inf, discrepancy)
    # NaN arises from NaN, from two infinities, and from infinite noise: nothing is concluded from any of them.
    discrepancy, resolution = (np.where(np.isnan(ratio), np.inf, ratio) for ratio in (discrepancy, resolution))
    return Look(discrepancy, resolution, rounding.max(axis=1, initial=0))


def _rows(array: np.ndarray) -> Float[np.ndarray, "models entries"]:
    return array.reshape(len(array), -1).astype(np.float64, copy=False)
