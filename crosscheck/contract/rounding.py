"""Precision that is lost on the way: a gradient coarser than its parameter, openly or inside a float64 array."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck import trees
from crosscheck.contract.codes import finding
from crosscheck.contract.leaves import named_arguments
from crosscheck.contract.outcome import Outcome, as_array
from crosscheck.precision import of_dtype
from crosscheck.verdicts import Finding

ENOUGH = 8  # values: one float64 result has its last 29 bits zero by chance once in 2²⁹
SHORT = 2**12  # a value of at most 12 bits (3, 0.25, −5, 1/64) may be exact, and says nothing about rounding


def coarser(outcome: Outcome, arguments: Sequence[Any]) -> Iterator[Finding]:
    """Yield a note for each gradient whose dtype is coarser than its parameter's."""
    for name, parameter, gradient in trees.match(arguments[0], outcome.gradients)[0]:
        if gradient is None:
            continue
        own, expected = of_dtype(gradient.dtype), of_dtype(np.asarray(parameter).dtype)
        if own and expected and own.epsilon > expected.epsilon:
            sentence = (
                f"The gradient of {name} is {own.name}, its parameter {expected.name}: it is judged as {own.name}."
            )
            yield finding("gradient-precision", sentence, name)


def float32_inside(outcome: Outcome, arguments: Sequence[Any]) -> Iterator[Finding]:
    """Yield a finding for each float64 gradient of which every value is a float32 number.

    That happens by right if the arguments themselves are such numbers, or few and short; then nothing is said.
    """
    held = [as_array(leaf) for _, leaf in named_arguments(arguments, ())]
    floating = [array for array in held if array is not None and of_dtype(array.dtype) and array.any()]
    if not floating or any(array.dtype != np.float64 or _is_float32(array) for array in floating):
        return
    for name, gradient in outcome.leaves():
        if name != "loss" and gradient.dtype == np.float64 and _telling(gradient) >= ENOUGH and _is_float32(gradient):
            sentence = (
                f"Every value of the gradient of {name} is a float32 number in a float64 array: look for a buffer "
                "or a constant made with dtype=np.float32."
            )
            yield finding("float32-inside", sentence, name)


def _is_float32(array: np.ndarray) -> bool:
    """Say whether no finite value loses anything in float32."""
    with np.errstate(all="ignore"):
        return bool(((array.astype(np.float32) == array) | ~np.isfinite(array)).all())


def _telling(array: np.ndarray) -> int:
    """Count the different values whose last bits are not zero for a simple reason: no integers, no short fractions."""
    values = np.unique(array[np.isfinite(array)])
    fractions = np.frexp(values)[0] * SHORT
    return int(((fractions != np.rint(fractions)) & (values != np.rint(values))).sum())
