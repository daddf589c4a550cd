"""Steps that a function takes which is not here: the gradients that it is handed are judged."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

TRAINING = """import numpy as np
from optimizers import *

class Net:
    def __init__(self, n, m):
        self.W, self.V = np.random.randn(n, m) * 0.5, np.random.randn(m, 1) * 0.5
        self.b, self.state = np.zeros((1, m)), {"rate": 0.1}

    def forward(self, x, y):
        h = np.tanh(x @ self.W + self.b)
        p = h @ self.V
        return h, p, 0.5 * np.sum((p - y) ** 2)

    def backward(self, x, y, h, p):
        d = p - y
        dV = h.T @ d
        dz = d @ self.V.T * (1 - h ** 2)
        dW, db = x.T @ dz, dz.sum(0, keepdims=True)
        self.W, self.V, self.b, self.state = momentum(self.W, self.V, self.b, dW, dV, db, self.state)

    def train(self, x, y, turns):
        for turn in range(turns):
            h, p, loss = self.forward(x, y)
            self.backward(x, y, h, p)
            print(loss)

np.random.seed(0)
Net(3, 5).train(np.random.randn(8, 3), np.random.randn(8, 1), 100)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "verdict"), [("(1 - h ** 2)", Verdict.AGREE), ("(1 - h)", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_gradients_are_judged_though_the_optimiser_is_missing(slope: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(TRAINING.replace("(1 - h ** 2)", slope)) == [verdict]
