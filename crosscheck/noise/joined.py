"""Many small arrays as few long ones: an operation on all of them is compiled once, and not once for each."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Vectors = dict[Any, jax.Array]
"""One vector for each dtype."""


def join(leaves: Sequence[Any]) -> Vectors:
    """Return all entries of some arrays, one array after the other."""
    by_dtype: dict[Any, list[jax.Array]] = {}
    for leaf in map(jnp.asarray, leaves):
        by_dtype.setdefault(leaf.dtype, []).append(lax.reshape(leaf, (leaf.size,)))
    return {dtype: lax.concatenate(parts, 0) if len(parts) > 1 else parts[0] for dtype, parts in by_dtype.items()}


def part(vectors: Vectors, shapes: Sequence[Any]) -> list[jax.Array]:
    """Undo `join` for arrays of these shapes and dtypes; the vectors may be of other dtypes by now."""
    taken = dict.fromkeys(vectors, 0)
    leaves = []
    for like in shapes:
        dtype, size = jnp.dtype(like.dtype), math.prod(like.shape)
        entries = lax.slice(vectors[dtype], (taken[dtype],), (taken[dtype] + size,))
        taken[dtype] += size
        leaves.append(lax.reshape(entries, like.shape))
    return leaves
