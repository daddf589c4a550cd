"""Case 5: a network that reads symbols."""

import numpy as np


def symbols_forward(ids, h0, Wx, Wh, b):
    """Return the states after each step, and what the backward pass needs.

    Shapes: ids (T,) of whole numbers below V, h0 (H,), Wx (H, V), Wh (H, H), b (H,); the states are (T, H).
    """
    h = np.zeros((len(ids) + 1, len(h0)))
    h[-1] = h0
    for t in range(len(ids)):
        h[t] = np.tanh(Wx[:, ids[t]] + Wh @ h[t - 1] + b)
    return h[:-1], (ids, h, Wx, Wh)


ANSWER = "right"


def symbols_backward(dh, cache):
    """Return dWx (H, V), dWh (H, H), db (H,) and dh0 (H,).

    dh (T, H) comes from outside: dh[t] says how the loss moves with h[t], the steps that follow left out.
    """
    ids, h, Wx, Wh = cache
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    carry = np.zeros(len(Wh))
    for t in reversed(range(len(ids))):
        i = ids[t]
        dz = (1 - h[t]) * (1 + h[t]) * (dh[t] + carry)
        dWx[:, i] += dz
        dWh += np.outer(dz, h[t - 1])
        db += dz
        carry = dz @ Wh
    return dWx, dWh, db, carry
