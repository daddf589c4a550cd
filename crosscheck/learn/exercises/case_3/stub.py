"""Case 3: looking rows up in a table."""

import numpy as np


def lookup_forward(E, s, ids):
    """Return y and what the backward pass needs. Shapes: E (V, D), s (D,), ids (T,) of whole numbers, y (T, D)."""
    return E[ids] * s, (E, s, ids)


# TODO: find out whether lookup_backward is right; mend it if it is not; then set ANSWER to right or mended.
ANSWER = "TODO"


def lookup_backward(dy, cache):
    """Return dE (V, D) and ds (D,), given dy (T, D) and the cache of the forward pass."""
    E, s, ids = cache
    dE = np.zeros_like(E)
    dE[ids] += dy * s
    ds = (dy * E[ids]).sum(axis=0)
    return dE, ds
