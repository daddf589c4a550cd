"""Weights that a backward pass is handed, moves and hands back: its forward pass may know them by the same names."""

import re
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

HANDED = """
import numpy as np

V, c = np.random.randn(3, 4), np.zeros((1, 4))
U, e = np.random.randn(4, 1), np.zeros((1, 1))

def ahead(x):
    h = 1 / (1 + np.exp(-(x @ V + c)))
    return h, 1 / (1 + np.exp(-(h @ U + e)))

def backward(x, y, h, p, V, c, U, e, rate=0.1):
    dz = (p - y) / len(y)
    dU, de = h.T @ dz, dz.sum(axis=0, keepdims=True)
    da = dz @ U.T * h * (1 - h)
    dV, dc = x.T @ da, da.sum(axis=0, keepdims=True)
    U -= rate * dU
    e -= rate * de
    V -= rate * dV
    c -= rate * dc
    return V, c, U, e

def loss_of(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

def learn(x, y, V, c, U, e):
    for turn in range(50):
        h, p = ahead(x)
        print(loss_of(y, p))
        V, c, U, e = backward(x, y, h, p, V, c, U, e)
    return V, c, U, e

x = np.random.randn(20, 3)
V, c, U, e = learn(x, (x[:, :1] > 0) * 1.0, V, c, U, e)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("bias", ["c", "k"])  # of which the first may be the state of a cell
@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("rate", "rate", Verdict.AGREE),
        ("da.sum(", "20 * da.sum(", Verdict.DISAGREE),
        ("x.T @ da", "-x.T @ da", Verdict.DISAGREE),
    ],
)
def test_what_is_moved_and_handed_back_is_no_gradient(
    tmp_path: Path, bias: str, old: str, new: str, verdict: Verdict
) -> None:
    assert old in HANDED
    code = re.sub(r"\b(d?)c\b", rf"\1{bias}", HANDED.replace(old, new))
    (tmp_path / "handed.py").write_text(code)
    (unit,) = recognise(read(tmp_path / "handed.py")).units
    assert unit.names.keys() == {"U", "V", "e", bias}
    assert judge_unit(unit, examples=12).verdict is verdict
