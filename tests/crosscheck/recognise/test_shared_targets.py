"""One target for all outputs of a step is taken for each of them, as NumPy takes it."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

SHARED = """
import numpy as np

class Yes:
    def __init__(self, size, width, outs):
        self.A = np.random.randn(width, size) * 0.4
        self.B = np.random.randn(outs, width) * 0.4

    def forward(self, xs):
        ys, hs = [], []
        for t in range(xs.shape[0]):
            h = np.tanh(self.A @ xs[t].reshape(-1, 1))
            ys.append(1 / (1 + np.exp(-(self.B @ h))))
            hs.append(h)
        return ys, hs

    def backward(self, xs, targets, ys, hs):
        dA, dB = np.zeros_like(self.A), np.zeros_like(self.B)
        for t in range(len(xs)):
            dy = ys[t] - targets[t]
            dB += np.dot(dy, hs[t].T)
            d = (1 - hs[t] ** 2) * np.dot(self.B.T, dy)
            dA += np.dot(d, xs[t].reshape(1, -1))
        self.A -= 0.1 * dA
        self.B -= 0.1 * dB
"""


@pytest.mark.thorough
def test_a_right_one_agrees_and_a_wrong_one_does_not(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(SHARED) == [Verdict.AGREE]
    assert "1 - hs[t] ** 2" in SHARED
    assert verdicts(SHARED.replace("1 - hs[t] ** 2", "1 - hs[t]")) == [Verdict.DISAGREE]
