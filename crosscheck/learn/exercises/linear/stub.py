"""A matrix times a vector: y = W x + b."""

import numpy as np


def linear_forward(W, x, b):
    """Return y and what the backward pass needs. Shapes: W (M, N), x (N,), b (M,), y (M,)."""
    y = W @ x + b
    return y, (W, x)


def linear_backward(dy, cache):
    """Return dW (M, N), dx (N,) and db (M,), given dy (M,) and the cache of the forward pass."""
    W, x = cache
    raise NotImplementedError("TODO: return dW, dx, db")
