"""Measure a function's noise: the largest move of each of its numbers over a few differently rounded runs."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from crosscheck.noise.interpreter import Double, Rounding
from crosscheck.noise.joined import Vectors, join, part


def spread(double: Double, samples: jax.Array, rounding: Rounding, leaves: Any) -> tuple[Any, Any]:
    """Return (exact, spread): the results without noise, and the largest |noisy − exact| over `samples` noisy runs.

    The exact run is the first turn of the same loop, with an ε of zero, so that the program
    is compiled once; the number of samples is traced, so that 8 and 64 share it. A run that ends in NaN, or at another
    infinity, has moved by infinity.
    """
    shapes, structure = jax.tree.flatten(double.shapes)

    def turn(number: jax.Array, so_far: tuple[Vectors, Vectors]) -> tuple[Vectors, Vectors]:
        exact, largest = so_far
        is_first = number == 0
        on = jnp.where(is_first, 0.0, 1.0)
        processor = replace(rounding, epsilon=rounding.epsilon * on, smallest=rounding.smallest * on)
        results = join(
            jax.tree.leaves(double.run(processor.turn(lax.convert_element_type(number, jnp.uint32)), leaves))
        )
        exact = {dtype: jnp.where(is_first, results[dtype], old) for dtype, old in exact.items()}
        return exact, {dtype: _larger_move(moved, results[dtype], exact[dtype]) for dtype, moved in largest.items()}

    nothing = join([jnp.zeros(shape.shape, shape.dtype) for shape in shapes])
    unmoved = {dtype: jnp.abs(zeros) if _is_inexact(zeros) else zeros for dtype, zeros in nothing.items()}
    both = lax.fori_loop(jnp.zeros((), samples.dtype), samples + 1, turn, (nothing, unmoved))
    exact, largest = (jax.tree.unflatten(structure, part(vectors, shapes)) for vectors in both)
    return exact, largest


def _larger_move(largest: jax.Array, noisy: jax.Array, exact: jax.Array) -> jax.Array:
    if not _is_inexact(exact):
        return largest
    move = jnp.where(noisy == exact, 0, jnp.abs(noisy - exact)).astype(largest.dtype)
    return jnp.maximum(largest, jnp.where(jnp.isnan(move), jnp.asarray(jnp.inf, largest.dtype), move))


def _is_inexact(array: jax.Array) -> bool:
    return jnp.issubdtype(array.dtype, jnp.inexact)
