"""T steps of a recurrent network, backwards."""

import numpy as np


def rnn_forward(x, h0, Wxh, Whh, bh):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wxh (H, N), Whh (H, H), bh (H,). In the cache h has T + 1 rows: row 0 is h0.
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(Wxh @ x[t] + Whh @ h[t] + bh)
    return h[1:], (x, h, Wxh, Whh)


def rnn_backward(dh, cache):
    """Return dWxh (H, N), dWhh (H, H) and dbh (H,).

    dh (T, H) is what comes from outside: row t says how the loss moves with h[t + 1] as the outside world sees it, and
    knows nothing of the steps that follow.
    """
    x, h, Wxh, Whh = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))
    dh_next = np.zeros(len(Whh))  # nothing follows the last step
    for t in reversed(range(len(x))):
        dstate = dh[t] + dh_next  # h[t + 1] is seen from outside and by the next step
        dz = (1 - h[t + 1] ** 2) * dstate  # tanh'(z) = 1 - tanh(z)²
        dWxh += np.outer(dz, x[t])
        dWhh += np.outer(dz, h[t])  # the state before the step
        dbh += dz
        dh_next = Whh.T @ dz
    return dWxh, dWhh, dbh
