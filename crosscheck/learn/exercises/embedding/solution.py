"""Rows of a table, looked up by number."""

import numpy as np


def embedding_forward(E, symbols):
    """Return x and what the backward pass needs. Shapes: E (V, D), symbols (T,) whole numbers below V, x (T, D)."""
    x = E[symbols]
    return x, (symbols, len(E))


def embedding_backward(dx, cache):
    """Return dE (V, D), given dx (T, D) and the cache of the forward pass: the symbols (T,) and V."""
    symbols, V = cache
    dE = np.zeros((V, dx.shape[1]))
    np.add.at(dE, symbols, dx)  # one after the other: a symbol that occurs twice gets both
    return dE
