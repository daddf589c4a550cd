"""A network with one hidden layer, put together from the pieces. Once it is solved, run this file: it learns."""

import numpy as np


def mlp_forward(X, targets, W1, b1, W2, b2):
    """Return the loss, a number, and what the backward pass needs.

    Shapes: X (N, D), targets (N,) whole numbers below V, W1 (D, H), b1 (H,), W2 (H, V), b2 (V,). In the cache h (N, H)
    is the hidden layer after the tanh, and p (N, V) holds the probabilities.
    """
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    e = np.exp(y - np.max(y, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(len(X)), targets]))
    return loss, (X, targets, h, p, W2)


def mlp_backward(dloss, cache):
    """Return dW1 (D, H), db1 (H,), dW2 (H, V) and db2 (V,), given dloss, a number, and the cache."""
    X, targets, h, p, W2 = cache
    raise NotImplementedError("TODO: return dW1, db1, dW2, db2")


if __name__ == "__main__":
    X, targets = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])  # exclusive or
    random = np.random.default_rng(0)
    W1, b1, W2, b2 = random.normal(size=(2, 5)), np.zeros(5), random.normal(size=(5, 2)), np.zeros(2)
    for step in range(201):
        loss, cache = mlp_forward(X, targets, W1, b1, W2, b2)
        if step % 20 == 0:
            print(f"step {step:3}   loss {loss:.4f}")
        found = zip((W1, b1, W2, b2), mlp_backward(1.0, cache), strict=True)
        W1, b1, W2, b2 = [parameter - gradient for parameter, gradient in found]
