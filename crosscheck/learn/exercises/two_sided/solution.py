"""The gradient of a function, found by two-sided differences."""

import numpy as np


def gradient(f, x, h):
    """Return the two-sided differences of f at x with step h, an array (N,). Leave x as it is.

    f takes an array (N,) and returns a number; x is an array (N,), and h a positive number.
    """
    found = np.zeros(len(x))
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        found[i] = (f(up) - f(down)) / (2 * h)
    return found
