"""Softmax with cross-entropy, for one prediction. Once it is solved, run this file: how far does it go?"""

import numpy as np


def softmax_forward(y, target):
    """Return the loss, a number, and what the backward pass needs.

    y (V,) are the logits, target is the number of the symbol that came. In the cache are the probabilities p (V,).
    """
    e = np.exp(y)
    p = e / e.sum()
    loss = -np.log(p[target])
    return loss, (p, target)


def softmax_backward(dloss, cache):
    """Return dy (V,), given dloss, a number, and the cache of the forward pass."""
    p, target = cache
    dy = p.copy()
    dy[target] -= 1
    return dloss * dy


if __name__ == "__main__":
    for size in (1, 10, 100, 1000):
        loss, cache = softmax_forward(size * np.array([1.0, 0.5, 0.0]), 1)
        print(f"logits {size:4}, {size / 2:5}, 0:   loss {loss:7.4f}   dy {np.round(softmax_backward(1.0, cache), 4)}")
