"""Evaluate a JAX function that may loop for ever: no signal interrupts a compiled loop."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import subjaxprs

from crosscheck.noise.interpreter import Rounding, noisy


def bounded(
    function: Callable[[list[Any]], Any], example: Sequence[Any], *, options: dict[str, Any] | None = None
) -> Callable[[list[Any]], Any]:
    """Compile `function(leaves)`; its while loops end after MOST_EXACT_TURNS, and what they return is then NaN.

    Without such loops it is the function itself that is compiled. `options` are those of XLA.
    """
    traced = jax.make_jaxpr(function)(list(example))
    if not has_while(traced.jaxpr):
        return jax.jit(function, compiler_options=options)
    exact = Rounding(jnp.uint32(0), jnp.zeros(()), jnp.zeros(()))
    double = noisy(function, example, [False] * len(example), jitter=False)
    return jax.jit(lambda leaves: double.run(exact, leaves), compiler_options=options)


def has_while(jaxpr: Any) -> bool:
    """Tell whether a loop without a fixed number of turns is in a program, or in a body of it."""
    here = any(equation.primitive.name == "while" for equation in jaxpr.eqns)
    return here or any(has_while(body) for body in subjaxprs(jaxpr))
