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
    raise NotImplementedError("TODO: return dWx1, dWh1, db1, dWx2, dWh2, db2")
