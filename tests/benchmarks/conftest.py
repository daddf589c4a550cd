"""Benchmarks measure what users run: programs compiled with every optimisation."""

import jax

jax.config.update("jax_disable_most_optimizations", False)
