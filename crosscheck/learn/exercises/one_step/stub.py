"""One step of a recurrent network, backwards."""

import numpy as np


def step_forward(x, h_before, Wxh, Whh, bh):
    """Return the new state h, and what the backward pass needs.

    Shapes: x (N,), h_before (H,), Wxh (H, N), Whh (H, H), bh (H,), h (H,).
    """
    h = np.tanh(Wxh @ x + Whh @ h_before + bh)
    return h, (x, h_before, h, Wxh, Whh)


def step_backward(dh, cache):
    """Return dx (N,), dh_before (H,), dWxh (H, N), dWhh (H, H) and dbh (H,), given dh (H,)."""
    x, h_before, h, Wxh, Whh = cache
    raise NotImplementedError("TODO: return dx, dh_before, dWxh, dWhh, dbh")
