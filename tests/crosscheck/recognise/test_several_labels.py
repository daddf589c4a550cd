"""Labels of a step: the loss of a forward pass is a single number, so each step has one of them."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STEPS = """
import numpy as np

def sizes(n_a, n_x, n_y):
    W = {"Wx": np.random.randn(n_a, n_x), "Wa": np.random.randn(n_a, n_a), "Wy": np.random.randn(n_y, n_a)}
    return {**W, "by": np.zeros((n_y, 1))}

def step_forward(p, a_prev, x):
    a = np.tanh(p["Wx"] @ x + p["Wa"] @ a_prev)
    e = np.exp(p["Wy"] @ a + p["by"])
    return a, e / e.sum(axis=0)

def step_backward(dy, g, p, x, a, a_prev):
    g["dWy"] += dy @ a.T
    g["dby"] += dy
    da = (1 - a * a) * (p["Wy"].T @ dy + g["back"])
    g["dWx"] += da @ x.T
    g["dWa"] += da @ a_prev.T
    g["back"] = p["Wa"].T @ da
    return g

def forward(X, Y, a0, p, n_x):
    x, a, y_hat = {}, {}, {}
    a[-1] = np.copy(a0)
    loss = 0
    for t in range(len(X)):
        x[t] = np.zeros((n_x, 1))
        if X[t] != None:
            x[t][X[t]] = 1
        a[t], y_hat[t] = step_forward(p, a[t - 1], x[t])
        loss -= np.log(y_hat[t][Y[t], 0])
    return loss, (y_hat, a, x)

def backward(X, Y, p, cache):
    g = {}
    y_hat, a, x = cache
    for name in p:
        g["d" + name] = np.zeros_like(p[name])
    g["back"] = np.zeros_like(a[0])
    for t in reversed(range(len(X))):
        dy = np.copy(y_hat[t])
        dy[Y[t]] -= 1
        g = step_backward(dy, g, p, x[t], a[t], a[t - 1])
    return g, a
"""


@pytest.mark.thorough
def test_each_step_has_one_label(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(STEPS, encoding="utf-8")
    units = {unit.name: unit for unit in recognise(read(tmp_path / "program.py")).units}
    assert judge_unit(units["forward/backward"], examples=4).verdict is Verdict.AGREE
