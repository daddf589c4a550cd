"""Two steps of a recurrent network, backwards."""

import numpy as np


def two_steps_forward(x, h0, Wxh, Whh, bh):
    """Return both states, h1 in row 0 and h2 in row 1, and what the backward pass needs.

    Shapes: x (2, N), h0 (H,), Wxh (H, N), Whh (H, H), bh (H,).
    """
    h1 = np.tanh(Wxh @ x[0] + Whh @ h0 + bh)
    h2 = np.tanh(Wxh @ x[1] + Whh @ h1 + bh)
    return np.stack([h1, h2]), (x, h0, h1, h2, Wxh, Whh)


def two_steps_backward(dh, cache):
    """Return dx (2, N), dWxh (H, N), dWhh (H, H) and dbh (H,).

    dh (2, H) is what comes from the loss: row 0 belongs to h1, row 1 to h2, each as the loss sees it directly.
    """
    x, h0, h1, h2, Wxh, Whh = cache
    dz2 = (1 - h2**2) * dh[1]  # only the loss sees h2
    dh_next = Whh.T @ dz2  # what the second step passes back to h1
    dz1 = (1 - h1**2) * (dh[0] + dh_next)  # the loss and the second step see h1
    dx = np.stack([Wxh.T @ dz1, Wxh.T @ dz2])
    dWxh = np.outer(dz1, x[0]) + np.outer(dz2, x[1])
    dWhh = np.outer(dz1, h0) + np.outer(dz2, h1)
    dbh = dz1 + dz2
    return dx, dWxh, dWhh, dbh
