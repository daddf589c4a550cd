"""Gradients that are zero by construction, but for rounding: of a bias before a normalisation, or of keys' biases.

Beside their own size rounding leaves nothing to judge of them. Beside the other gradients of the same loss it leaves
everything: a slip would show there as soon as it is a ten-billionth of them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from crosscheck.compare import K
from crosscheck.judge import JudgedCase
from crosscheck.verdicts import Finding, Severity

BESIDE_OTHERS = 1e-10
"""The share of the largest entry of all gradients below which what rounding leaves is taken for zero"""
GRADIENTS = ("gradients", "inputs")
NO_EFFECT = (
    "The loss does not depend on {0} in any case, as with a bias before a normalisation: its gradient is zero but for "
    "rounding, as it should be. That is all that was shown of it."
)


class VanishingGradients:
    """Judges, case by case, arrays that vanish on both sides, and remembers which never did anything else."""

    def __init__(self) -> None:
        self._vanished: Counter[str] = Counter()
        self._cases: Counter[str] = Counter()
        self._noisy: set[str] = set()
        """Those that rounding left something of"""

    def judged(self, case: JudgedCase) -> JudgedCase:
        """Return a case in which what vanishes beside the other gradients is judged beside these."""
        names = [name for name, group in case.groups.items() if group in GRADIENTS and name in case.comparisons]
        largest = max((_largest(case.reference[name]) for name in names), default=0.0)
        bound = BESIDE_OTHERS * largest
        comparisons = dict(case.comparisons)
        for name in names if np.isfinite(bound) and bound > 0 else ():
            self._cases[name] += 1
            sides = case.outcome[name], case.reference[name], K * np.asarray(case.noise[name])
            found = comparisons[name]
            if any(_largest(side) > bound for side in sides):
                continue
            self._vanished[name] += 1
            if not found.judged.all():
                self._noisy.add(name)
                difference = np.abs(np.asarray(case.outcome[name]) - np.asarray(case.reference[name]))
                everywhere = np.ones_like(found.judged)
                comparisons[name] = found._replace(
                    judged=everywhere, discrepancy=K * difference / (2 * bound), floor=BESIDE_OTHERS * everywhere
                )
        return replace(case, comparisons=comparisons)

    def findings(self) -> Iterator[Finding]:
        """Yield what is to be said of the arrays that vanished in every case."""
        for name, count in self._vanished.items():
            if count == self._cases[name] and name in self._noisy:
                yield Finding("no-effect", Severity.WARNING, name, NO_EFFECT.format(name))


def _largest(array: object) -> float:
    values = np.abs(np.asarray(array, float))
    return float(values.max(initial=0.0)) if np.isfinite(values).all() else float("inf")
