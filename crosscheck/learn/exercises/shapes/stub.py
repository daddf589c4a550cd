"""A product of two matrices: Y = X W."""

import numpy as np


def product_forward(X, W):
    """Return Y and what the backward pass needs. Shapes: X (N, D), W (D, M), Y (N, M)."""
    Y = X @ W
    return Y, (X, W)


def product_backward(dY, cache):
    """Return dX (N, D) and dW (D, M), given dY (N, M) and the cache of the forward pass."""
    X, W = cache
    raise NotImplementedError("TODO: return dX, dW")
