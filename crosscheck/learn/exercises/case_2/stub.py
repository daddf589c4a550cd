"""Case 2: a network with one hidden layer."""

import numpy as np


def mlp_forward(x, W1, b1, W2, b2):
    """Return y and what the backward pass needs.

    Shapes: x (B, D), W1 (D, H), b1 (H,), W2 (H, K), b2 (K,), y (B, K).
    """
    h = np.tanh(x @ W1 + b1)
    return h @ W2 + b2, (x, h, W2)


def tanh_slope(z):
    """Return the derivative of the tanh at z."""
    return 1 - np.tanh(z) ** 2


# TODO: find out whether mlp_backward is right; mend it if it is not; then set ANSWER to right or mended.
ANSWER = "TODO"


def mlp_backward(dy, cache):
    """Return dW1 (D, H), db1 (H,), dW2 (H, K) and db2 (K,), given dy (B, K) and the cache of the forward pass."""
    x, h, W2 = cache
    dW2 = h.T @ dy
    db2 = dy.sum(axis=0)
    dh = dy @ W2.T
    dz = tanh_slope(h) * dh
    dW1 = x.T @ dz
    db1 = dz.sum(axis=0)
    return dW1, db1, dW2, db2
