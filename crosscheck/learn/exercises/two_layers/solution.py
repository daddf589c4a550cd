"""Two recurrent layers, one above the other, backwards."""

import numpy as np


def layers_forward(x, start1, start2, Wx1, Wh1, b1, Wx2, Wh2, b2):
    """Return the upper states h2[1] to h2[T], and what the backward pass needs.

    Shapes: x (T, N), start1 (H,), start2 (M,); of the lower layer Wx1 (H, N), Wh1 (H, H), b1 (H,); of the upper layer
    Wx2 (M, H), Wh2 (M, M), b2 (M,). In the cache h1 and h2 have T + 1 rows: row 0 holds the initial states.
    """
    h1, h2 = np.zeros((len(x) + 1, len(b1))), np.zeros((len(x) + 1, len(b2)))
    h1[0], h2[0] = start1, start2
    for t in range(len(x)):
        h1[t + 1] = np.tanh(Wx1 @ x[t] + Wh1 @ h1[t] + b1)
        h2[t + 1] = np.tanh(Wx2 @ h1[t + 1] + Wh2 @ h2[t] + b2)
    return h2[1:], (x, h1, h2, Wx1, Wh1, Wx2, Wh2)


def layers_backward(dh, cache):
    """Return dWx1 (H, N), dWh1 (H, H), db1 (H,), dWx2 (M, H), dWh2 (M, M) and db2 (M,).

    dh (T, M) is what comes from outside: row t belongs to h2[t + 1]. The lower states are not seen from outside.
    """
    x, h1, h2, Wx1, Wh1, Wx2, Wh2 = cache
    dWx1, dWh1, db1 = np.zeros_like(Wx1), np.zeros_like(Wh1), np.zeros(len(Wh1))
    dWx2, dWh2, db2 = np.zeros_like(Wx2), np.zeros_like(Wh2), np.zeros(len(Wh2))
    carry1, carry2 = np.zeros(len(Wh1)), np.zeros(len(Wh2))
    for t in reversed(range(len(x))):
        dz2 = (1 - h2[t + 1] ** 2) * (dh[t] + carry2)  # seen from outside and by step t + 1
        carry2 = Wh2.T @ dz2
        down = Wx2.T @ dz2
        dz1 = (1 - h1[t + 1] ** 2) * (down + carry1)  # seen by the upper layer and by step t + 1
        carry1 = Wh1.T @ dz1
        dWx2 += np.outer(dz2, h1[t + 1])
        dWh2 += np.outer(dz2, h2[t])
        db2 += dz2
        dWx1 += np.outer(dz1, x[t])
        dWh1 += np.outer(dz1, h1[t])
        db1 += dz1
    return dWx1, dWh1, db1, dWx2, dWh2, db2
