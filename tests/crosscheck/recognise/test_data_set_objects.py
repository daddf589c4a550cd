"""Data sets stay as they were loaded, objects with attributes, beside what is trained with them."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

DIGITS = """
import numpy as np
from sklearn.datasets import fetch_openml

class Layer:
    def __init__(self, size, classes):
        self.W, self.b = np.random.randn(size, classes) * 0.1, np.zeros((1, classes))

    def forward(self, X):
        z = X @ self.W + self.b
        self.p = np.exp(z - z.max(axis=1, keepdims=True))
        self.p /= self.p.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, X, y, rate):
        error = (self.p - y) / len(X)
        self.dW, self.db = X.T @ error, error.sum(axis=0)
        self.W -= rate * self.dW
        self.b -= rate * self.db

    def train(self, X, y, epochs, rate=0.1):
        for _ in range(epochs):
            p = self.forward(X)
            self.backward(X, y, rate)
            print(-np.sum(y * np.log(p)) / len(X))

digits = fetch_openml("mnist_784", version=1)
digits.target = digits.target.astype(np.int8)
X, y = digits.data[:60000] / 255.0, np.eye(10)[digits.target[:60000]]
layer = Layer(X.shape[1], 10)
layer.train(X, y, epochs=50)
"""


def test_a_data_set_that_is_changed_may_lie_beside_a_training(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(DIGITS) == [Verdict.AGREE]
    assert verdicts(DIGITS.replace("X.T @ error, error", "X.T @ error / 2, error")) == [Verdict.DISAGREE]
