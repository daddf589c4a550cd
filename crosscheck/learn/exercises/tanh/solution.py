"""The hyperbolic tangent, entry by entry. The forward pass keeps its result."""

import numpy as np


def tanh_forward(x):
    """Return y twice: as the result, and as what the backward pass needs. Shapes: x and y (N,)."""
    y = np.tanh(x)
    return y, y


def tanh_backward(dy, cache):
    """Return dx (N,), given dy (N,) and the result of the forward pass."""
    y = cache
    return dy * (1 - y**2)
