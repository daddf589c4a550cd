"""Settings shared by every test."""

import os

import hypothesis
import jax

# Verdicts are formed in float64; strict promotion turns NumPy-style silent mixing into errors.
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
# Most programs of the tests run a few times only: XLA compiles them faster like this. Children do the same, so that
# they round as this process does.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
jax.config.update("jax_disable_most_optimizations", True)

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("suite")
