"""Steps of layers that take the mean over a batch, where sizes of layers and of the batch coincide."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAYERS = """
import numpy as np

class Dense:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros((1, m))

    def forward(self, X):
        self.X = X
        self.A = 1 / (1 + np.exp(-(X @ self.W + self.b)))
        return self.A

    def backward(self, dA, lr):
        dZ = dA * self.A * (1 - self.A)
        back = dZ @ self.W.T
        self.W -= lr * self.X.T @ dZ / len(dA)
        self.b -= lr * dZ.sum(axis=0, keepdims=True) / {share}
        return back

class Net:
    def __init__(self, sizes):
        self.layers = [Dense(n, m) for n, m in zip(sizes, sizes[1:])]

    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, grad, lr):
        for layer in reversed(self.layers):
            grad = layer.backward(grad, lr)

    def fit(self, X, y):
        for epoch in range(500):
            out = self.forward(X)
            loss = np.mean((out - y) ** 2)
            self.backward(2 * (out - y), 1.0)
            if epoch % 100 == 0:
                print(loss)

Net([2, 4, 4, 1]).fit(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]]))
"""


@pytest.mark.parametrize(("share", "verdict"), [("len(dA)", Verdict.AGREE), ("1", Verdict.DISAGREE)])
def test_all_of_them_are_means(share: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(LAYERS.format(share=share))
    found = recognise(read(path))
    assert {judge_unit(unit, examples=8).verdict for unit in found.units} == {verdict}
