"""A gradient of a loss by what its predictions are made of, in a function of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NET = """import numpy as np

def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def cross_entropy(pred, y):
    return np.mean(-np.log(pred[np.arange(len(y)), y]))

def seed_of(pred, y):
    grad = pred.copy()
    grad[np.arange(len(y)), y] -= 1
    return grad / len(y)

class Net:
    def __init__(self):
        self.W, self.V = np.random.randn(4, 6) * 0.5, np.random.randn(6, 3) * 0.5

    def forward(self, X):
        self.X, self.h = X, np.tanh(X @ self.W)
        return softmax(self.h @ self.V)

    def backward(self, grad):
        self.dV = self.h.T @ grad
        self.dW = self.X.T @ (grad @ self.V.T * (1 - self.h ** 2))

np.random.seed(0)
X, y, net = np.random.randn(20, 4), np.random.randint(0, 3, 20), Net()
for turn in range(20):
    pred = net.forward(X)
    loss = cross_entropy(pred, y)
    grad_of_loss = seed_of(pred, y)
    net.backward(grad_of_loss)
    net.W -= 0.1 * net.dW
    net.V -= 0.1 * net.dV
"""


@pytest.mark.thorough
def test_a_gradient_before_the_softmax_is_right(verdicts: Callable[[str], list[Verdict]]) -> None:
    named = NET.replace("seed_of", "grad_softmax_crossentropy")
    assert set(verdicts(named)) == {Verdict.AGREE}


def test_one_that_is_of_nothing_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET.replace("seed_of", "grad_softmax_crossentropy").replace("y] -= 1", "y] += 1"))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=12).verdict is Verdict.DISAGREE
