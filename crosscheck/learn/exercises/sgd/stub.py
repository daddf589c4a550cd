"""Stochastic gradient descent: a step after each example."""

import numpy as np


def sgd_epoch(X, y, w, b, rate):
    """Go through the examples once, in order; return the new w (N,), the new b (a number), and losses (K,).

    X (K, N) holds an example in each row, y (K,) what should be predicted. w (N,) and the number b are the parameters
    to start from, rate is the step size. losses[k] is the loss of example k before its step.
    """
    raise NotImplementedError("TODO: return w, b, losses")
