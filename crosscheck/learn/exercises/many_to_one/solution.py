"""A network that reads T symbols and answers once, backwards."""

import numpy as np


def rnn_forward(x, h0, Wxh, Whh, Why, bh, by):
    """Return the logits y (C,), and what the backward pass needs.

    Shapes: x (T,) whole numbers below V, h0 (H,), Wxh (H, V), Whh (H, H), Why (C, H), bh (H,), by (C,). In the cache h
    has T + 1 rows: row 0 is h0.
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(Wxh[:, x[t]] + Whh @ h[t] + bh)
    y = Why @ h[-1] + by
    return y, (x, h, Wxh, Whh, Why)


def rnn_backward(dy, cache):
    """Return dWxh (H, V), dWhh (H, H), dWhy (C, H), dbh (H,) and dby (C,), given dy (C,)."""
    x, h, Wxh, Whh, Why = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))
    dWhy = np.outer(dy, h[-1])
    dby = dy.copy()
    carry = Why.T @ dy  # the only way from the states to the loss
    for t in reversed(range(len(x))):
        dz = (1 - h[t + 1] ** 2) * carry
        dWxh[:, x[t]] += dz  # a symbol may occur twice
        dWhh += np.outer(dz, h[t])
        dbh += dz
        carry = Whh.T @ dz
    return dWxh, dWhh, dWhy, dbh, dby
