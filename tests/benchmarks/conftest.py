"""Benchmarks measure what users run: programs compiled with every optimisation."""

import os

import jax

from tests.conftest import QUICKLY

os.environ["XLA_FLAGS"] = os.environ["XLA_FLAGS"].removesuffix(QUICKLY)
os.environ.pop("JAX_DISABLE_MOST_OPTIMIZATIONS", None)
jax.config.update("jax_disable_most_optimizations", False)
