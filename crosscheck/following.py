"""How far what is computed from a gradient, a clipped gradient or an update, may follow it away from the twin's.

A gradient within K tolerances of the twin's is right, so whatever follows from one is a right update. It need not be K
times what follows from a single tolerance: from a small memory Adagrad's step is nearly sign(g), and where noise hides
the sign it jumps. So the whole allowance goes through the rules, and K times the rounding of what they start from and
of every sum inside of them: an update may be the difference of two parameters.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.compare import K
from crosscheck.noise import Double, Rounding, noisy, spread
from crosscheck.noise.hashing import uniform
from crosscheck.noise.joined import join, part
from crosscheck.noise.rules import is_inexact

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
    inside = noisy(
        lambda moved: apply(jax.tree.unflatten(structure, moved[:count]), moved[count:]),
        [*shapes, *leaves],
        [True] * count + [False] * len(leaves),
        jitter=False,
    )

    def run(rounding: Rounding, all_leaves: Sequence[Any]) -> Any:
        values, allowances, others = all_leaves[:count], all_leaves[count : 2 * count], all_leaves[2 * count :]
        places = [place for place, leaf in enumerate(others) if is_inexact(leaf)]
        starts = [*values, *(others[place] for place in places)]
        allowed = [*allowances, *(K * rounding.epsilon * jnp.abs(others[place]) for place in places)]
        moved = _anywhere_within(starts, allowed, rounding)
        complete = list(others)
        for place, leaf in zip(places, moved[count:], strict=True):
            complete[place] = leaf
        return inside.run(
            replace(rounding.at(-3), epsilon=K * rounding.epsilon, sums_only=True), [*moved[:count], *complete]
        )

    double = Double(run, inside.shapes)

    def follow(samples: Any, rounding: Rounding, exact: Any, noise: Any, leaves: Sequence[Any]) -> tuple[Any, Any]:
        values = jax.tree.leaves(exact)
        allowances = [_allowance(*both, rounding) for both in zip(values, jax.tree.leaves(noise), strict=True)]
        results, moves = spread(double, samples, rounding.at(-2), [*values, *allowances, *leaves])
        return results, jax.tree.map(lambda move: MARGIN * move / K, moves)

    return follow


def _anywhere_within(
    starts: Sequence[jax.Array], allowances: Sequence[jax.Array], rounding: Rounding
) -> list[jax.Array]:
    """Move every entry of some arrays by at most what is allowed to it."""
    moved = {}
    for place, (dtype, vector) in enumerate(join(starts).items()):
        allowed = jnp.concatenate(
            [
                allowance.reshape(-1).astype(dtype)
                for start, allowance in zip(starts, allowances, strict=True)
                if start.dtype == dtype
            ]
        )
        draws = uniform(rounding.at(place).key, vector.shape, jnp.dtype(jnp.float64)).astype(dtype)
        moved[dtype] = jnp.where(rounding.epsilon > 0, vector + draws * allowed, vector)
    return part(moved, starts)


def _allowance(gradient: jax.Array, noise: jax.Array, rounding: Rounding) -> jax.Array:
    """Return K times the tolerance of crosscheck/compare.py."""
    largest = jnp.max(jnp.where(jnp.isfinite(gradient), jnp.abs(gradient), 0.0), initial=0.0)
    smallest_normal = rounding.smallest / rounding.epsilon
    return K * (noise + rounding.epsilon * largest + smallest_normal)
