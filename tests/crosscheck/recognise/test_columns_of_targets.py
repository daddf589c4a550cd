"""Made-up targets of a model with one output: a column, where a row would make a loss of all pairs."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

CLASSIFIER = """
import numpy as np

class Classifier:
    def __init__(self, n_in, n_hidden, rate=0.1):
        self.W, self.b = np.random.randn(n_in, n_hidden), np.zeros((1, n_hidden))
        self.V, self.c = np.random.randn(n_hidden, 1), np.zeros((1, 1))
        self.rate = rate

    def forward(self, X):
        hidden = np.tanh(X @ self.W + self.b)
        return 1 / (1 + np.exp(-(hidden @ self.V + self.c))), hidden

    def loss(self, p, y):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def backward(self, X, hidden, p, y):
        d = (p - y.reshape(-1, 1)) / len(y)
        raw = {raw}
        return {{"W": X.T @ raw, "b": raw.sum(0, keepdims=True), "V": hidden.T @ d, "c": d.sum(0, keepdims=True)}}

    def train_step(self, X, y):
        p, hidden = self.forward(X)
        loss = self.loss(p, y)
        grads = self.backward(X, hidden, p, y)
        for name in grads:
            setattr(self, name, getattr(self, name) - self.rate * grads[name])
        return loss
"""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("d @ self.V.T * (1 - hidden**2)", Verdict.AGREE), ("d @ self.V.T * (1 - hidden)", Verdict.DISAGREE)],
    ids=["right", "wrong"],
)
def test_targets_are_a_column_where_that_makes_gradients_right(raw: str, expected: Verdict, judged: Judged) -> None:
    verdicts, _ = judged(CLASSIFIER.format(raw=raw))
    assert verdicts == {expected}
