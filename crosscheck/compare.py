"""The rule by which one array of the subject is held against the same array of the reference, entry by entry.

    |subject − reference| ≤ k · tolerance,     tolerance = noise + ε · max|reference| + smallest normal number

`noise` is measured for every entry of every case; nothing in the rule is chosen by the user, and one k serves all
models. Correct code stays below 5 tolerances with noise from 8 samples, and below 2 with 64, over millions of random
models (tests/quality): k = 16 leaves it room, and an entry that exceeds it is measured again before anything is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crosscheck.precision import Precision

if TYPE_CHECKING:  # importing it takes longer than a comparison, and lessons answer at once
    from jaxtyping import Bool, Float

K = 16.0
SUSPECT = K / 4
# Where k tolerances exceed a tenth of the largest entry, noise has swamped the array: nothing could be told there.
# bfloat16, whose ε is 1/128, needs more room than that: three times its own K·ε.
RESOLVED = 0.1


class Comparison(NamedTuple):
    """One array against its reference."""

    discrepancy: Float[np.ndarray, "*shape"]
    """|subject − reference| in units of the tolerance; infinite where only one side is NaN or infinite"""
    tolerance: Float[np.ndarray, "*shape"]
    judged: Bool[np.ndarray, "*shape"]
    """False where noise leaves nothing to judge, or where neither side is a number"""
    floor: Float[np.ndarray, "*shape"]
    """The smallest error that would have been seen, relative to max|reference| (absolute where that is 0)"""

    @property
    def wrong(self) -> Bool[np.ndarray, "*shape"]:
        """Entries that are judged and further off than rounding explains."""
        return self.judged & (self.discrepancy > K)

    @property
    def suspect(self) -> Bool[np.ndarray, "*shape"]:
        """Entries that are further off than correct code usually is, judged or not: to be measured again."""
        return self.discrepancy > SUSPECT


def compare(subject: Any, reference: Any, noise: Any, precision: Precision, *, linear: bool = False) -> Comparison:
    """Compare two arrays of one shape; `noise` is how far rounding moves each entry of the reference.

    `linear` says that the noise was seen to grow in proportion to ε (crosscheck/judge.py): then it is rounding and no
    chaos, and an array is judged however small it is beside it, with the detection floor that results.
    """
    subject, reference, noise = (_wide(array) for array in (subject, reference, noise))
    epsilon, ours, theirs = float(precision.epsilon), np.isfinite(subject), np.isfinite(reference)
    magnitudes = np.abs(reference)
    largest = magnitudes.max(initial=0) if theirs.all() else np.where(theirs, magnitudes, 0).max(initial=0)
    with np.errstate(all="ignore"):  # of denormals, nothing that a number could say is detected
        tolerance = noise + (epsilon * largest + float(precision.smallest_normal))
        difference = np.abs(subject - reference)
        discrepancy = np.where(difference == 0, 0.0, difference / tolerance)
        allowed = K * tolerance
        floor = allowed / largest if largest > 0 else allowed
        resolved = allowed <= max(RESOLVED, 3 * K * epsilon) * largest
    if linear:  # but where even the largest entry is lost among the denormals, nothing that is not equal can be told
        is_normal = K * float(precision.smallest_normal) <= largest if largest > 0 else noise.any()
        resolved = np.isfinite(tolerance) & (is_normal | (difference == 0))
    elif largest == 0 and not noise.any():
        # Zero against zero is right, and so is what the reference has lost among the denormals: or wrong, who knows.
        resolved = (difference == 0) | (discrepancy > K)
    both = ours & theirs
    if not both.all():
        one_sided = ours != theirs
        discrepancy = np.where(one_sided, np.inf, np.where(both, discrepancy, 0.0))
        return Comparison(discrepancy, tolerance, (both & resolved) | (one_sided & np.isfinite(noise)), floor)
    return Comparison(discrepancy, tolerance, resolved, floor)


def is_linear(small: np.ndarray, large: np.ndarray, factor: float) -> bool:
    """Tell whether noise grew in proportion to ε, within a factor of eight (both are largest values of few samples)."""
    before, after = np.max(small, initial=0), np.max(large, initial=0)
    return bool(np.isfinite(after) and before * factor / 8 <= after <= before * factor * 8)


def _wide(array: Any) -> np.ndarray:
    array = np.asarray(array)
    return array if array.dtype.kind in "cfg" and array.dtype.itemsize >= 8 else array.astype(np.float64)
