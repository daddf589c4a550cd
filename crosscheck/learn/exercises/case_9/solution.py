"""Case 9: a network that adds to its state."""

import numpy as np


def adding_forward(x, h0, Wx, Wh, b):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wx (H, N), Wh (H, H), b (H,). In the cache h (T + 1, H) begins with h0; a is (T, H).
    """
    h, a = np.zeros((len(x) + 1, len(h0))), np.zeros((len(x), len(h0)))
    h[0] = h0
    for t in range(len(x)):
        a[t] = np.tanh(Wx @ x[t] + Wh @ h[t] + b)
        h[t + 1] = h[t] + a[t]
    return h[1:], (x, h, a, Wx, Wh)


ANSWER = "right"


def adding_backward(dh, cache):
    """Return dWx (H, N), dWh (H, H), db (H,) and dh0 (H,).

    dh (T, H) comes from outside: dh[t] says how the loss moves with h[t + 1], the steps that follow left out.
    """
    x, h, a, Wx, Wh = cache
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    carry = np.zeros(len(Wh))
    for t in reversed(range(len(x))):
        carry += dh[t]
        dz = (1 - a[t] ** 2) * carry
        dWx += np.outer(dz, x[t])
        dWh += np.outer(dz, h[t])
        db += dz
        carry += Wh.T @ dz
    return dWx, dWh, db, carry
