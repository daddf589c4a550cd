"""Case 6: a weighted mean of the rows of a memory."""

import numpy as np


def read_forward(z, M):
    """Return y and what the backward pass needs. Shapes: scores z (B, V), memory M (V, D), y (B, D)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p @ M, (p, M)


ANSWER = "mended"


def read_backward(dy, cache):
    """Return dz (B, V) and dM (V, D), given dy (B, D) and the cache of the forward pass."""
    p, M = cache
    dM = p.T @ dy
    dp = dy @ M.T
    dz = p * (dp - (p * dp).sum(axis=1, keepdims=True))
    return dz, dM
