"""Case 1: the gradients of a mean squared error."""

import numpy as np


def fit_forward(X, t, w, b):
    """Return the mean squared error and what the backward pass needs.

    Shapes: X (N, D), t (N,), w (D,), b a number, the loss a number.
    """
    error = X @ w + b - t
    loss = np.mean(error**2)
    return loss, (X, error)


ANSWER = "mended"


def fit_backward(dloss, cache):
    """Return dw (D,) and db (a number), given dloss (a number) and the cache of the forward pass."""
    X, error = cache
    dy = dloss * 2 * error / len(error)
    dw = X.T @ dy
    db = dy.sum()
    return dw, db


if __name__ == "__main__":
    random = np.random.default_rng(0)
    X, t, w = random.normal(size=(5, 3)), random.normal(size=5), random.normal(size=3)
    loss, cache = fit_forward(X, t, w, 0.5)
    dw, db = fit_backward(1.0, cache)
    print(loss, dw, db)
