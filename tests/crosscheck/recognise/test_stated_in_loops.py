"""What a loop says is the loss, beside the passes that it calls, is held against their gradients."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
NET = """
import numpy as np

class Net:
    def __init__(self, wide, deep):
        self.A, self.c = np.random.randn(wide, deep), np.zeros((1, deep))
        self.B, self.d = np.random.randn(deep, 1), np.zeros((1, 1))

    def run(self, x):
        self.h = np.tanh(x @ self.A + self.c)
        self.p = 1 / (1 + np.exp(-(self.h @ self.B + self.d)))
        return self.p

    def backward(self, x, y, p, rate):
        n = len(x)
        delta = {delta}
        dB, dd = self.h.T @ delta / n, delta.sum(axis=0, keepdims=True) / n
        back = delta @ self.B.T * (1 - self.h ** 2)
        dA, dc = x.T @ back / n, back.sum(axis=0, keepdims=True) / n
        for name, slope in zip("AcBd", (dA, dc, dB, dd)):
            setattr(self, name, getattr(self, name) - rate * slope)

    def fit(self, features, labels):
        noted = []
        for epoch in range(20):
            said = self.run(features)
            {stated}
            self.backward(features, labels, said, 0.1)
            {after}

Net(3, 4).fit(np.random.randn(9, 3), np.random.rand(9, 1).round())
"""
ENTROPY = "-np.mean(labels * np.log(said) + (1 - labels) * np.log(1 - said))"
SQUARES = "np.mean((labels - said) ** 2)"
PLAIN, OF_SQUARES = "p - y", "2 * (p - y) * p * (1 - p)"
TENTH = "if epoch % 10 == 0:\n                loss = {}\n                print(loss)"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("delta", "stated", "after", "verdict"),
    [
        (PLAIN, f"loss = {ENTROPY}", "noted.append(loss)", RIGHT),
        (PLAIN, f"loss = {SQUARES}", "noted.append(loss)", WRONG),
        (PLAIN, "pass", TENTH.format(SQUARES), WRONG),
        (OF_SQUARES, "pass", TENTH.format(SQUARES), RIGHT),
        (PLAIN, "loss = np.mean(np.abs(labels - said))", "noted.append(loss)", RIGHT),
        (PLAIN, f"validation_loss = {SQUARES}", "noted.append(validation_loss)", RIGHT),
    ],
)
def test_gradients_are_held_against_the_loss_of_the_loop(delta, stated, after, verdict):
    text = NET.format(delta=delta, stated=stated, after=after)
    assert _verdicts(text) == {verdict}


STEPS = """
import numpy as np

class Reader:
    def __init__(self, wide, deep, ways):
        self.A = np.random.randn(deep, wide) * 0.3
        self.R = np.random.randn(deep, deep) * 0.3
        self.O = np.random.randn(ways, deep) * 0.3

    def forward(self, xs):
        self.h, self.said = {{-1: np.zeros((len(self.A), 1))}}, {{}}
        for t in range(len(xs)):
            self.h[t] = np.tanh(self.A @ xs[t] + self.R @ self.h[t - 1])
            self.said[t] = self.O @ self.h[t]
        return self.said

    def backward(self, xs, wanted):
        dA, dR, dO, back = np.zeros_like(self.A), np.zeros_like(self.R), np.zeros_like(self.O), 0
        for t in reversed(range(len(xs))):
            dy = (self.said[t] - wanted[t]){only}
            dO += dy @ self.h[t].T
            dz = (self.O.T @ dy + back) * (1 - self.h[t] ** 2)
            dA += dz @ xs[t].T
            dR += dz @ self.h[t - 1].T
            back = self.R.T @ dz
        for weight, slope in zip((self.A, self.R, self.O), (dA, dR, dO)):
            weight -= 0.01 * slope

    def fit(self, rows, targets):
        for epoch in range(9):
            loss = 0
            for x, y in zip(rows, targets):
                said = self.forward(x)
                self.backward(x, y)
                loss += np.sum((said[len(x) - 1] - y[len(x) - 1]) ** 2) / 2
            print(epoch, loss)

Reader(3, 4, 2).fit(np.random.randn(6, 5, 3, 1), np.random.randn(6, 5, 2, 1))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("only", "verdict"), [("", WRONG), (" * (t == len(xs) - 1)", RIGHT)])
def test_a_loss_of_the_last_step_has_no_gradient_of_the_others(only: str, verdict: Verdict) -> None:
    assert _verdicts(STEPS.format(only=only)) == {verdict}


ALONE = """
import numpy as np

def go_forward(rows, w):
    scores = rows @ w
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True), scores

def go_backward(rows, p, hot):
    return rows.T @ (p - hot) / len(rows)

w, data, classes = np.random.randn(4, 3), np.random.randn(8, 4), np.eye(3)[np.arange(8) % 3]
for turn in range(9):
    outputs, _ = go_forward(data, w)
    loss = {loss}
    dw = go_backward(data, outputs, classes)
    w -= 0.1 * dw
"""


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        ("-np.sum(classes * np.log(outputs)) / len(data)", RIGHT),
        ("np.sum((classes - outputs) ** 2) / len(data)", WRONG),
    ],
)
def test_the_passes_may_be_functions_and_return_more_than_one_thing(loss: str, verdict: Verdict) -> None:
    assert _verdicts(ALONE.format(loss=loss)) == {verdict}


@pytest.mark.thorough
def test_the_report_names_the_line_of_the_loss() -> None:
    text = NET.format(delta="(p - y) * 2", stated=f"loss = {ENTROPY} + 0 * np.sum(self.A)", after="pass")
    (unit,) = recognise(read_text(text, "utf-8", Path("net.py"))).units
    line = 1 + text[: text.index("loss =")].count("\n")
    assert any(f"loss in line {line}" in assumption for assumption in unit.assumptions)


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("net.py")))
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
