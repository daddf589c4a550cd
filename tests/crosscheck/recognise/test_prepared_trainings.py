"""Methods that train with what the only method which calls them has made: `fit` makes weights, and hands data on."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RIDGE = """
import numpy as np

class Ridge:
    def __init__(self, alpha=1, turns=1000):
        self.alpha, self.turns = alpha, turns
        self.weights = self.bias = None

    def {name}(self, X, y):
        for _ in range(self.turns):
            miss = np.dot(X, self.weights) + self.bias - y
            dw = (2 / self.rows) * np.dot(X.T, miss) + self.alpha * self.weights
            db = (2 / self.rows) * np.sum({miss})
            self.weights -= 0.01 * dw
            self.bias -= 0.01 * db

    def fit(self, X, y):
        self.rows, columns = X.shape
        self.weights, self.bias = np.zeros(columns), 0.0
        self.{name}(X, y)
"""


@pytest.mark.parametrize("name", ["__gradient", "descend_gradient", "optimise"])
@pytest.mark.parametrize(("miss", "verdict"), [("miss", Verdict.AGREE), ("-miss", Verdict.DISAGREE)])
def test_a_training_is_called_by_what_makes_its_weights(
    name: str, miss: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(RIDGE.format(name=name, miss=miss)) == [verdict]
