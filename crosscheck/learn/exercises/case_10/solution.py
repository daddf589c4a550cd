"""Case 10: a batch of texts that are not equally long."""

import numpy as np


def masked_forward(x, m, h0, Wx, Wh, b):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, B, N), m (T, B, 1) of ones and zeros, h0 (B, H), Wx (N, H), Wh (H, H), b (H,). In the cache h has
    T + 1 entries, the first is h0; n (T, B, H) is what the steps would make.
    """
    h, n = np.zeros((len(x) + 1, *h0.shape)), np.zeros((len(x), *h0.shape))
    h[0] = h0
    for t in range(len(x)):
        n[t] = np.tanh(x[t] @ Wx + h[t] @ Wh + b)
        h[t + 1] = m[t] * n[t] + (1 - m[t]) * h[t]
    return h[1:], (x, m, h, n, Wx, Wh)


ANSWER = "mended"


def masked_backward(dh, cache):
    """Return dWx (N, H), dWh (H, H), db (H,) and dh0 (B, H).

    dh (T, B, H) comes from outside: dh[t] says how the loss moves with h[t + 1], the steps that follow left out.
    """
    x, m, h, n, Wx, Wh = cache
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    carry = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        dstate = dh[t] + carry
        dz = m[t] * (1 - n[t] ** 2) * dstate
        dWx += x[t].T @ dz
        dWh += h[t].T @ dz
        db += dz.sum(axis=0)
        carry = dz @ Wh.T + (1 - m[t]) * dstate  # where the mask is 0, the state went on as it was
    return dWx, dWh, db, carry
