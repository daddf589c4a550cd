"""The gradient of a function, found by two-sided differences."""

import numpy as np


def gradient(f, x, h):
    """Return the two-sided differences of f at x with step h, an array (N,). Leave x as it is.

    f takes an array (N,) and returns a number; x is an array (N,), and h a positive number.
    """
    raise NotImplementedError("TODO: return found")
