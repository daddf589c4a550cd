"""What is moved and has no gradient that could be judged: no verdict may pass over it in silence."""

from dataclasses import replace
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.moved_unjudged import with_all_moved
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

def squash(z):
    return 1 / (1 + np.exp(-z))

def train(X, Y, hidden, turns=200, rate=0.1):
    W1, W2 = np.random.randn(hidden, X.shape[1]), np.random.randn(Y.shape[1], hidden)
    b1, b2 = np.random.randn(hidden, 1), np.random.randn(Y.shape[1], 1)
    for turn in range(turns):
        losses = []
        for row in range(X.shape[0]):
            x, y = X[row].reshape(-1, 1), Y[row].reshape(-1, 1)
            h = squash(W1 @ x - b1)
            out = squash(W2 @ h - b2)
            top = out * (1 - out) * (y - out)
            delta_W2, delta_b2 = rate * top @ h.T, -rate * top
            {early}
            low = h * (1 - h) * (W2.T @ top)
            delta_W1, delta_b1 = rate * low @ x.T, -rate * low
            {late}
            b2 = b2 + delta_b2
            W1 = W1 + delta_W1
            b1 = b1 + delta_b1
            loss = 0.5 * sum((out - y) ** 2)
            losses.append(loss)
        print(sum(losses) / X.shape[0])
    return W1, W2, b1, b2

train(np.random.rand(20, 3), np.random.rand(20, 2), 4)
"""
MOVES = "W2 = W2 + delta_W2"


@pytest.mark.thorough
@pytest.mark.parametrize(("early", "late", "verdict"), [("pass", MOVES, "agree"), (MOVES, "pass", "disagree")])
def test_a_gradient_that_is_computed_of_what_was_moved_before_it_is_wrong(early, late, verdict):
    (unit,) = recognise(read_text(NET.format(early=early, late=late), "utf-8", Path("x.py"))).units
    assert judge_unit(unit, examples=4).verdict.value == verdict


@pytest.mark.thorough
def test_what_is_moved_by_what_is_called_its_gradient_and_is_in_no_unit_is_named():
    (unit,) = recognise(read_text(NET.format(early="pass", late=MOVES), "utf-8", Path("x.py"))).units
    upper = replace(unit, names={name: word for name, word in unit.names.items() if name in ("W2", "b2")})
    lower = replace(unit, names={name: word for name, word in unit.names.items() if name in ("W1", "b1")})
    (named,) = with_all_moved([upper])
    assert set(named.without) == {"W1", "b1"}
    assert [both.without for both in with_all_moved([upper, lower])] == [(), ()]


AVERAGE = """
import numpy as np

class Norm:
    def __init__(self, n):
        self.g, self.b, self.mean = np.ones(n), np.zeros(n), np.zeros(n)
        self.momentum = 0.9

    def forward(self, x):
        self.x = x
        mu = x.mean(0)
        self.mean = self.momentum * self.mean + (1 - self.momentum) * mu
        self.c = x - mu
        return self.g * self.c + self.b

    def backward(self, d):
        self.dg, self.db = (d * self.c).sum(0), d.sum(0)
        h = d * self.g
        return h - h.mean(0)

norm = Norm(3)
norm.forward(np.random.randn(6, 3))
norm.backward(np.random.randn(6, 3))
"""


def test_a_running_mean_is_no_parameter():
    (unit,) = recognise(read_text(AVERAGE, "utf-8", Path("x.py"))).units
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


BIAS = """
import numpy as np

X = np.random.randn(40, 3)
y = X @ np.array([1.5, -0.5, 2.0]) + 3.0
a, c = np.zeros(3), 0.0
va, vc = np.zeros(3), 0.0
for turn in range(99):
    r = X @ a + c - y
    loss = 0.5 * np.mean(r ** 2)
    ga = X.T @ r / len(y)
    gc = np.mean(r)
    va = 0.9 * va {own}
    vc = 0.9 * {kept} {its}
    a {step_of_a}
    c {step_of_c}
    print(loss)
"""
WAYS = [
    {"own": "+ ga", "its": "+ gc", "step_of_a": "-= 0.02 * va", "step_of_c": "-= 0.02 * vc"},
    {"own": "- 0.02 * ga", "its": "- 0.02 * gc", "step_of_a": "= a + va", "step_of_c": "= c + vc"},
]


@pytest.mark.parametrize("way", WAYS, ids=["subtracted", "added"])
@pytest.mark.parametrize(("kept", "verdict"), [("vc", "agree"), ("va.mean()", "inconclusive")])
def test_a_bias_that_is_called_like_a_state_and_moved_in_an_odd_way_is_named(way, kept, verdict):
    (unit,) = recognise(read_text(BIAS.format(kept=kept, **way), "utf-8", Path("x.py"))).units
    report = judge_unit(unit, examples=4)
    assert report.verdict.value == verdict
    assert set(unit.names) == {"a", "c"}
