"""The loss of a prediction and its derivative: -log softmax(y)[target], in nats.

Neither overflows, and neither loses digits where the target is nearly certain. Derived in README.md beside this file.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.parameters import Floating


class Likelihood(NamedTuple):
    """The softmax of every step, kept as fractions: the target's exponential apart from all others."""

    loss: Any
    exponentials: Floating[np.ndarray, "*models rows vocabulary"]
    """exp(y - max y), with 0 in the target's place."""
    others: Floating[np.ndarray, "*models rows"]
    """Their sum."""
    total: Floating[np.ndarray, "*models rows"]
    """Their sum and the target's."""
    at_target: Int[np.ndarray, "*models rows"]
    """Where the targets lie in the flattened array of exponentials."""


def cross_entropy(
    y: Floating[np.ndarray, "*models rows vocabulary"], targets: Int[np.ndarray, "*models rows"]
) -> Likelihood:
    """Sum up log(sum over v of exp(y[v])) - y[target] for each step. Changes `y` into the exponentials."""
    at_target = np.arange(0, y.size, y.shape[-1]).reshape(targets.shape) + targets
    y -= y.max(axis=-1, keepdims=True)  # the same loss, and exp cannot overflow
    y_target = y.reshape(-1)[at_target]
    exponentials = np.exp(y, out=y)
    e_target = exponentials.reshape(-1)[at_target]
    exponentials.reshape(-1)[at_target] = 0
    others = exponentials.sum(axis=-1)
    # log(others + e_target) - y_target, with every digit of the loss where the target is nearly certain.
    losses = np.log1p(others + (e_target - 1)) - y_target
    return Likelihood(losses.sum(axis=-1), exponentials, others, others + e_target, at_target)


def cross_entropy_backward(likelihood: Likelihood) -> Floating[np.ndarray, "*models rows vocabulary"]:
    """Return dy = softmax(y), minus 1 at the target. Changes the exponentials into dy."""
    _, exponentials, others, total, at_target = likelihood
    dy = exponentials
    dy /= total[..., None]  # the softmax p: the derivative of log(sum of exp(y))
    dy.reshape(-1)[at_target] = -others / total  # p - 1 = -(1 - p), without the cancellation where p is close to 1
    return dy
