"""How far what is computed from a gradient, a clipped gradient or an update, may follow it away from the twin's.

A gradient within K tolerances of the twin's is right, so whatever follows from one is a right update. It need not be K
times what follows from a single tolerance: from a small memory Adagrad's step is nearly sign(g), and where noise hides
the sign it jumps. So the whole allowance, and K times the rounding, goes through the rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.compare import K
from crosscheck.noise import Rounding, anywhere_within, noisy, spread

MARGIN = 3.0
"""A step that jumps moves as far as the samples show at the most, and may well do so: that much more is granted"""


def followed(
    apply: Callable[[Any, list[Any]], Any], gradients: Any, leaves: Sequence[Any]
) -> Callable[[Any, Rounding, Any, Any, Any], tuple[Any, Any]]:
    """Trace `apply(gradients, leaves)`, all the rules in one, and return a function that measures it.

    `gradients` are shapes and dtypes, `leaves` the arrays that the rules start from beside them. The function takes
    (samples, rounding, gradients, their noise, leaves) and returns the results with their noise: trees alike.
    """
    shapes, structure = jax.tree.flatten(gradients)
    count = len(shapes)

    def evaluate(all_leaves: list[Any]) -> Any:
        moved = map(anywhere_within, all_leaves[:count], all_leaves[count : 2 * count])
        return apply(jax.tree.unflatten(structure, moved), all_leaves[2 * count :])

    double = noisy(evaluate, [*shapes, *shapes, *leaves], [True] * count + [False] * (count + len(leaves)))

    def follow(samples: Any, rounding: Rounding, exact: Any, noise: Any, leaves: Sequence[Any]) -> tuple[Any, Any]:
        values = jax.tree.leaves(exact)
        allowances = [_allowance(*both, rounding) for both in zip(values, jax.tree.leaves(noise), strict=True)]
        widened = replace(rounding.at(-2), epsilon=K * rounding.epsilon, smallest=K * rounding.smallest)
        results, moves = spread(double, samples, widened, [*values, *allowances, *leaves])
        return results, jax.tree.map(lambda move: MARGIN * move / K, moves)

    return follow


def _allowance(gradient: jax.Array, noise: jax.Array, rounding: Rounding) -> jax.Array:
    """Return K times the tolerance of crosscheck/compare.py."""
    largest = jnp.max(jnp.where(jnp.isfinite(gradient), jnp.abs(gradient), 0.0), initial=0.0)
    smallest_normal = rounding.smallest / rounding.epsilon
    return K * (noise + rounding.epsilon * largest + smallest_normal)
