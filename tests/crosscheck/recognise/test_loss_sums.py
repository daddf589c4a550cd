"""Gradients of several losses at once, of which nobody wrote any down."""

from pathlib import Path

import pytest

from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

HEADS = """
import numpy as np

X, place, kind = np.random.randn(7, 4), np.random.randn(7, 2), (np.random.rand(7, 1) > 0.5).astype(float)
W, P, K = np.random.randn(4, 5) * 0.3, np.random.randn(5, 2) * 0.3, np.random.randn(5, 1) * 0.3
for turn in range(50):
    h = np.tanh(X @ W)
    where = h @ P
    which = 1 / (1 + np.exp(-(h @ K)))
    e = (where - place) / len(X)
    f = {weight}(which - kind) / len(X)
    dP = h.T @ e
    dK = h.T @ f
    dh = {back}
    dW = X.T @ (dh * (1 - h ** 2))
    W -= 0.1 * dW
    P -= 0.1 * dP
    K -= 0.1 * dK
"""
PENALTY = """
import numpy as np

class Coder:
    def __init__(self, n, m, lam=0.02):
        self.A, self.B, self.lam = np.random.randn(n, m) * 0.3, np.random.randn(m, n) * 0.3, lam

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.A)
        self.y = self.h @ self.B
        return self.y

    def backward(self, lr):
        e = self.y - self.x
        back = e @ self.B.T + self.lam * self.h
        dA = self.x.T @ (back * {slope})
        dB = self.h.T @ e
        self.A -= lr * dA
        self.B -= lr * dB

coder = Coder(6, 3)
for turn in range(50):
    coder.forward(np.random.randn(8, 6))
    coder.backward(0.1)
"""
SIGNS = """
import numpy as np

X, y = np.random.randn(9, 4), np.random.randn(9, 1)
V, U = np.random.randn(4, 6), np.random.randn(6, 1)
for turn in range(50):
    h = np.tanh(X @ np.sign(V))
    p = h @ U
    loss = np.mean((p - y) ** 2)
    g = 2 * (p - y) / len(X)
    dU = h.T @ g
    dV = X.T @ (g @ U.T * (1 - h ** 2))
    V -= 0.1 * dV
    U -= 0.1 * dU
"""


def unit_of(path: Path, text: str) -> Unit:
    (path / "program.py").write_text(text)
    (unit,) = recognise(read(path / "program.py")).units
    return unit


@pytest.mark.parametrize("weight", ["", "0.4 * "])
def test_each_of_two_outputs_has_a_loss_of_its_own(tmp_path: Path, weight: str) -> None:
    unit = unit_of(tmp_path, HEADS.format(weight=weight, back="e @ P.T + f @ K.T"))
    report = judge_unit(unit, examples=8)
    assert report.verdict is Verdict.AGREE
    assert {tally.name for tally in report.tallies} == {"W", "P", "K"}
    assert ", and " in unit.assumptions[0]


def test_what_the_loss_leaves_out_forbids_to_agree(tmp_path: Path) -> None:
    """The hidden layer is right for the first output alone: the second may be meant to leave it alone, or not."""
    (tmp_path / "program.py").write_text(HEADS.format(weight="", back="e @ P.T"))
    assert not recognise(read(tmp_path / "program.py")).units


def test_activations_may_be_kept_small(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, PENALTY.format(slope="(1 - self.h ** 2)"))
    assert "the squares of h" in unit.assumptions[0]
    assert judge_unit(unit, examples=8).verdict is Verdict.AGREE


@pytest.mark.parametrize(("right", "wrong"), [("(1 - self.h ** 2)", "(1 - self.h)"), ("self.lam * self.h", "self.h")])
def test_a_slip_is_no_penalty(tmp_path: Path, right: str, wrong: str) -> None:
    """Without a weight that somebody chose it is an addition too many."""
    text = PENALTY.format(slope="(1 - self.h ** 2)")
    assert text.count(right) == 1
    unit = unit_of(tmp_path, text.replace(right, wrong))
    assert judge_unit(unit, examples=8).verdict is Verdict.DISAGREE


def test_a_gradient_that_goes_through_a_sign_is_named(tmp_path: Path) -> None:
    """No stated loss depends on what a sign is taken of, and the file moves it by a gradient all the same."""
    unit = unit_of(tmp_path, SIGNS)
    assert unit.without == ("V",)
    assert judge_unit(unit, examples=8).verdict is Verdict.INCONCLUSIVE
