"""Gradients that are computed on their side and turned in the step; biases under private names that begin as a zero."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

HIDING = """
import numpy as np

class Net:
    def __init__(self, nx, nodes):
        self.__W1, self.__b1 = np.random.randn(nodes, nx), np.zeros((nodes, 1))
        self.__W2, self.__b2 = np.random.randn(1, nodes), 0

    @property
    def W2(self):
        return self.__W2

    @property
    def b2(self):
        return self.__b2

    def forward(self, X):
        self.A1 = 1 / (1 + np.exp(-self.__W1 @ X - self.__b1))
        self.A2 = 1 / (1 + np.exp(-self.__W2 @ self.A1 - self.__b2))
        return self.A1, self.A2

    def gradient_descent(self, X, Y, A1, A2, alpha=0.05):
        m = Y.shape[1]
        dZ2 = A2 - Y
        dw2 = A1 @ dZ2.T / m
        db2 = np.sum(dZ2, axis=1, keepdims=True){share}
        dZ1 = self.__W2.T @ dZ2 * A1 * (1 - A1)
        dw1 = X @ dZ1.T / m
        db1 = np.sum(dZ1, axis=1, keepdims=True) / m
        self.__W2 = self.W2 - (alpha * dw2).T
        self.__b2 = self.b2 - alpha * db2
        self.__W1 -= (alpha * dw1).T
        self.__b1 = self.__b1 - alpha * db1

X, Y = np.random.randn(4, 30), np.random.randint(0, 2, (1, 30))
net = Net(4, 3)
for turn in range(20):
    net.forward(X)
    net.gradient_descent(X, Y, net.A1, net.A2)
"""


@pytest.mark.parametrize(("share", "verdict"), [(" / m", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_turned_gradients_and_hidden_biases_are_judged(
    verdicts: Callable[[str], list[Verdict]], share: str, verdict: Verdict
) -> None:
    assert verdicts(HIDING.format(share=share)) == [verdict]
