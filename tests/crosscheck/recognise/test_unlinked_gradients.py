"""Gradients that go by a prediction which is handed to them, beside a loss that predicts itself."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

CLASSIFIER = """
import numpy as np

class Classifier:
    def __init__(self, rate=0.1, rounds=500, tol=1e-4):
        self.rate, self.rounds, self.tol = rate, rounds, tol

    def squash(self, z):
        return 1 / (1 + np.exp(-z))

    def cost(self, X, y):
        a = self.squash(X @ self.w + self.b)
        return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))

    def gradient(self, X, y, predicted):
        return X.T @ (predicted - y) / len(X), np.mean({bias})

    def fit(self, X, y):
        y = y.reshape(len(y), 1)
        self.w, self.b = np.zeros((X.shape[1], 1)), 0
        best = float("inf")
        for turn in range(self.rounds):
            predicted = self.squash(X @ self.w + self.b)
            dw, db = self.gradient(X, y, predicted)
            self.w -= self.rate * dw
            self.b -= self.rate * db
            cost = self.cost(X, y)
            if cost > best - self.tol:
                break
            best = cost
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("bias", "verdict"), [("predicted - y", Verdict.AGREE), ("(predicted - y) ** 2", Verdict.DISAGREE)]
)
def test_they_are_judged_where_the_prediction_is_made(bias: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(CLASSIFIER.format(bias=bias), "utf-8", Path("x.py"))).units
    assert "the loop in line" in unit.name
    assert {t.name: t.verdict for t in judge_unit(unit).tallies} == {"w": Verdict.AGREE, "b": verdict}
