"""Calls the learner's torch function and its rule."""

import types
from typing import Any

import numpy as np
import torch

from crosscheck.learn.loading import attribute


def drive(module: types.ModuleType, x: np.ndarray, gain: np.ndarray, epsilon: float, dy: np.ndarray) -> tuple[Any, ...]:
    """Return y, and what the rule makes of `dy` for x and the gain."""
    rule: Any = attribute(module, "RMSNorm")
    inputs = [torch.tensor(np.asarray(one), requires_grad=True) for one in (x, gain)]
    y = rule.apply(*inputs, epsilon)
    y.backward(torch.tensor(np.asarray(dy)))
    return y.detach().numpy(), *(None if one.grad is None else one.grad.numpy() for one in inputs)
