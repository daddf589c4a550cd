"""Objects that are told how many steps there are, targets that all outputs share, gradients handed on as they came."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

TOLD = """
import numpy as np

class Reader:
    def __init__(self, symbols, width, steps):
        self.symbols, self.steps = symbols, steps
        self.A = np.random.randn(width, symbols) * 0.3
        self.R = np.random.randn(width, width) * 0.3
        self.B = np.random.randn(symbols, width) * 0.3

    def forward(self, inputs, first):
        xs, hs, ps = {}, {-1: first.copy()}, {}
        for t in range(len(inputs)):
            xs[t] = np.zeros((self.symbols, 1))
            xs[t][inputs[t]] = 1
            hs[t] = np.tanh(self.A @ xs[t] + self.R @ hs[t - 1])
            e = np.exp(self.B @ hs[t])
            ps[t] = e / e.sum()
        return xs, hs, ps

    def backward(self, xs, hs, ps, targets):
        dA, dR, dB = np.zeros_like(self.A), np.zeros_like(self.R), np.zeros_like(self.B)
        later = np.zeros_like(hs[0])
        for t in reversed(range(self.steps)):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dB += dy @ hs[t].T
            d = (self.B.T @ dy + later) * (1 - hs[t] ** 2)
            dA += d @ xs[t].T
            dR += d @ hs[t - 1].T
            later = self.R.T @ d
        return dA, dR, dB
"""
SHARED = """
import numpy as np

class Yes:
    def __init__(self, size, width, outs):
        self.A = np.random.randn(width, size) * 0.4
        self.B = np.random.randn(outs, width) * 0.4

    def forward(self, xs):
        ys, hs = [], []
        for t in range(xs.shape[0]):
            h = np.tanh(self.A @ xs[t].reshape(-1, 1))
            ys.append(1 / (1 + np.exp(-(self.B @ h))))
            hs.append(h)
        return ys, hs

    def backward(self, xs, targets, ys, hs):
        dA, dB = np.zeros_like(self.A), np.zeros_like(self.B)
        for t in range(len(xs)):
            dy = ys[t] - targets[t]
            dB += np.dot(dy, hs[t].T)
            d = (1 - hs[t] ** 2) * np.dot(self.B.T, dy)
            dA += np.dot(d, xs[t].reshape(1, -1))
        self.A -= 0.1 * dA
        self.B -= 0.1 * dB
"""
AS_IT_CAME = """
import numpy as np

class Line:
    def __init__(self, size, outs):
        self.W = np.random.randn(outs, size) * 0.4
        self.b = np.random.randn(outs) * 0.4

    def forward(self, x):
        self.x = x
        return self.W @ x + self.b

    def backward(self, dout):
        self.dW = np.outer(dout, self.x)
        self.db = dout
        return self.W.T @ dout
"""


def _verdicts(tmp_path: Path, code: str) -> list[Verdict]:
    path = tmp_path / "reader.py"
    path.write_text(code)
    found = recognise(read(path))
    assert not found.skipped
    return [judge_unit(unit).verdict for unit in found.units]


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (TOLD, "later = self.R.T @ d", "later = self.R @ d"),
        (SHARED, "1 - hs[t] ** 2", "1 - hs[t]"),
        (AS_IT_CAME, "self.db = dout", "self.db = 2 * dout"),
    ],
)
def test_a_right_one_agrees_and_a_wrong_one_does_not(tmp_path: Path, code: str, right: str, wrong: str) -> None:
    assert _verdicts(tmp_path, code) == [Verdict.AGREE]
    assert right in code
    assert _verdicts(tmp_path, code.replace(right, wrong)) == [Verdict.DISAGREE]


def test_the_gradient_of_a_bias_that_came_from_above_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(AS_IT_CAME)
    (unit,) = recognise(read(path)).units
    assert unit.names.keys() == {"W", "b", "x"}


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


def test_a_rate_that_a_product_is_taken_of_is_a_number(tmp_path: Path) -> None:
    assert _verdicts(tmp_path, RATED) == [Verdict.AGREE]
    assert _verdicts(tmp_path, RATED.replace("db = np.sum(A - Y) / X.shape[1]", "db = np.sum(A - Y)")) == [
        Verdict.DISAGREE
    ]
