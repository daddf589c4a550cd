"""The two ends of a window: the state that it starts from, and the state that it leaves behind."""

import numpy as np


def window_forward(x, h0, Wxh, Whh, bh):
    """Return the states h[1] to h[T], the last one once more for the next window, and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wxh (H, N), Whh (H, H), bh (H,). In the cache h has T + 1 rows: row 0 is h0.
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(Wxh @ x[t] + Whh @ h[t] + bh)
    return h[1:], h[-1].copy(), (x, h, Wxh, Whh)


def window_backward(dh, dlast, cache):
    """Return dh0 (H,), dWxh (H, N), dWhh (H, H) and dbh (H,).

    dh (T, H) is what comes from outside: row t belongs to h[t + 1]. dlast (H,) is what the next window passes back to
    h[T], in addition to its row of dh.
    """
    x, h, Wxh, Whh = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))
    carry = dlast  # the next window reads the last state
    for t in reversed(range(len(x))):
        dz = (1 - h[t + 1] ** 2) * (dh[t] + carry)
        dWxh += np.outer(dz, x[t])
        dWhh += np.outer(dz, h[t])
        dbh += dz
        carry = Whh.T @ dz
    dh0 = carry  # only step 0 reads h0
    return dh0, dWxh, dWhh, dbh
