"""Layers whose bias has its numbers along one axis: handed in that shape, and named where no gradient of it fits."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

def one_step(part, W, b):
    return np.sum(part * W + b)

def conv_forward(A_prev, W, b):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    n_H, n_W = n_H_prev - f + 1, n_W_prev - f + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    Z[i, h, w, c] = one_step(A_prev[i, h:h + f, w:w + f], W[:, :, :, c], b[0, 0, 0, c])
    return Z, (A_prev, W, b)

def conv_backward(dZ, cache):
    A_prev, W, b = cache
    (m, n_H, n_W, n_C) = dZ.shape
    (f, f, n_C_prev, n_C) = W.shape
    dA_prev, dW = np.zeros(A_prev.shape), np.zeros(W.shape)
    db = np.zeros((1, 1, 1, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    dA_prev[i, h:h + f, w:w + f] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += A_prev[i, h:h + f, w:w + f] * dZ[i, h, w, c]
    db[0, 0, 0] = {share}dZ.sum(axis=(0, 1, 2))
    return dA_prev, dW, db
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("share", "verdict"), [("f * f * n_C_prev * ", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_bias_along_the_last_axis_is_judged(
    verdicts: Callable[[str], list[Verdict]], share: str, verdict: Verdict
) -> None:
    assert verdicts(LAYER.format(share=share)) == [verdict]
