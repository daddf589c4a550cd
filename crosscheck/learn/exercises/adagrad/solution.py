"""Adagrad: each entry has a step size of its own."""

import numpy as np

EPSILON = 1e-8


def adagrad_step(parameter, gradient, memory, rate):
    """Return the new parameter and the new memory; the arrays that come in stay as they are.

    parameter, gradient and memory have the same shape, (M, N); memory holds the sum of the squares of all earlier
    gradients. rate is η, and ε is EPSILON, under the root.
    """
    memory = memory + gradient**2
    parameter = parameter - rate * gradient / np.sqrt(memory + EPSILON)
    return parameter, memory
