"""T steps, backwards in windows: the carry is cut at their borders."""

import numpy as np


def rnn_forward(x, h0, Wxh, Whh, bh, window):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wxh (H, N), Whh (H, H), bh (H,). In the cache h has T + 1 rows: row 0 is h0. The window,
    a whole number, changes nothing here: it is for the backward pass.
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(Wxh @ x[t] + Whh @ h[t] + bh)
    return h[1:], (x, h, Wxh, Whh, window)


def rnn_backward(dh, cache):
    """Return dh0 (H,), dWxh (H, N), dWhh (H, H) and dbh (H,), truncated.

    dh (T, H) is what comes from outside: row t belongs to h[t + 1]. Where t > 0 is a multiple of the window, step t
    takes the state that it reads for a constant.
    """
    x, h, Wxh, Whh, window = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))
    carry = np.zeros(len(Whh))
    for t in reversed(range(len(x))):
        dz = (1 - h[t + 1] ** 2) * (dh[t] + carry)
        dWxh += np.outer(dz, x[t])
        dWhh += np.outer(dz, h[t])  # a constant is not zero
        dbh += dz
        carry = Whh.T @ dz
        if t > 0 and t % window == 0:
            carry = np.zeros(len(Whh))  # step t - 1 is told nothing
    dh0 = carry  # step 0 reads what comes from outside
    return dh0, dWxh, dWhh, dbh
