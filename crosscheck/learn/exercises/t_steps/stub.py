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
    raise NotImplementedError("TODO: return dWxh, dWhh, dbh")
