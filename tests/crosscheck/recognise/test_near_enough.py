"""What is a little off, and meant to be the same: e with a few decimals, steps near those of a stated loss."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ROUNDED = """
weights = [[0.5] * 3 for _ in range(4)]

def predict(x):
    out = [0.0] * 3
    for j in range(3):
        z = sum(x[i] * weights[i][j] for i in range(4))
        out[j] = 1 / (1 + {power})
    return out

data = [([0.3, -1.2, 0.7, 1.1], [0.0, 1.0, 0.0]), ([1.3, 0.2, -0.4, 0.6], [1.0, 0.0, 0.0])]
for turn in range(100):
    for x, y in data:
        out = predict(x)
        for i in range(4):
            for j in range(3):
                weights[i][j] += 0.1 * {off} * x[i]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("off", "verdict"),
    [("(y[j] - out[j])", Verdict.AGREE), ("(out[j] - y[j])", Verdict.DISAGREE)],
    ids=["right", "climbs"],
)
@pytest.mark.parametrize("power", ["pow(2.71828, -z)", "2.718 ** -z"])
def test_e_with_some_decimals_is_e(power: str, off: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(ROUNDED.format(power=power, off=off)) == [verdict]


NETWORK = """import numpy as np

def slope(x):
    return 1 / np.cosh(x) ** 2

class Net:
    def __init__(self):
        self.V, self.W = np.random.randn(4, 5) * 0.5, np.random.randn(5, 1) * 0.5

    def forward(self, x):
        self.z = x @ self.V
        self.h = np.tanh(self.z)
        self.u = self.h @ self.W
        self.out = np.tanh(self.u)
        return self.out

    def backward(self, x, y, rate):
        d = (y - self.out) * slope(self.{last})
        e = d @ self.W.T * slope(self.{inner})
        self.W += rate * self.h.T @ d
        self.V += rate * x.T @ e

    def train(self, x, y):
        for turn in range(100):
            self.forward(x)
            self.backward(x, y, 0.1)
            loss = {loss}

rng = np.random.default_rng(0)
Net().train(rng.normal(size=(20, 4)), rng.uniform(-0.9, 0.9, size=(20, 1)))
"""
SQUARES = "0.5 * np.sum((y - self.out) ** 2)"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("last", "inner", "loss", "verdict"),
    [
        ("u", "z", SQUARES, Verdict.AGREE),
        ("out", "h", SQUARES, Verdict.DISAGREE),
        ("u", "z", "np.mean(np.abs(y - self.out))", Verdict.AGREE),  # another measure, which is only shown
    ],
    ids=["right", "at outputs", "another measure"],
)
def test_steps_near_those_of_a_stated_loss_are_meant_to_be_its_own(
    last: str, inner: str, loss: str, verdict: Verdict, verdicts: Callable
) -> None:
    assert verdicts(NETWORK.format(last=last, inner=inner, loss=loss)) == [verdict]


PAIRS = """import numpy as np
from config import EPSILON

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def positive_step(e_c, c_p):
    p = sigmoid(np.sum(e_c * c_p, axis=1))
    loss = -np.sum(np.log(np.clip(p, EPSILON, 1 - EPSILON)))
    grad_center = {factor}[:, None] * c_p
    grad_context = (p - 1)[:, None] * e_c
    return loss, {order}
"""


@pytest.mark.parametrize("order", ["grad_center, grad_context", "grad_context, grad_center"])
@pytest.mark.parametrize(
    ("factor", "verdict"), [("(p - 1)", Verdict.AGREE), ("p", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_slopes_tell_whose_gradients_are_whose(factor: str, verdict: Verdict, order: str, verdicts: Callable) -> None:
    assert verdicts(PAIRS.format(factor=factor, order=order)) == [verdict]
