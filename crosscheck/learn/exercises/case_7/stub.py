"""Case 7: the softmax and its cross-entropy."""

import numpy as np


def surprise_forward(z, targets):
    """Return the loss at each place, and what the backward pass needs.

    Shapes: logits z (T, V), targets (T,) of whole numbers below V, losses (T,).
    """
    shifted = z - z.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    places = np.arange(len(z))
    return np.log(total[:, 0]) - shifted[places, targets], (e / total, targets)


# TODO: find out whether surprise_backward is right; mend it if it is not; then set ANSWER to right or mended.
ANSWER = "TODO"


def surprise_backward(dloss, cache):
    """Return dz (T, V), given dloss (T,) and the cache of the forward pass: the probabilities and the targets."""
    p, targets = cache
    dz = p
    dz[np.arange(len(p)), targets] -= 1
    dz *= dloss[:, None]
    return dz
