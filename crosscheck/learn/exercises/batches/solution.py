"""B sequences side by side, backwards."""

import numpy as np


def rnn_forward(x, h0, Wxh, Whh, bh):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, B, N), h0 (B, H), Wxh (H, N), Whh (H, H), bh (H,). In the cache h is (T + 1, B, H): h[0] is h0.
    """
    h = np.zeros((len(x) + 1, *h0.shape))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(x[t] @ Wxh.T + h[t] @ Whh.T + bh)
    return h[1:], (x, h, Wxh, Whh)


def rnn_backward(dh, cache):
    """Return dh0 (B, H), dWxh (H, N), dWhh (H, H) and dbh (H,).

    dh (T, B, H) is what comes from outside: dh[t] belongs to h[t + 1], one row for each sequence.
    """
    x, h, Wxh, Whh = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))
    carry = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        dz = (1 - h[t + 1] ** 2) * (dh[t] + carry)  # (B, H)
        dWxh += dz.T @ x[t]  # the sum over b of outer products
        dWhh += dz.T @ h[t]
        dbh += dz.sum(axis=0)  # bh was added to every row
        carry = dz @ Whh  # row by row
    dh0 = carry  # a row for each sequence
    return dh0, dWxh, dWhh, dbh
