"""Measure a function's noise: the largest move of each of its numbers over a few differently rounded runs."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from crosscheck.noise.interpreter import Double, Rounding


def spread(double: Double, samples: jax.Array, rounding: Rounding, leaves: Any) -> tuple[Any, Any]:
    """Return (exact, spread): the results without noise, and the largest |noisy − exact| over `samples` noisy runs.

    The exact run is the first turn of the same loop, with an ε of zero, so that the program
    is compiled once; the number of samples is traced, so that 8 and 64 share it. A run that ends in NaN, or at another
    infinity, has moved by infinity.
    """

    def turn(number: jax.Array, so_far: tuple[Any, Any]) -> tuple[Any, Any]:
        exact, largest = so_far
        is_first = number == 0
        on = jnp.where(is_first, 0.0, 1.0)
        processor = replace(rounding, epsilon=rounding.epsilon * on, smallest=rounding.smallest * on)
        results = double.run(processor.turn(lax.convert_element_type(number, jnp.uint32)), leaves)
        exact = jax.tree.map(lambda new, old: jnp.where(is_first, new, old), results, exact)
        return exact, jax.tree.map(_larger_move, largest, results, exact)

    nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), double.shapes)
    unmoved = jax.tree.map(jnp.abs, nothing)
    return lax.fori_loop(jnp.zeros((), samples.dtype), samples + 1, turn, (nothing, unmoved))


def _larger_move(largest: jax.Array, noisy: jax.Array, exact: jax.Array) -> jax.Array:
    if not jnp.issubdtype(exact.dtype, jnp.inexact):
        return largest
    move = jnp.where(noisy == exact, 0, jnp.abs(noisy - exact)).astype(largest.dtype)
    return jnp.maximum(largest, jnp.where(jnp.isnan(move), jnp.asarray(jnp.inf, largest.dtype), move))
