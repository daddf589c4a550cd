"""Where there is no twin, the subject's own forward serves: the best reference that it allows, checked before use."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.references.complex_step import complex_step
from crosscheck.references.extended import has_extended_precision, in_extended_precision
from crosscheck.references.gradients import BlackBox
from crosscheck.references.problem import Problem

Found = tuple[list[np.ndarray], list[np.ndarray]]
"""Gradients and errors, leaf by leaf."""

COMPLEX_STEP = "complex step"
EXTENDED = "extended-precision differences"
EXTRAPOLATED = "extrapolated differences"

DIRECTIONS = 3
"""Random directions along which a reference must agree with black-box differences."""
TELLING = 1e-2
"""A difference tells something about a gradient only if its error is below this share of the gradient."""


class Reference(NamedTuple):
    """Gradients of a loss, derived from nothing but the loss."""

    gradients: Any
    """In the structure of what was differentiated. NaN where the loss has no value."""
    error: Any
    """Same structure: absolute error of each entry. Infinite where no derivative was found: a kink or a jump."""
    oracle: str
    """"complex step", "extended-precision differences" or "extrapolated differences"."""


def own_forward(
    loss_function: Callable[..., Any], parameters: Any, *data: Any, differentiate: int | Sequence[int] = 0
) -> Reference:
    """Differentiate a NumPy loss numerically, by the best means that it allows.

    `loss_function(parameters, *data)` returns the loss, or a tuple whose first item it is; it works on copies.
    `differentiate` numbers the arguments, as `argnums` of JAX does: for a sequence the gradients are a tuple.
    The complex step and extended precision run a double of the function, with stand-ins for NumPy; both are used only
    where they agree with black-box differences along random directions, and where every entry has a derivative.
    Raises what `loss_function` raises.
    """
    chosen = (differentiate,) if isinstance(differentiate, int) else tuple(differentiate)
    problem = Problem(loss_function, (parameters, *data), chosen)
    black_box = BlackBox(problem)
    problem.value(problem.with_leaves(map(np.copy, black_box.leaves)))  # what the subject raises is the subject's
    noise = black_box.scatter()
    for oracle, attempt in ((COMPLEX_STEP, complex_step), (EXTENDED, _extended)):
        found = _attempted(attempt, problem)
        if found is not None and _agrees(black_box, noise, found):
            return _reference(problem, found, oracle)
    return _reference(problem, black_box.gradient(noise), EXTRAPOLATED)


def _extended(problem: Problem) -> Found | None:
    if not has_extended_precision():
        return None
    return BlackBox(problem, np.longdouble, in_extended_precision(problem.loss)).gradient()


def _attempted(attempt: Callable[[Problem], Found | None], problem: Problem) -> Found | None:
    """Return gradients and errors if every entry has one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = attempt(problem)
    except Exception:  # noqa: BLE001 - a forward may raise anything on numbers that it was not written for
        return None
    if found is None or not all(np.isfinite(array).all() for arrays in found for array in arrays):
        return None
    return found


def _agrees(black_box: BlackBox, noise: float, found: Found) -> bool:
    """Tell whether the gradients predict black-box differences along random directions."""
    gradients, errors = found
    loss = abs(float(black_box.value(black_box.leaves)))
    directions = black_box.directions(seed=1)
    for _ in range(DIRECTIONS):
        vectors = next(directions)
        terms = np.concatenate([(g * v).reshape(-1) for g, v in zip(gradients, vectors, strict=True)])
        own = sum(float(np.sum(e * np.abs(v))) for e, v in zip(errors, vectors, strict=True))
        seen = black_box.derivative_along(vectors, noise)
        tells = seen.error <= max(TELLING * float(np.linalg.norm(terms)), 1e-9 * max(loss, np.finfo(float).tiny))
        if not tells or abs(float(np.sum(terms)) - seen.value) > 2 * seen.error + own:
            return False
    return True


def _reference(problem: Problem, found: Found, oracle: str) -> Reference:
    gradients, errors = found
    return Reference(problem.assemble(gradients), problem.assemble(errors), oracle)
