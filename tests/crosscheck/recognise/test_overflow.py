"""A gradient that overflows where the loss does not is wrong; what overflows in both, or where all is flat, is not."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crosscheck.diagnose import diagnose
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.overflow import overflows
from crosscheck.repair import find_repairs
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STABLE = "z = X @ W + b\n    top = z.max(axis=1, keepdims=True)"
SHIFTED = "top[:, 0] + np.log(np.exp(z - top).sum(axis=1))"
CLASSIFIER = """
import numpy as np

def loss_and_grad(W, b, X, y):
    {forward}
    loss = ({normaliser} - z[np.arange(len(y)), y]).sum()
    e = np.exp({backward})
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return loss, X.T @ p, p.sum(axis=0)

W, b = np.zeros((4, 5), np.{dtype}), np.zeros(5, np.{dtype})
for turn in range(3):
    loss, dW, db = loss_and_grad(W, b, np.random.randn(7, 4).astype(np.{dtype}), np.random.randint(0, 5, 7))
    W -= 0.1 * dW
    b -= 0.1 * db
"""
SIGMOID = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def slope(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2

def loss_and_grad(W, v, X, y):
    z = X @ W
    e = sigmoid(z) @ v - y
    return 0.5 * (e * e).sum(), X.T @ (np.outer(e, v) * slope(z)), sigmoid(z).T @ e

W, v = np.random.randn(4, 5), np.random.randn(5)
for turn in range(3):
    loss, dW, dv = loss_and_grad(W, v, np.random.randn(7, 4), np.random.randn(7))
    W -= 0.1 * dW
    v -= 0.1 * dv
"""

COLLAPSES = """
import numpy as np

def loss_and_grad(mu, v, C, y):
    rho = 8 * (C @ v)
    z = (y[:, None] - mu) * np.exp(-rho)
    parts = -0.5 * z * z - rho
    top = parts.max(axis=1, keepdims=True)
    shares = np.exp(parts - top)
    loss = -(top[:, 0] + np.log(shares.sum(axis=1))).sum()
    shares = shares / shares.sum(axis=1, keepdims=True)
    dmu = -(shares * z * np.exp(-rho)).sum(axis=0)
    drho = (shares * (1 - z * z)).sum(axis=0)
    dv = 8 * C.T @ drho
    return loss, dmu, dv

mu, v, C = np.random.randn(4), np.random.randn(2), np.random.randn(4, 2)
for turn in range(3):
    loss, dmu, dv = loss_and_grad(mu, v, C, np.random.randn(7))
    mu -= 0.1 * dmu
    v -= 0.1 * dv
"""

TWINS = """
import numpy as np

def loss_and_grad(W, v, A, B, same):
    e, f = np.tanh(A * A @ W), np.tanh(B * B @ W)
    d = (e - f) @ v
    r = np.sqrt((d * d).sum(axis=1))
    gap = np.maximum(0, 1 - r)
    loss = 0.5 * (same * r * r + (1 - same) * gap * gap).sum()
    dd = (same - (1 - same) * gap / r)[:, None] * d
    dv = (e - f).T @ dd
    back = dd @ v.T
    return loss, (A * A).T @ (back * (1 - e * e)) - (B * B).T @ (back * (1 - f * f)), dv

W, v = np.random.randn(2, 5), np.random.randn(5, 3)
for turn in range(3):
    loss, dW, dv = loss_and_grad(W, v, np.random.randn(7, 2), np.random.randn(7, 2), np.random.rand(7))
    W -= 0.1 * dW
    v -= 0.1 * dv
"""


def unit_of(code: str, folder: Path) -> Unit:
    path = folder / "model.py"
    path.write_text(code)
    (unit,) = recognise(read(path)).units
    return unit


def classifier(normaliser: str, backward: str, dtype: str = "float64") -> str:
    return CLASSIFIER.format(forward=STABLE, normaliser=normaliser, backward=backward, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_softmax_that_is_not_shifted_in_the_backward_pass_alone_is_wrong(tmp_path: Path, dtype: str) -> None:
    unit = unit_of(classifier(SHIFTED, "z", dtype), tmp_path)
    report = judge_unit(unit)
    assert report.verdict is Verdict.DISAGREE
    assert [finding.code for finding in report.findings] == ["gradient-overflows"]
    (diagnosis,) = diagnose(unit, report, [])
    line = 1 + unit.document.code.split("\n").index("    e = np.exp(z)")
    assert (diagnosis.code, diagnosis.line) == ("not-finite", line)


@pytest.mark.thorough
def test_it_is_mended_with_the_maximum_that_the_forward_has(tmp_path: Path) -> None:
    unit = unit_of(classifier(SHIFTED, "z"), tmp_path)
    best = find_repairs(unit, judge_unit(unit), seconds=60, seed=0)[0]
    assert (best.code, best.after) == ("not-finite", "e = np.exp(z - top)")


@pytest.mark.parametrize(
    "code",
    [
        classifier(SHIFTED, "z - top"),
        classifier("np.log(np.exp(z).sum(axis=1))", "z"),
        SIGMOID,
        COLLAPSES,
    ],
    ids=["shifted in both", "shifted in neither", "where nothing depends on it", "in the forward without a trace"],
)
def test_what_overflows_nowhere_or_everywhere_is_right(tmp_path: Path, code: str) -> None:
    assert judge_unit(unit_of(code, tmp_path)).verdict is Verdict.AGREE


def test_zero_by_zero_is_no_overflow(tmp_path: Path) -> None:
    unit = unit_of(TWINS, tmp_path)
    assert not overflows(unit, 0)


def test_a_loss_that_was_found_for_the_code_is_shifted_by_us_and_shows_no_overflow(tmp_path: Path) -> None:
    unit = unit_of(classifier(SHIFTED, "z"), tmp_path)
    assert overflows(unit, 0)
    unit.subject.loss = Found(unit.subject.loss)
    assert not overflows(unit, 0)


class Found(NamedTuple):
    """The same number, as one that is computed for the code."""

    own: Any

    def read(self, result: Any) -> Any:
        """Return it."""
        return self.own.read(result)
