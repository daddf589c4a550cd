"""Three rules for a step downhill, as pairs of pure functions: `init` makes a state, `update` makes the next one.

The state goes in and comes out as a value; nothing that is passed in changes. All rules work entry by entry, so the
arrays may carry leading model axes: a stack of models is updated like each model alone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from manual.errors import InputError
from manual.parameters import Parameters


class SgdState(NamedTuple):
    """Gradient descent remembers nothing."""


class AdagradState(NamedTuple):
    """What Adagrad remembers."""

    memory: Parameters
    """Sum of the squared gradients of all steps so far."""


class AdamState(NamedTuple):
    """What Adam remembers."""

    count: np.int64  # pyright: ignore[reportIncompatibleMethodOverride] (as in optax; nobody calls tuple.count here)
    """Number of steps taken; shared by all models of a stack."""
    mean: Parameters
    """Decaying mean of the gradients, biased towards its start at zero."""
    square: Parameters
    """Decaying mean of the squared gradients, biased likewise."""


class Optimiser(NamedTuple):
    """A rule for updates."""

    name: str
    init: Callable[[Parameters], Any]
    """parameters -> state before the first step"""
    update: Callable[[Parameters, Any, Parameters], tuple[Parameters, Any]]
    """(gradients, state, parameters) -> (new parameters, new state)"""


def sgd(learning_rate: float = 0.1) -> Optimiser:
    """Gradient descent: `p − η g`.

    >>> sgd(learning_rate=0.5).name
    'sgd'
    """
    rate = _positive("learning_rate", learning_rate)

    def init(_parameters: Parameters) -> SgdState:
        return SgdState()

    def update(gradients: Parameters, state: SgdState, parameters: Parameters) -> tuple[Parameters, SgdState]:
        moved = (p + -rate * g for p, g in zip(parameters, gradients, strict=True))
        return parameters._make(moved), state

    return Optimiser("sgd", init, update)


def adagrad(learning_rate: float = 0.1, epsilon: float = 1e-8) -> Optimiser:
    """Adagrad (Duchi, Hazan and Singer, 2011) as in the gist: `m + g²`, then `p − η g / √(m + ε)`, ε inside the root.

    The first step has nearly the size η whatever the size of g, once |g| is well above √ε. A gradient beyond the root
    of the largest number overflows in m, NumPy warns, and that entry stands still from then on.
    """
    rate = _positive("learning_rate", learning_rate)
    epsilon = _positive("epsilon", epsilon)

    def init(parameters: Parameters) -> AdagradState:
        _refuse_vanishing(epsilon, parameters)
        return AdagradState(memory=_zeros(parameters))

    def update(gradients: Parameters, state: AdagradState, parameters: Parameters) -> tuple[Parameters, AdagradState]:
        memory = parameters._make(m + g * g for m, g in zip(state.memory, gradients, strict=True))
        moved = (p + -rate * g / np.sqrt(m + epsilon) for p, g, m in zip(parameters, gradients, memory, strict=True))
        return parameters._make(moved), AdagradState(memory)

    return Optimiser("adagrad", init, update)


def adam(learning_rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Optimiser:
    """Adam (Kingma and Ba, 2015, algorithm 1), bias-corrected, ε outside the root.

    Mean `m = β₁ m + (1 − β₁) g`, square `v = β₂ v + (1 − β₂) g²`, and after step t
    `p − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
    """
    rate = _positive("learning_rate", learning_rate)
    beta1, beta2 = _decay("beta1", beta1), _decay("beta2", beta2)
    epsilon = _positive("epsilon", epsilon)

    def init(parameters: Parameters) -> AdamState:
        _refuse_vanishing(epsilon, parameters)
        return AdamState(count=np.int64(0), mean=_zeros(parameters), square=_zeros(parameters))

    def update(gradients: Parameters, state: AdamState, parameters: Parameters) -> tuple[Parameters, AdamState]:
        count = np.int64(state.count + 1)
        mean = parameters._make(beta1 * m + (1 - beta1) * g for m, g in zip(state.mean, gradients, strict=True))
        square = parameters._make(
            beta2 * v + (1 - beta2) * (g * g) for v, g in zip(state.square, gradients, strict=True)
        )

        def moved(p: np.ndarray, m: np.ndarray, v: np.ndarray) -> np.ndarray:
            unbiased_mean = m / _weight_so_far(beta1, count, p.dtype)
            unbiased_square = v / _weight_so_far(beta2, count, p.dtype)
            return p + -rate * unbiased_mean / (np.sqrt(unbiased_square) + epsilon)

        return parameters._make(map(moved, parameters, mean, square)), AdamState(count, mean, square)

    return Optimiser("adam", init, update)


_BY_NAME = {"sgd": sgd, "adagrad": adagrad, "adam": adam}


def by_name(name: str, learning_rate: float | None = None) -> Optimiser:
    """Return the optimiser called `name` ('sgd', 'adagrad', 'adam'), with its own learning rate unless one is given."""
    if name not in _BY_NAME:
        raise InputError(f"There is no optimiser {name!r}: choose one of {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]() if learning_rate is None else _BY_NAME[name](learning_rate)


def _weight_so_far(beta: float, count: np.int64, dtype: np.dtype) -> np.floating:
    """Return 1 − βᵗ, the sum of the weights that a decaying mean has given out after t steps.

    At least in double: 0.999 raised to a small power is so near 1 that single precision would leave four digits.
    """
    wide = np.promote_types(dtype, np.float64).type
    return dtype.type(wide(1) - wide(beta) ** wide(count))


def _zeros(parameters: Parameters) -> Parameters:
    return parameters._make(np.zeros_like(p) for p in parameters)


def _positive(name: str, value: float) -> float:
    # float() also keeps a NumPy float64 scalar from promoting float32 parameters.
    if not 0 < value < float("inf"):
        raise InputError(f"{name} is {value}, expected a positive finite number.")
    return float(value)


def _decay(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise InputError(f"{name} is {value}, expected a number from 0 up to, not including, 1.")
    return float(value)


def _refuse_vanishing(epsilon: float, parameters: Parameters) -> None:
    for dtype in {p.dtype for p in parameters}:
        if dtype.type(epsilon) == 0:
            raise InputError(
                f"epsilon {epsilon} is 0 in {dtype}, so that a zero gradient would give 0/0: pass a larger epsilon or "
                "convert the parameters to float32."
            )
