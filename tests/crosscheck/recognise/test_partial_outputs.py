"""Gradients of a part of what a forward pass returns: of its last state, or of its first steps."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read

LAST = """
import numpy as np

def run(X, a, r):
    S = np.zeros((X.shape[0], X.shape[1] + 1))
    for k in range(X.shape[1]):
        S[:, k + 1] = X[:, k] * a + S[:, k] * r
    return S

def error(y, t):
    return 2.0 * (y - t) / len(t)

def slopes(X, S, grad_out, r):
    g = np.zeros_like(S)
    g[:, -1] = grad_out
    da = dr = 0.0
    for k in range(X.shape[1], 0, -1):
        da += np.sum(g[:, k] * X[:, k - 1])
        dr += np.sum(g[:, k] * S[:, k - 1])
        g[:, k - 1] = g[:, k] * r
    return da, dr

X, t = np.random.randn(7, 5), np.random.randn(7)
S = run(X, 0.4, 1.1)
da, dr = slopes(X, S, error(S[:, -1], t), 1.1)
"""
FIRST = """
import numpy as np

def run_forward(x, h0, U, R):
    h, tape = h0, []
    out = np.zeros((*h0.shape, x.shape[2]))
    for t in range(x.shape[2]):
        before, h = h, np.tanh(U @ x[:, :, t] + R @ h)
        out[:, :, t] = h
        tape.append((h, before, x[:, :, t]))
    return out, (tape, U, R)

def run_backward(dout, cache):
    tape, U, R = cache
    dU, dR, dh = np.zeros_like(U), np.zeros_like(R), 0
    for t in reversed(range(dout.shape[2])):
        h, before, x = tape[t]
        dz = (dout[:, :, t] + dh) * (1 - h ** 2)
        dU += dz @ x.T
        dR += dz @ before.T
        dh = R.T @ dz
    return dU, dR

out, cache = run_forward(np.random.randn(3, 2, 6), np.random.randn(4, 2), np.random.randn(4, 3), np.random.randn(4, 4))
run_backward(np.random.randn(4, 2, 3), cache)
"""

BESIDE = (
    FIRST.replace("return out, (tape", "twice = 2 * out\n    return twice, out, (tape")
    .replace("out, cache =", "_, out, cache =")
    .replace("out", "hs")
)
"""The name of the gradient tells of which of two results it is"""


def verdicts(tmp_path: Path, code: str) -> dict[str, str]:
    path = tmp_path / "module.py"
    path.write_text(code)
    units = recognise(read(path)).units
    return {tally.name: str(tally.verdict) for unit in units for tally in judge_unit(unit, examples=6).tallies}


@pytest.mark.parametrize(
    ("code", "slip", "blamed"),
    [
        (LAST, ("", ""), {"a": "agree", "r": "agree"}),
        (LAST, ("S[:, k - 1])", "S[:, k])"), {"a": "agree", "r": "disagree"}),
        (LAST, ("g[:, -1] = grad_out", "g[:, 0] = grad_out"), {}),  # none is right: who knows of what it is
        (FIRST, ("", ""), {"U": "agree", "R": "agree"}),
        (FIRST, ("(1 - h ** 2)", "(1 - before ** 2)"), {"U": "disagree", "R": "disagree"}),
        (BESIDE, ("", ""), {"U": "agree", "R": "agree"}),
        (BESIDE, ("dR += dz", "dR = dz"), {"U": "agree", "R": "disagree"}),
        (FIRST, ("x = tape[t]", "x = tape[t + 3]"), {}),  # of the last steps
    ],
)
def test_a_part_is_taken_where_it_is_plain(
    tmp_path: Path, code: str, slip: tuple[str, str], blamed: dict[str, str]
) -> None:
    assert slip[0] in code
    assert verdicts(tmp_path, code.replace(*slip)) == blamed
