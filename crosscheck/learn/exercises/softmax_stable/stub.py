"""Softmax with cross-entropy for many predictions, at any size of the logits."""

import numpy as np


def softmax_loss(y, targets):
    """Return the loss, a number, and its gradient dy (N, V).

    y (N, V) are the logits, one prediction in each row; targets (N,) are the symbols that came, whole numbers below V.
    The loss is the mean of -log p over the predictions, where p is the probability of the target.
    """
    raise NotImplementedError("TODO: return loss, dy")
