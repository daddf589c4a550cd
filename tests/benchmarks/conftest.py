"""Benchmarks measure what users run: programs compiled with every optimisation."""

import os

import jax

os.environ.pop("JAX_DISABLE_MOST_OPTIMIZATIONS", None)
jax.config.update("jax_disable_most_optimizations", False)
