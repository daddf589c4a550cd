"""What files of one school call and hold alike: vectors for targets, tables of what is rated, gradients called G."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RIDGE = """
import numpy as np
class Fit:
    def errors(self, X, y, w):
        return X @ w - y
    def ridge_cost(self, X, y, w, alpha=0.0):
        return np.mean(self.errors(X, y, w) ** 2) / 2 + alpha * np.sum(w[1:] ** 2)
    def ridge_grad(self, X, y, w, alpha=0.0):
        slope = 2 * alpha * w
        slope[0] = 0.0
        return X.T @ self.errors(X, y, w) / len(y) + slope
"""
RATINGS = """
import numpy as np
def cofi_cost(params, Y, R, n, m, k, reg):
    X, T = params[:m * k].reshape(m, k), params[m * k:].reshape(n, k)
    return 0.5 * np.sum(((X @ T.T - Y) * R) ** 2) + reg / 2 * np.sum(params ** 2)
def cofi_gradient(params, Y, R, n, m, k, reg):
    X, T = params[:m * k].reshape(m, k), params[m * k:].reshape(n, k)
    E = (X @ T.T - Y) * R
    return np.concatenate([(E @ T + reg * X).ravel(), (E.T @ X + reg * T).ravel()])
"""
PAIRS = """
import numpy as np
rate = 0.01
def init(n, h):
    global hid, out
    hid = {"w": np.random.rand(n, h), "b": np.zeros(h)}
    out = {"w": np.random.rand(h, 1), "b": np.zeros(1)}
def forward_net(x):
    hidden = np.maximum(x @ hid["w"] + hid["b"], 0)
    return hidden @ out["w"] + out["b"], [x, hidden]
def backprop_net(G_output, aux):
    x, hidden = aux
    G_w_out, G_b_out = hidden.T @ G_output, G_output.sum(axis=0)
    G_hidden = G_output @ out["w"].T * np.sign(hidden)
    out["w"] -= rate * G_w_out
    out["b"] -= rate * G_b_out
    G_w_hid, G_b_hid = x.T @ G_hidden, G_hidden.sum(axis=0)
    hid["w"] -= rate * G_w_hid
    hid["b"] -= rate * G_b_hid
def forward_loss(output, y):
    diff = output - y
    return np.mean(diff ** 2), diff
def backprop_loss(G_loss, diff):
    return 2 * diff / diff.size
x0, y0 = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])
init(2, 10)
for turn in range(99):
    output, aux = forward_net(x0)
    loss, diff = forward_loss(output, y0)
    backprop_net(backprop_loss(1.0, diff), aux)
"""
PLACEHOLDER = """
import numpy as np
def cost(theta, X, y):
    grad = np.zeros(theta.shape)
    return 0.5 * np.sum((X @ theta - y) ** 2)
def descend(theta, X, y, alpha):
    for turn in range(9):
        grad = X.T @ (X @ theta - y)
        theta = theta - alpha * grad
        J = cost(theta, X, y)
    return theta
"""


BIASED = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def cost(theta, X, y, lam):
    h, m = sigmoid(X @ theta), len(y)
    return (-y.T @ np.log(h) - (1 - y).T @ np.log(1 - h)) / m + lam / (2 * m) * (theta[1:].T @ theta[1:])
def descend(X, y, theta, alpha, turns, lam):
    m, J = len(y), np.zeros([turns, 1])
    for turn in range(turns):
        grad = np.sum(X * np.tile(sigmoid(X @ theta) - y, theta.shape[0]), 0).reshape([X.shape[1], 1]) / m
        grad[1:, :] = grad[1:, :] + lam / m * theta[1:, :]
        theta = theta - alpha * grad
        J[turn] = cost(theta, X, y, lam)
    return [theta, J]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (RIDGE, "slope = 2 * alpha * w", "slope = 3 * alpha * w"),
        (RATINGS, "E.T @ X + reg * T", "E.T @ X + 2 * reg * T"),
        (PAIRS, "rate * G_b_hid", "rate * G_b_out"),
        (BIASED, "grad[1:, :] = grad[1:, :] + lam / m * theta[1:, :]", "grad = grad + lam / m * theta"),
        (PLACEHOLDER, "X.T @ (X @ theta - y)", "X.T @ (X @ theta + y)"),
    ],
)
def test_each_is_judged(code: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in code
    for text, verdict in ((code, Verdict.AGREE), (code.replace(right, wrong), Verdict.DISAGREE)):
        (tmp_path / "program.py").write_text(text, encoding="utf-8")
        found = recognise(read(tmp_path / "program.py"))
        assert not found.skipped
        verdicts = {judge_unit(unit, examples=5).verdict for unit in found.units}
        assert verdict in verdicts
        assert verdicts <= {Verdict.AGREE, verdict}


@pytest.mark.thorough
def test_a_backward_pass_that_moves_weights_is_not_left_out(tmp_path: Path) -> None:
    code = PAIRS.replace("G_", "q_").replace("x, hidden = aux", "x, hidden = aux\\n    q_output = q_output.round(3)")
    (tmp_path / "program.py").write_text(code.replace("\\n", "\n"), encoding="utf-8")
    found = recognise(read(tmp_path / "program.py"))
    judged = {function for unit in found.units for function in unit.covers}
    assert "backprop_net" in {one.function for one in found.skipped} | judged
