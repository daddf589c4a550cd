"""Layers whose bias has its numbers along one axis: handed in that shape, and named where no gradient of it fits."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

def layer_forward(x, W, b):
    m, n = x.shape
    (n, k) = W.shape
    out = np.zeros((m, k))
    for i in range(m):
        for c in range(k):
            out[i, c] = np.sum(x[i] * W[:, c]) + {share}b[0, 0, c]
    return out, (x, W, b)

def layer_backward(dout, cache):
    x, W, b = cache
    db = np.zeros((1, 1, W.shape[1]))
    db[0, 0] = dout.sum(axis=0)
    return dout @ W.T, x.T @ dout, db
"""


@pytest.mark.parametrize(("share", "verdict"), [("", Verdict.AGREE), ("3 * ", Verdict.DISAGREE)])
def test_a_bias_along_the_last_axis_is_judged(
    verdicts: Callable[[str], list[Verdict]], share: str, verdict: Verdict
) -> None:
    assert verdicts(LAYER.format(share=share)) == [verdict]
