"""Attention of one head, each step looking at itself and at what came before."""

import numpy as np


def attention_forward(Q, K, V):
    """Return Y and what the backward pass needs. Shapes: Q and K (T, D), V and Y (T, E), the weights P (T, T)."""
    T, D = Q.shape
    S = Q @ K.T / np.sqrt(D)
    seen = np.tril(np.ones((T, T)))
    e = np.exp(S - S.max(axis=1, keepdims=True)) * seen
    P = e / e.sum(axis=1, keepdims=True)
    return P @ V, (Q, K, V, P)


def attention_backward(dY, cache):
    """Return dQ (T, D), dK (T, D) and dV (T, E), given dY (T, E) and the cache of the forward pass."""
    Q, K, V, P = cache
    dV = P.T @ dY
    dP = dY @ V.T
    dS = P * (dP - (P * dP).sum(axis=1, keepdims=True))
    dS = dS / np.sqrt(Q.shape[1])
    dQ = dS @ K
    dK = dS.T @ Q
    return dQ, dK, dV
