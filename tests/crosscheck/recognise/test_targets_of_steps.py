"""Made-up targets of sequences: a symbol for each step of each, where the program makes a single row of them."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

TAGGER = """
import numpy as np

class Tagger:
    def __init__(self, features, hidden, tags):
        self.hidden = hidden
        self.W, self.U = np.random.randn(features, hidden), np.random.randn(hidden, hidden)
        self.V, self.b = np.random.randn(hidden, tags), np.zeros((1, tags))

    def softmax(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def forward(self, X):
        batch, steps, _ = X.shape
        states, outputs = np.zeros((batch, steps + 1, self.hidden)), np.zeros((batch, steps, self.V.shape[1]))
        for t in range(steps):
            states[:, t + 1] = np.tanh(X[:, t] @ self.W + states[:, t] @ self.U)
            outputs[:, t] = states[:, t + 1] @ self.V + self.b
        return states, outputs

    def loss(self, outputs, y):
        shares = self.softmax(outputs.reshape(-1, outputs.shape[2]))
        tags = y.reshape(-1)
        return -np.sum(np.log(shares[range(len(tags)), tags])) / y.size

    def backward(self, X, y, states, outputs):
        batch, steps, tags = outputs.shape
        d = self.softmax(outputs.reshape(-1, tags))
        wanted = y.reshape(-1)
        d[range(len(wanted)), wanted] -= 1
        d = d.reshape(batch, steps, tags)
        dW, dU, dV, db = map(np.zeros_like, (self.W, self.U, self.V, self.b))
        late = np.zeros((batch, self.hidden))
        for t in reversed(range(steps)):
            dV += states[:, t + 1].T @ d[:, t]
            db += d[:, t].sum(axis=0, keepdims=True)
            raw = (d[:, t] @ self.V.T + late) * (1 - states[:, t + 1] ** 2)
            dW += X[:, t].T @ raw
            dU += states[:, {before}].T @ raw
            late = raw @ self.U.T
        return dW, dU, dV, db
"""


@pytest.mark.parametrize(
    ("before", "expected"), [("t", Verdict.AGREE), ("t + 1", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_targets_have_the_steps_of_the_data(before: str, expected: Verdict, judged: Judged) -> None:
    verdicts, _ = judged(TAGGER.replace("{before}", before))
    assert verdicts == {expected}
