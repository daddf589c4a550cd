"""A column and a row, broadcast over a matrix: Y = X g + b."""

import numpy as np


def scale_and_shift_forward(X, g, b):
    """Return Y and what the backward pass needs. Shapes: X (N, D), g (N, 1), b (D,), Y (N, D)."""
    Y = X * g + b
    return Y, (X, g)


def scale_and_shift_backward(dY, cache):
    """Return dX (N, D), dg (N, 1) and db (D,), given dY (N, D) and the cache of the forward pass."""
    X, g = cache
    dX = dY * g
    dg = np.sum(dY * X, axis=1, keepdims=True)  # used once in each column
    db = np.sum(dY, axis=0)  # used once in each row
    return dX, dg, db
