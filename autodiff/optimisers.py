"""Clipping and updates by optax, with every hyper-parameter pinned to the rules of the hand-written side.

optax's defaults differ from the rules this project follows (its Adagrad starts from 0.1 with an epsilon of 1e-7), and
defaults may change; so none is relied upon. Everything here can be jitted.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from manual.errors import InputError
from manual.parameters import Parameters


class Optimiser(NamedTuple):
    """A rule for updates, and the way in and out for a state of the hand-written side.

    Lockstep hands the subject's state over before every step: `import_state` takes the fields of that state in their
    order, as a tuple or a NamedTuple (Adagrad: memory; Adam: count, mean, square; SGD: none), and `export_state`
    returns such a tuple.
    """

    name: str
    init: Callable[[Parameters], Any]
    """parameters -> optax's state before the first step"""
    update: Callable[[Parameters, Any, Parameters], tuple[Parameters, Any]]
    """(gradients, state, parameters) -> (new parameters, new state)"""
    import_state: Callable[[tuple[Any, ...]], Any]
    """fields of the hand-written state -> optax's state"""
    export_state: Callable[[Any], tuple[Any, ...]]
    """optax's state -> fields of the hand-written state"""


def sgd(learning_rate: float = 0.1) -> Optimiser:
    """Gradient descent without momentum: `p − η g`."""
    rule = optax.sgd(_positive("learning_rate", learning_rate), momentum=None, nesterov=False, accumulator_dtype=None)

    def import_state(fields: tuple[()]) -> Any:
        () = fields
        return (optax.EmptyState(), optax.EmptyState())

    return Optimiser("sgd", rule.init, _update_by(rule), import_state, export_state=lambda _: ())


def adagrad(learning_rate: float = 0.1, epsilon: float = 1e-8) -> Optimiser:
    """Adagrad from a memory of zero, ε inside the root: `m + g²`, then `p − η g / √(m + ε)`.

    optax takes no step where m is 0. That is the formula's answer too, unless g² underflows: for a float64 gradient of
    1e-163 the formula moves the parameter by 1e-160, this function not at all. To XLA denormal squares are 0 as well.
    """
    rule = optax.adagrad(
        _positive("learning_rate", learning_rate),
        initial_accumulator_value=0.0,
        eps=_positive("epsilon", epsilon),
    )

    def import_state(fields: tuple[Parameters]) -> Any:
        (memory,) = fields
        return (optax.ScaleByRssState(sum_of_squares=_on_device(memory)), optax.EmptyState())

    def export_state(state: Any) -> tuple[Parameters]:
        rss, _ = state
        return (rss.sum_of_squares,)

    return Optimiser("adagrad", rule.init, _update_by(rule), import_state, export_state)


def adam(learning_rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Optimiser:
    """Adam without Nesterov's momentum, bias-corrected, ε outside the root.

    Without x64, optax computes 1 − β₂ᵗ in float32, which leaves it about four digits in the first steps.
    """
    rule = optax.adam(
        _positive("learning_rate", learning_rate),
        b1=beta1,
        b2=beta2,
        eps=_positive("epsilon", epsilon),
        eps_root=0.0,
        mu_dtype=None,
        nesterov=False,
    )

    def import_state(fields: tuple[Any, Parameters, Parameters]) -> Any:
        count, mean, square = fields
        # optax counts in int32 and stops at its largest number, where both corrections have long been 1.
        counted = jnp.asarray(count, jnp.int32)
        state = optax.ScaleByAdamState(count=counted, mu=_on_device(mean), nu=_on_device(square))
        return (state, optax.EmptyState())

    def export_state(state: Any) -> tuple[Any, Parameters, Parameters]:
        moments, _ = state
        return (moments.count, moments.mu, moments.nu)

    return Optimiser("adam", rule.init, _update_by(rule), import_state, export_state)


_BY_NAME = {"sgd": sgd, "adagrad": adagrad, "adam": adam}


def by_name(name: str, learning_rate: float | None = None) -> Optimiser:
    """Return the optimiser called `name` ('sgd', 'adagrad', 'adam'), with its own learning rate unless one is given."""
    if name not in _BY_NAME:
        raise InputError(f"There is no optimiser {name!r}: choose one of {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]() if learning_rate is None else _BY_NAME[name](learning_rate)


def clip_by_value(gradients: Parameters, bound: float = 5.0) -> Parameters:
    """Limit every entry to ±bound; NaN stays NaN. Raises InputError unless the bound is positive and finite."""
    return _transform_by(optax.clip(_positive("bound", bound)), gradients)


def clip_by_global_norm(gradients: Parameters, bound: float = 5.0) -> Parameters:
    """Shrink all arrays of a model together so that their joint norm is at most `bound`.

    With model axes each model has its own norm. One NaN makes everything NaN. optax squares the entries as they are:
    where the sum of squares overflows (one entry of 1e155 in float64, 2e19 in float32) the norm is infinite, and every
    finite entry becomes 0. Raises InputError unless the bound is positive and finite.
    """
    rule = optax.clip_by_global_norm(_positive("bound", bound))

    def clip(gradients: Parameters) -> Parameters:
        return _transform_by(rule, gradients)

    for _ in range(jnp.ndim(gradients.bh) - 1):
        clip = jax.vmap(clip)
    return clip(gradients)


def _update_by(
    rule: optax.GradientTransformation,
) -> Callable[[Parameters, Any, Parameters], tuple[Parameters, Any]]:
    def update(gradients: Parameters, state: Any, parameters: Parameters) -> tuple[Parameters, Any]:
        # optax's Adam raises its decay, a Python float, to an integer count, which strict promotion would refuse.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = rule.update(_on_device(gradients), state, _on_device(parameters))
        moved: Any = optax.apply_updates(parameters, updates)
        return moved, state

    return update


def _transform_by(rule: optax.GradientTransformation, gradients: Parameters) -> Parameters:
    transformed: Any
    transformed, _ = rule.update(_on_device(gradients), rule.init(gradients))
    return transformed


def _on_device(parameters: Parameters) -> Parameters:
    return jax.tree.map(jnp.asarray, parameters)


def _positive(name: str, value: float) -> float:
    # float() also keeps a NumPy float64 scalar from promoting float32 arrays.
    if not 0 < value < math.inf:
        raise InputError(f"{name} is {value}, expected a positive finite number.")
    return float(value)
