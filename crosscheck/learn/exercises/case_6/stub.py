"""Case 6: a weighted mean of the rows of a memory."""

import numpy as np


def read_forward(z, M):
    """Return y and what the backward pass needs. Shapes: scores z (B, V), memory M (V, D), y (B, D)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p @ M, (p, M)


# TODO: find out whether read_backward is right; mend it if it is not; then set ANSWER to right or mended.
ANSWER = "TODO"


def read_backward(dy, cache):
    """Return dz (B, V) and dM (V, D), given dy (B, D) and the cache of the forward pass."""
    p, M = cache
    dM = p.T @ dy
    dp = dy @ M.T
    dz = p * (1 - p) * dp
    return dz, dM
