"""What is compiled for a twin: its gradient with noise, and what the rules make of that.

Two programs, compiled side by side: the first runs long enough to be worth some optimisation, the second is long and
quickly done. One of them serves all cases of one shape: a chunk of cases is a leading axis.
"""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.noise import Double, Rounding, spread

# Noise triples a program, and most programs run a few times only: on CPUs these halve the time to compile it.
QUICK_TO_COMPILE = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}
# A model that fills a chunk alone runs a third faster for half a second more.
QUICK_TO_RUN = {"xla_backend_optimization_level": 1}
ONLY_COMPILED = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}

Follow = Callable[..., tuple[Any, Any]]


def program(double: Double, arguments: int, follow: Follow | None, chunk: int) -> Callable[..., tuple[Any, Any]]:
    """Return a function (keys, ε, smallest number, samples, leaves) -> (exact values, their noise), case by case.

    Of each case's leaves the first `arguments` are the twin's, the others the states of the rules, which `follow`
    applies (crosscheck/following.py).
    """

    def of_one(key: Any, epsilon: Any, smallest: Any, samples: Any, leaves: Sequence[Any]) -> tuple[Any, Any]:
        return spread(double, samples, Rounding(key, epsilon, smallest), leaves[:arguments])

    measured = _jitted(of_one, (0, None, None, None, 0), QUICK_TO_COMPILE if chunk > 1 else QUICK_TO_RUN)
    if follow is None:
        return measured

    def after(
        key: Any, epsilon: Any, smallest: Any, samples: Any, gradients: Any, noise: Any, leaves: Sequence[Any]
    ) -> tuple[Any, Any]:
        return follow(samples, Rounding(key, epsilon, smallest), gradients, noise, leaves)

    return _InTurn(measured, _jitted(after, (0, None, None, None, 0, 0, 0), ONLY_COMPILED))


def quick_to_compile() -> dict[str, Any]:
    """Return the options for a program that runs a few times, as far as this version of XLA knows them."""
    return QUICK_TO_COMPILE if _are_known() else {}


class _InTurn:
    """The two programs, one after the other; they are compiled together at the first call."""

    def __init__(self, measured: Any, following: Any) -> None:
        self._jitted = measured, following
        self._compiled: list[Any] = []

    def __call__(self, keys: Any, epsilon: Any, smallest: Any, samples: Any, leaves: Sequence[Any]) -> tuple[Any, Any]:
        start = keys, epsilon, smallest, samples
        if not self._compiled:
            measured, following = self._jitted
            first = measured.lower(*start, leaves)
            exact, noise = first.out_info
            second = following.lower(*start, exact["gradients"], noise["gradients"], leaves)
            with ThreadPoolExecutor(2) as threads:
                self._compiled = list(threads.map(lambda lowered: lowered.compile(), (first, second)))
        measured, following = self._compiled
        exact, noise = measured(*start, leaves)
        results, moves = following(*start, exact["gradients"], noise["gradients"], leaves)
        return {**exact, "rules": results}, {**noise, "rules": moves}


def _jitted(function: Callable[..., Any], axes: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return jax.jit(jax.vmap(function, in_axes=axes), compiler_options=options if _are_known() else {})


@functools.cache
def _are_known() -> bool:
    """Tell whether this version of XLA knows the options above: they are not part of its promises."""
    if jax.default_backend() != "cpu":
        return False
    try:
        jax.jit(jnp.negative, compiler_options=QUICK_TO_COMPILE)(0.0)
    except jax.errors.JaxRuntimeError:
        return False
    return True
