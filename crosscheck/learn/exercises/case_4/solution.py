"""Case 4: T steps of a recurrent network for a batch."""

import numpy as np


def batch_forward(x, h0, Wx, Wh, b):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, B, N), h0 (B, H), Wx (N, H), Wh (H, H), b (H,). In the cache h has T + 1 entries: the first is h0.
    """
    h = np.zeros((len(x) + 1, *h0.shape))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(x[t] @ Wx + h[t] @ Wh + b)
    return h[1:], (x, h, Wx, Wh)


ANSWER = "mended"


def batch_backward(dh, cache):
    """Return dWx (N, H), dWh (H, H), db (H,) and dh0 (B, H).

    dh (T, B, H) comes from outside: dh[t] says how the loss moves with h[t + 1], the steps that follow left out.
    """
    x, h, Wx, Wh = cache
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    carry = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        dz = (1 - h[t + 1] ** 2) * (dh[t] + carry)
        dWx += x[t].T @ dz
        dWh += h[t].T @ dz
        db += dz.sum(axis=0)
        carry = dz @ Wh.T
    return dWx, dWh, db, carry
