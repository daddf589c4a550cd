"""Limits for gradients that explode. Clipping is not part of the gradient: it happens after, to a copy.

Neither function lets a NaN switch the limit off unseen (Python's `min(1.0, nan)` is 1.0): a NaN that goes in comes out.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from manual.errors import InputError
from manual.parameters import Parameters


def clip_by_value(gradients: Parameters, bound: float = 5.0) -> Parameters:
    """Limit every entry to ±bound, as the gist does; NaN stays NaN, an infinity becomes ±bound.

    Raises InputError unless the bound is positive and finite.
    """
    bound = _checked(bound)
    return gradients._make(np.clip(g, -bound, bound) for g in gradients)


def clip_by_global_norm(gradients: Parameters, bound: float = 5.0) -> Parameters:
    """Shrink all arrays of a model together so that their joint norm is at most `bound` (Pascanu et al., 2013).

    The direction stays; a model whose norm is below the bound stays bit for bit. With model axes each model has its own
    norm. One NaN makes the whole model NaN, as in optax, because its norm is unknown; an infinity becomes NaN and the
    model's other entries 0. Raises InputError unless the bound is positive and finite.
    """
    bound = _checked(bound)
    scaled, norm, exponent = _scaled(gradients)
    with np.errstate(over="ignore", invalid="ignore"):
        within = np.ldexp(norm, exponent) < bound
        # scaled / norm is the direction. A norm beyond the largest number appears nowhere in it.
        clipped = (s / _beside(norm, s) * bound for s in scaled)
        return gradients._make(np.where(_beside(within, g), g, c) for g, c in zip(gradients, clipped, strict=True))


def global_norm(gradients: Parameters) -> Float[np.ndarray | np.floating, "*models"]:
    """Return √Σg² over all entries of all arrays of a model: a NumPy scalar, or an array (*models,) for a stack.

    Entries are scaled before they are squared, so the norm overflows or underflows only where it does itself.

    >>> from manual.parameters import Parameters
    >>> print(f"{global_norm(Parameters(*(np.array([x]) for x in (0.0, 3e200, 0.0, -4e200, 0.0)))):.3g}")
    5e+200
    """
    _, norm, exponent = _scaled(gradients)
    with np.errstate(over="ignore"):
        return np.ldexp(norm, exponent)


def _scaled(
    gradients: Parameters,
) -> tuple[list[np.ndarray], np.ndarray | np.floating, np.ndarray | np.integer]:
    """Return the gradients divided by a power of two per model (exact), the norm of those, and the power's exponent."""
    models = gradients.bh.ndim - 1

    def over_a_model(reduce: Callable[..., Any], g: np.ndarray) -> Any:
        return reduce(g, axis=tuple(range(models, g.ndim)))

    largest = np.max([over_a_model(np.max, np.abs(g)) for g in gradients], axis=0)
    exponent = np.where(np.isfinite(largest), np.frexp(largest)[1], 0)
    with np.errstate(over="ignore"):
        scaled = [np.ldexp(g, -_beside(exponent, g)) for g in gradients]
        norm = np.sqrt(sum(over_a_model(np.sum, s * s) for s in scaled))
    return scaled, norm, exponent


def _beside(per_model: np.ndarray | np.generic, array: np.ndarray) -> np.ndarray:
    """Append axes of length 1 to one value per model, so that it meets `array` (*models, ...) model by model."""
    per_model = np.asarray(per_model)
    return per_model.reshape(per_model.shape + (1,) * (array.ndim - per_model.ndim))


def _checked(bound: float) -> float:
    if not 0 < bound < math.inf:
        raise InputError(f"bound is {bound}, expected a positive finite number such as 5.")
    return float(bound)
