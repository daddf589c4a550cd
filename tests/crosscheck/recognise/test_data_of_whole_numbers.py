"""Perceptrons whose data are whole numbers, and whose inputs have the bias put in front of them."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

TRAINED = """import numpy as np

class Perceptron:
    def __init__(self, inputs):
        self.weights, self.rate = np.zeros(inputs + 1), 0.1

    def predict(self, x):
        return 1 if np.dot(self.weights, x) > 0 else 0

    def train(self, X, y):
        for _ in range(10):
            for x, wanted in zip(X, y):
                x_bias = np.insert(x, 0, 1)
                {off} = wanted - self.predict(x_bias)
                self.weights {sign} self.rate * {off} * x_bias

X = np.array([[2, 3], [1, {one}], [-1, -2], [-2, -4]])
y = np.array([1, 1, 0, 0])
Perceptron(2).train(X, y)
"""


@pytest.mark.parametrize(("sign", "verdict"), [("+=", Verdict.AGREE), ("-=", Verdict.DISAGREE)], ids=["right", "wrong"])
@pytest.mark.parametrize(("off", "one"), [("error", "1"), ("update", "1"), ("error", "1.0")])
def test_what_an_error_is_multiplied_by_is_no_gradient(
    off: str, one: str, sign: str, verdict: Verdict, verdicts: Callable
) -> None:
    assert verdicts(TRAINED.format(off=off, one=one, sign=sign)) == [verdict]
