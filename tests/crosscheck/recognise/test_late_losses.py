"""Losses that are computed anew after the update, and rows of numbers for what multiplies no matrices."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.late_losses import STATED, with_losses_first
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STEP = """
import numpy as np

def outputs(W, X):
    e = np.exp(X @ W)
    return e / e.sum(1, keepdims=True)

def cross_entropy(P, Y):
    return -np.mean(np.sum(Y * np.log(P), 1))

def train_step(W, X, Y, rate):
    dW = X.T @ (outputs(W, X) - Y) / {count}
    W = W - rate * dW
    P = outputs(W, X)
    loss = cross_entropy(P, Y)
    return W, loss

X, Y = np.random.randn(20, 4), np.eye(3)[np.random.randint(0, 3, 20)]
W = np.random.randn(4, 3)
for turn in range(9):
    W, loss = train_step(W, X, Y, 0.1)
"""
LINE = """
import numpy as np

class Line:
    def __init__(self):
        self.w, self.b, self.rate = 0.0, 0.0, 0.01

    def loss(self, x, y):
        return np.mean((self.w * x + self.b - y) ** 2)

    def step(self, x, y):
        error = self.w * x + self.b - y
        dw, db = 2 / len(x) * np.sum(error * x), 2 / len(x) * np.sum(error)
        self.w -= self.rate * dw
        self.b -= self.rate * db
        return self.loss(x, y)
"""


@pytest.mark.parametrize(("count", "verdict"), [("len(X)", Verdict.AGREE), ("X.size + 1", Verdict.DISAGREE)])
def test_a_loss_after_the_update_is_taken_before_it(count: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(STEP.format(count=count))
    found = recognise(read(tmp_path / "step.py"))
    (unit,) = found.units
    assert (unit.name, judge_unit(unit, examples=8).verdict) == ("train_step", verdict)
    assert STATED in found.assumptions


def test_what_multiplies_no_matrices_is_handed_rows_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text(LINE)
    (unit,) = recognise(read(tmp_path / "line.py")).units
    assert {name: value.ndim for name, value in unit.example[1].items()} == {"x": 1, "y": 1}
    assert judge_unit(unit, examples=8).verdict is Verdict.AGREE


@pytest.mark.parametrize(
    "body",
    [
        "dw = slope(w, x)\n  loss = cost(w, x)\n  w -= rate * dw\n  return cost(w, x)",  # it is there before as well
        "w -= rate * dw\n  loss = cost(w, x)\n  dw = slope(w, x)",  # the gradient is that of the weights after
        "dw = slope(w, x)\n  w -= rate * dw\n  loss = np.mean(e)",  # of what was computed before
        "dw = slope(w, x)\n  w -= rate * dw\n  dv = slope(v, x)\n  return cost(v, x)",  # there are gradients between
        "dw = slope(w, x)\n  w -= rate * dw * e\n  e = out(w, x)\n  loss = cost(e)",  # the update needs what was there
    ],
)
def test_other_losses_stay_where_they_are(body: str) -> None:
    tree = ast.parse(f"def step(w, v, x, e, dw):\n  {body}\n")
    assert with_losses_first(tree) is tree


ONLINE = """
import numpy as np

class Online:
    def __init__(self, inputs, cells, outputs):
        self.U, self.V = np.random.randn(inputs, cells) * 0.1, np.random.randn(cells, outputs) * 0.1

    def train(self, X_train, y_train, lr=0.01, epochs=20):
        for _ in range(epochs):
            for t in range(len(X_train)):
                h = np.tanh(X_train[t] @ self.U)
                out = h @ self.V
                error = out - y_train[t]
                dV = np.outer(h, error)
                dU = np.outer(X_train[t], error @ self.V.T * (1 - h ** 2))
                self.V -= lr * dV
                self.U -= lr * dU
"""


def test_a_difference_from_zero_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "online.py").write_text(ONLINE)
    (unit,) = recognise(read(tmp_path / "online.py")).units
    assert unit.subject.loss.name in ("error", "out")
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE
