"""Functions that go on from the gradient of a loss that is judged by itself, without a name: `return l, X.T @ ds`."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LINEAR = """
import numpy as np

def hinge(s, y):
    rows = np.arange(len(s))
    margins = np.maximum(0, s - s[rows, y][:, None] + 1.0)
    margins[rows, y] = 0
    dx = (margins > 0).astype(float)
    dx[rows, y] = -dx.sum(axis=1)
    dx /= len(s)
    return margins.sum() / len(s), dx

class Linear:
    def __init__(self, d, c, strength=0.05):
        self.W = 0.1 * np.random.randn(d, c)
        self.strength = strength

    def cost(self, X, y):
        l, ds = hinge(X @ self.W, y)
        l += 0.5 * self.strength * np.sum(self.W * self.W)
        return l, {slope}

    def train(self, X, y, rate=0.1):
        for _ in range(50):
            rows = np.random.choice(len(X), 16)
            l, g = self.cost(X[rows], y[rows])
            self.W -= rate * g
            print(l)

X = np.random.randn(80, 4)
Linear(4, 3).train(X, np.argmax(X[:, :3], 1))
"""


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        ("X.T @ ds + self.strength * self.W", Verdict.AGREE),
        ("np.dot(X.T, ds) + self.strength * self.W", Verdict.AGREE),
        ("X.T @ ds + 2 * self.strength * self.W", Verdict.DISAGREE),
        ("X.T.dot(ds)", Verdict.DISAGREE),
    ],
)
def test_both_are_judged(verdicts: Callable[[str], list[Verdict]], slope: str, verdict: Verdict) -> None:
    assert verdicts(LINEAR.format(slope=slope)) == [Verdict.AGREE, verdict]
