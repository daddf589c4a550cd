"""The gradient of a function, found by complex steps."""

import numpy as np


def gradient(f, x):
    """Return the gradient of f at x, an array (N,) of real numbers, right to the last digits.

    f takes an array (N,), real or complex, and returns a number of that kind; x is an array (N,) of real numbers.
    """
    h = 1e-20
    found = np.zeros(len(x))
    for i in range(len(x)):
        z = x.astype(complex)
        z[i] += 1j * h
        found[i] = f(z).imag / h
    return found
