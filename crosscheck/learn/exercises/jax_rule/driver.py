"""Calls the learner's function and its rule."""

import types
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.learn.loading import attribute
from crosscheck.learn.obstacle import Obstacle


def drive(module: types.ModuleType, z: np.ndarray, targets: np.ndarray, dloss: np.ndarray) -> tuple[Any, Any]:
    """Return the losses, and what the rule makes of `dloss`, in double precision and whatever JAX is set to."""
    surprise = attribute(module, "with_rule")()
    if not isinstance(surprise, jax.custom_vjp):
        raise Obstacle("missing", "`with_rule` returns no jax.custom_vjp: put `@jax.custom_vjp` above your function.")
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        losses, back = jax.vjp(lambda z: surprise(z, jnp.asarray(targets)), jnp.asarray(np.asarray(z)))
        (dz,) = back(jnp.asarray(np.asarray(dloss)))
        return np.asarray(losses), np.asarray(dz)
