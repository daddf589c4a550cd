"""The complex step: f(x + ih) = f(x) + ih f'(x) + O(h²), so the imaginary part is the derivative, to the last digit.

Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions". Nothing is subtracted, so h
may be so small that its square is lost. The subject's forward runs unchanged, on arrays that carry complex numbers.
"""

import warnings
from typing import Any

import numpy as np

from crosscheck.references.carriers import RefusedError, uncarried
from crosscheck.references.complex_arithmetic import ComplexCarrier
from crosscheck.references.problem import Problem
from crosscheck.references.standins import rebuilt

STEP = 1e-40
"""Its square is lost beside any quantity above 1e-32, and a gradient of 1e-250 still has all its digits."""
SAMPLES = 2
"""Gradients with rounding at random, from which the error is measured."""
FACTOR = 6
"""On the largest deviation of so few samples. Measured on small recurrent networks at scales 0.01 to 10: the true error
exceeded the stated one in 2 of 14,100 entries, by a factor of 1.4 at most."""


def complex_step(problem: Problem) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return gradients and absolute errors, leaf by leaf; one evaluation for each entry and sample.

    The error is measured: the whole computation is repeated with every operation rounding at random.
    NaN marks an entry without a derivative. Raises what the forward raises on such arrays, RefusedError among others.
    """
    gradients = _gradients(problem, ComplexCarrier)
    spread = [np.zeros_like(gradient) for gradient in gradients]
    for seed in range(SAMPLES):
        noisy = type("NoisyComplex", (ComplexCarrier,), {"generator": np.random.default_rng(seed)})
        for largest, gradient, sample in zip(spread, gradients, _gradients(problem, noisy), strict=True):
            lost = np.isnan(sample) & np.isfinite(gradient)  # where rounding alone makes it no number, nothing is known
            np.fmax(largest, np.where(lost, np.inf, np.abs(sample - gradient)), out=largest)
    epsilon, smallest = np.finfo(np.float64).eps, np.finfo(np.float64).smallest_normal / STEP
    error = [FACTOR * one + 4 * epsilon * np.abs(g) + smallest for one, g in zip(spread, gradients, strict=True)]
    return gradients, error


def _gradients(problem: Problem, carrier: type[ComplexCarrier]) -> list[np.ndarray]:
    double = rebuilt(problem.loss, carrier)
    leaves = [leaf.astype(np.complex128) for leaf in problem.leaves()]
    gradients = [np.zeros(leaf.shape) for leaf in leaves]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        for number, gradient in enumerate(gradients):
            for entry in range(gradient.size):
                moved = [leaf.copy() for leaf in leaves]
                moved[number].reshape(-1)[entry] += 1j * STEP
                carried = problem.with_leaves((leaf.view(carrier) for leaf in moved), carrier.carry)
                gradient.reshape(-1)[entry] = _tangent(problem.value(carried, double)) / STEP
    return gradients


def _tangent(loss: Any) -> float:
    plain = np.asarray(uncarried(loss))
    if plain.dtype.kind != "c" or plain.size != 1:
        raise RefusedError("the loss came back without its complex part")
    number = complex(plain.item())
    return number.imag if np.isfinite(number.real) else np.nan
