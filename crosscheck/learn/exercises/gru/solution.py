"""One step of a GRU, backwards."""

import numpy as np


def sigmoid(a):
    """Return the sigmoid, entry by entry."""
    return 1 / (1 + np.exp(-a))


def gru_forward(x, h, W, U, b):
    """Return the new state and what the backward pass needs.

    Shapes: x (N,), h (H,), W (3 H, N), U (3 H, H), b (3 H,), the last three with blocks of H rows, those of
    r, z and n, one below the other (Wr, Wz and Wn, and so on); the new state is (H,), like r, z and n.
    """
    H = len(h)
    Ur, Uz, Un = U.reshape(3, H, H)
    ar, az, an = (W @ x + b).reshape(3, H)
    r, z = sigmoid(ar + Ur @ h), sigmoid(az + Uz @ h)
    n = np.tanh(an + Un @ (r * h))
    return (1 - z) * n + z * h, (x, h, r, z, n, W, U)


def gru_backward(dh_new, cache):
    """Return dW (3 H, N), dU (3 H, H), db (3 H,), dx (N,) and dh (H,), given dh_new (H,) and the cache."""
    x, h, r, z, n, W, U = cache
    Ur, Uz, Un = U.reshape(3, len(h), len(h))
    dn = (1 - z) * dh_new
    dz = (h - n) * dh_new
    dan = (1 - n**2) * dn
    dreset = Un.T @ dan  # of the product r h
    dr = h * dreset
    dar = r * (1 - r) * dr
    daz = z * (1 - z) * dz
    da = np.concatenate([dar, daz, dan])
    dW, db = np.outer(da, x), da.copy()
    dU = np.concatenate([np.outer(dar, h), np.outer(daz, h), np.outer(dan, r * h)])
    dx = W.T @ da
    dh = z * dh_new + r * dreset + Ur.T @ dar + Uz.T @ daz
    return dW, dU, db, dx, dh
