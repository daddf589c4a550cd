"""Layers that keep their gradients times a rate, to be taken away after a batch, and what such layers are made with."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

class Base:
    def forward(self, x):
        self.x = x

    def backward(self, grad, lr):
        return grad

class Dense(Base):
    def __init__(self, in_shape{said}, out_shape{said}):
        self.w = np.random.randn(out_shape, in_shape)
        self.b = np.random.randn(out_shape, 1)
        self.w_deltas = np.zeros_like(self.w)
        self.b_deltas = np.zeros_like(self.b)
        self.count = 0

    def forward(self, x):
        super().forward(x)
        return self.w @ x + self.b

    def backward(self, grad, lr):
        self.w_deltas += {w}
        self.b_deltas += {b}
        self.count += 1
        return {x}

    def update(self, lr):
        self.w -= {taken}self.w_deltas / self.count
        self.b -= {taken}self.b_deltas / self.count
"""
W, B, X = "lr * (grad @ self.x.T)", "lr * grad", "self.w.T @ grad"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("w", "b", "x", "taken", "wrong"),
    [
        (W, B, X, "", set()),
        ("lr * (grad @ self.x.T) ** 2", B, X, "", {"w"}),
        (W, B, f"lr * {X}", "", {"x"}),
        (W, "grad", X, "", {"w"}),
        (W, B, X, "lr * ", {"w", "b"}),
    ],
)
def test_gradients_kept_with_their_rate_are_judged_without_it_if_nothing_takes_it_again(w, b, x, taken, wrong):
    text = LAYER.replace("{w}", w).replace("{b}", b).replace("{x}", x).replace("{taken}", taken).replace("{said}", "")
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.skipped
    (unit,) = found.units
    report = judge_unit(unit, examples=4)
    assert {tally.name for tally in report.tallies if tally.verdict is not Verdict.AGREE} == wrong
    assert any("the rate lr" in stated for stated in unit.assumptions) is (not wrong or (b == B and not taken))


def test_a_size_that_is_called_a_shape_is_a_number_where_it_is_said_to_be_one():
    text = LAYER.replace("np.random.randn(out_shape, in_shape)", "self.drawn([out_shape, in_shape])")
    text = text.replace("np.random.randn(out_shape, 1)", "self.drawn([out_shape, 1])")
    text += "\n    def drawn(self, sizes):\n        return np.random.randn(*sizes)\n"
    text = text.replace("{w}", W).replace("{b}", B).replace("{x}", X).replace("{taken}", "").replace("{said}", ": int")
    assert [unit.name for unit in recognise(read_text(text, "utf-8", Path("x.py"))).units] == [
        "Dense.forward/Dense.backward"
    ]


LOOP = """
import numpy as np
X, y = np.random.rand(12, 3), np.random.rand(12, 1)
W, b = np.random.randn(3, 1), np.zeros(1)
{rate} = 0.08
for turn in range(1000):
    out = np.tanh(X @ W + b)
    loss = 0.5 * np.sum((y - out) ** 2)
    d = (out - y) * (1 - out ** 2)
    {steps}
"""
STEPS = [
    ("lr", "dW = lr * X.T @ d; db = lr * d.sum(0); W -= dW; b -= db"),
    ("lr", "dW, db = lr * X.T @ d, lr * d.sum(0); W = W - dW; b = b - db"),
    ("theta", "dW = np.dot(theta, X.T @ d); db = theta * d.sum(0); W, b = W - dW, b - db"),
    ("lr", "g = {'dW': lr * X.T @ d, 'db': lr * d.sum(0)}; W -= g['dW']; b -= g['db']"),
    ("lr", "dW = -lr * X.T @ d; db = -lr * d.sum(0); W += dW; b += db"),
    ("lr", "dW = X.T @ d; db = d.sum(0); dW *= lr; db *= lr; W -= dW; b -= db"),
    ("lr", "dW = 0.1 * X.T @ d; db = 0.1 * d.sum(0); W -= dW; b -= db"),
    ("lr", "dW = lr * X.T @ d; db = lr * d.sum(0); W = np.subtract(W, dW); b = np.subtract(b, db)"),
]
WRONG_STEPS = [
    ("lr", "dW = lr * X.T @ d; db = lr * d.sum(0); W -= lr * dW; b -= lr * db"),
    ("lr", "dW = lr * X.T @ d; db = lr * d.sum(0); W += dW; b += db"),
    ("lr", "dW = -lr * X.T @ d; db = -lr * d.sum(0); W -= dW; b -= db"),
    ("lr", "dW = lr * X.T @ out; db = lr * d.sum(0); W -= dW; b -= db"),
    ("half", "dW = half * X.T @ d; db = half * d.sum(0); W -= dW; b -= db"),
    ("theta", "dW = theta * X.T @ d; db = d.sum(0); W -= dW; b -= db"),
]


def verdict_of(text: str) -> Verdict:
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return judge_unit(unit, examples=4).verdict


@pytest.mark.parametrize(("rate", "steps"), STEPS)
def test_steps_that_hold_their_rate_and_are_taken_as_they_are_are_right(rate: str, steps: str) -> None:
    assert verdict_of(LOOP.format(rate=rate, steps=steps)) is Verdict.AGREE


@pytest.mark.parametrize(("rate", "steps"), WRONG_STEPS)
def test_steps_are_wrong_whose_rate_comes_twice_or_is_none_or_is_not_all_that_is_off(rate: str, steps: str) -> None:
    assert verdict_of(LOOP.format(rate=rate, steps=steps)) is Verdict.DISAGREE


def test_a_function_may_return_its_gradients_times_the_rate() -> None:
    text = LOOP.format(rate="lr", steps="return lr * (X.T @ d), lr * d.sum(0), loss")
    text = text.replace("for turn in range(1000)", "def back(X, y, W, b, lr)")
    text += "for turn in range(1000):\n    dW, db, loss = back(X, y, W, b, lr)\n    W -= dW\n    b -= db\n"
    assert verdict_of(text) is Verdict.AGREE
    assert verdict_of(text.replace("b -= db", "b -= lr * db").replace("W -= dW", "W -= lr * dW")) is Verdict.DISAGREE


DESCENT = """
import numpy as np

def cost(X, y, W, b, lam):
    return 0.5 * np.mean((y - np.tanh(X @ W + b)) ** 2) + 0.5 * lam * np.sum(W ** 2)

def descend(X, y, W, b, lr, lam, turns):
    history = []
    for turn in range(turns):
        out = np.tanh(X @ W + b)
        d = (out - y) * (1 - out ** 2) / len(X)
        dW = lr * (X.T @ d + {strength} * W)
        db = lr * d.sum(0)
        W -= dW
        b -= db
        history.append(cost(X, y, W, b, lam))
    return W, b, history

descend(np.random.rand(12, 3), np.random.rand(12, 1), np.random.randn(3, 1), np.zeros(1), 0.08, 0.01, 500)
"""


@pytest.mark.parametrize(("strength", "verdict"), [("lam", Verdict.AGREE), ("0.5 * lam", Verdict.DISAGREE)])
def test_a_cost_is_handed_what_its_arguments_are_called(strength: str, verdict: Verdict) -> None:
    assert verdict_of(DESCENT.format(strength=strength)) is verdict
