"""A rate is a number, whatever is done with it."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

RATED = """
import numpy as np

class Descent:
    def propagate(self, w, b, X, Y):
        A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
        cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dw = np.dot(X, (A - Y).T) / X.shape[1]
        db = np.sum(A - Y) / X.shape[1]
        assert dw.shape == w.shape
        return {"dw": dw, "db": db}, cost

    def optimize(self, w, b, X, Y, turns, learning_rate):
        for _ in range(turns):
            grads, cost = self.propagate(w, b, X, Y)
            w = w - np.dot(learning_rate, grads["dw"])
            b = b - np.dot(learning_rate, grads["db"])
        return w, b, cost
"""


def test_a_right_one_agrees_and_a_wrong_one_does_not(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(RATED) == [Verdict.AGREE]
    assert "db = np.sum(A - Y) / X.shape[1]" in RATED
    assert verdicts(RATED.replace("db = np.sum(A - Y) / X.shape[1]", "db = np.sum(A - Y)")) == [Verdict.DISAGREE]
