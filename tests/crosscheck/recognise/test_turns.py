"""Turns of trainings and straight scripts: what is left over, moved too early, added up in a loop, or made up."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

CARRIED = """
import numpy as np

h_size, steps = 4, 5
U, W, V = np.random.randn(1, h_size) * 0.4, np.random.randn(h_size, h_size) * 0.4, np.random.randn(h_size, 1) * 0.4
{before}later_delta = np.zeros((1, h_size))
for turn in range(20):
    a, c = np.random.randn(steps), np.random.randn(steps)
    dU, dW, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V)
    {within}later_delta = np.zeros((1, h_size))
    states, errors, loss = [np.zeros((1, h_size))], [], 0
    for t in range(steps):
        states.append(np.tanh(a[t] * U + states[-1] @ W))
        errors.append(states[-1] @ V - c[t])
        loss += 0.5 * errors[-1][0, 0] ** 2
    for t in reversed(range(steps)):
        delta = (later_delta @ W.T + errors[t] @ V.T) * (1 - states[t + 1] ** 2)
        dV += states[t + 1].T @ errors[t]
        dW += states[t].T @ delta
        dU += a[t] * delta
        later_delta = delta
    U -= 0.1 * dU
    W -= 0.1 * dW
    V -= 0.1 * dV
"""

MOVED = """
import numpy as np

X, Y = np.random.randn(9, 2), np.random.randn(9, 1)
W, V, rate = np.random.randn(2, 4) * 0.5, np.random.randn(4, 1) * 0.5, 0.05
for turn in range(20):
    h = np.tanh(X @ W)
    out = h @ V
    loss = np.sum((out - Y) ** 2) / 2
    back = {view}
    e = out - Y
    V -= rate * (h.T @ e)
    d = (e @ back) * (1 - h ** 2)
    W -= rate * (X.T @ d)
"""

LISTS = """
alpha = 0.05
rows = [([0.5, -1.0, 0.3], [0.4, 0.1]), ([1.0, 0.2, -0.6], [-0.3, 0.2])]
w = [[0.1, -0.2, 0.3], [0.4, 0.1, -0.5], [0.2, 0.3, 0.1], [0.6, -0.3, 0.2]]
v, c = [[0.3, -0.4, 0.2, 0.1], [0.5, 0.2, -0.3, 0.4]], [0, 0]
for turn in range(30):
    total = 0
    for row in range(2):
        x, target = rows[row]
        h = [sum(w[j][i] * x[i] for i in range(3)) ** 3 for j in range(4)]
        out = [sum(v[k][j] * h[j] for j in range(4)) + c[k] for k in range(2)]
        errors = []
        for k in range(2):
            e = out[k] - target[k]
            errors.append(e)
            total += e * e
        {first}
        d = [0] * 4
        for j in range(4):
            for k in range(2):
                d[j] += errors[k] * v[k][j]
        for j in range(4):
            d[j] *= 3 * sum(w[j][i] * x[i] for i in range(3)) ** 2
        {then}
        for j in range(4):
            for i in range(3):
                w[j][i] -= alpha * d[j] * x[i]
"""
STEP = """for k in range(2):
            for j in range(4):
                v[k][j] -= alpha * errors[k] * h[j]
            c[k] -= alpha * errors[k]"""

SHOWN = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

U = np.array([[0.5, -0.2, 0.1, 0.7], [0.3, 0.4, -0.6, 0.2], [-0.1, 0.8, 0.2, -0.3]])
V = np.array([[0.6], [-0.5], [0.4], [0.3]])
W = np.array([[0.1, -0.9, 0.8, -0.2], [0.2, -0.3, -0.1, -1.3], [-0.4, 0.5, -0.8, 0.3], [0.4, 0.5, 0.3, -0.8]])
b = np.array([[0.1], [0.2], [-0.3], [0.4]])
X = np.array([[-0.5, 0.9, -0.8, 0.4, 0.6], [0.9, -0.6, 0.7, -0.9, -0.5], [0.4, -0.6, 0.2, 0.9, -0.3]])
d = np.array([[0.9, 0.2, 0.3, 0.4, 0.7]])

h, y = np.zeros((4, 6)), np.zeros((1, 5))
for i in range(5):
    h[:, [i + 1]] = sigmoid(U.T @ X[:, [i]] + W.T @ h[:, [i]] + b)
    y[:, [i]] = sigmoid(V.T @ h[:, [i + 1]])
delta_y = (y - d) * y * (1 - y)
delta_h = np.zeros((4, 5))
for i in reversed(range(5)):
    term = V @ delta_y[:, [i]]
    if i < 4:
        term += {w} @ delta_h[:, [i + 1]]
    delta_h[:, [i]] = term * h[:, [i + 1]] * (1 - h[:, [i + 1]])
grad_V = h[:, 1:] @ delta_y.T
grad_U, grad_W = np.zeros_like(U), np.zeros_like(W)
for i in range(5):
    grad_U += X[:, [i]] @ delta_h[:, [i]].T
    grad_W += h[:, [i]] @ delta_h[:, [i]].T
print(grad_U, grad_V, grad_W)
"""

EXAMPLES = """
import numpy as np

X, Y = np.random.randn(4, 5, 2), np.random.randn(4)
W, U, v = np.random.randn(3, 2) * 0.5, np.random.randn(3, 3) * 0.5, np.random.randn(3) * 0.5
dW, dU, dv = np.zeros_like(W), np.zeros_like(U), np.zeros_like(v)
loss = 0.0
for k in range(4):
    h = np.zeros((6, 3))
    for t in range(5):
        h[t + 1] = np.tanh(W.dot(X[k, t]) + U.dot(h[t]))
    y = v.dot(h[5])
    loss += 0.5 * (y - Y[k]) ** 2 / 4
    dy = (y - Y[k]) / 4
    dv += dy * h[5]
    dh = dy * v
    for t in range(4, -1, -1):
        dz = dh * (1 - h[t + 1] ** 2)
        dW += np.outer(dz, X[k, t])
        dU += np.outer(dz, h[{of}])
        dh = U.T.dot(dz)
print(loss, dW, dU, dv)
"""

ALONE = """
import numpy as np

class Net:
    def __init__(self, n_in, n_h):
        self.W, self.v, self.c = np.random.randn(n_in, n_h), np.random.randn(n_h, 1), np.zeros((1, 1))

    def forward(self, x):
        h = np.tanh(x @ self.W)
        return 1 / (1 + np.exp(-(h @ self.v + self.c))), (x, h)

    def backward(self, y_pred, y_true, cache, lr):
        x, h = cache
        d = {error}
        dv, dc = h.T @ d, d
        dW = x.T @ ((d @ self.v.T) * (1 - h ** 2))
        self.W -= lr * dW
        self.v -= lr * dv
        self.c -= lr * dc
"""

ROWS = """
import numpy as np

hidden, width = 20, 32
Wx, Wh = np.random.randn(hidden, width) * 0.1, np.random.randn(hidden, hidden) * 0.1
v = np.random.randn(1, hidden) * 0.1

def loss_fun(phrase, target, h0):
    \'\'\'phrase is a list of integers, target a number; h0 is Hx1 array of initial hidden state\'\'\'
    xs, hs = {{}}, {{-1: np.copy(h0)}}
    for t in range(len(phrase)):
        xs[t] = np.zeros((width, 1))
        for j in range(32):
            xs[t][j] = phrase[t][j]
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1])
    e = v @ hs[len(phrase) - 1] - target
    loss = 0.5 * np.sum(e ** 2)
    dWx, dWh, dv = np.zeros_like(Wx), np.zeros_like(Wh), e @ hs[len(phrase) - 1].T
    dh = v.T @ e
    for t in reversed(range(len(phrase))):
        da = dh * (1 - hs[t] ** 2)
        dWx += da @ xs[t].T
        dWh += da @ hs[{of}].T
        dh = Wh.T @ da
    return loss, dWx, dWh, dv
"""

MULTIPLIER = """
import numpy as np

w, lam = np.random.randn(4), 0.5

def lagrangian(x, y, lam):
    e = x @ w - y
    kept = np.mean(w ** 2) - 0.2
    dw = x.T @ e + lam * 2 * w / w.size
    return 0.5 * np.sum(e ** 2) + lam * kept, dw, kept

for _ in range(50):
    x, y = np.random.randn(6, 4), np.random.randn(6)
    value, dw, d_lam = lagrangian(x, y, lam)
    w {sign}= 0.01 * dw
    lam = max(0.0, lam + 0.02 * d_lam)
"""


def reports(folder: Path, text: str) -> list[Report]:
    """Return what is said of everything that is judged in a program."""
    path = folder / "net.py"
    path.write_text(text)
    return [judge_unit(unit, examples=8) for unit in recognise(read(path)).units]


def verdicts(folder: Path, text: str) -> set[Verdict]:
    """Return the verdicts on everything that is judged in a program."""
    return {report.verdict for report in reports(folder, text)}


def test_a_carry_that_no_turn_sets_to_zero_goes_by_all_turns_before(tmp_path: Path) -> None:
    assert verdicts(tmp_path, CARRIED.format(before="", within="# ")) == {Verdict.DISAGREE}
    assert verdicts(tmp_path, CARRIED.format(before="# ", within="")) == {Verdict.AGREE}
    assert verdicts(tmp_path, CARRIED.format(before="", within="")) == {Verdict.AGREE}


@pytest.mark.parametrize(
    ("view", "verdict"),
    [("V.T", Verdict.DISAGREE), ("V.T.copy()", Verdict.AGREE), ("V.copy().T", Verdict.AGREE)],
)
def test_what_is_moved_in_place_moves_under_its_other_names(tmp_path: Path, view: str, verdict: Verdict) -> None:
    assert verdicts(tmp_path, MOVED.format(view=view)) == {verdict}


def test_an_error_that_is_begun_behind_a_step_is_no_error_of_its_own(tmp_path: Path) -> None:
    assert verdicts(tmp_path, LISTS.format(first=STEP, then="pass")) == {Verdict.DISAGREE}
    assert verdicts(tmp_path, LISTS.format(first="pass", then=STEP)) == {Verdict.AGREE}


@pytest.mark.parametrize(("w", "verdict"), [("W", Verdict.AGREE), ("W.T", Verdict.DISAGREE)])
def test_gradients_that_a_script_adds_up_in_a_loop_are_its_own(tmp_path: Path, w: str, verdict: Verdict) -> None:
    (report,) = reports(tmp_path, SHOWN.format(w=w))
    assert report.verdict is verdict
    assert {tally.name for tally in report.tallies} == {"U", "V", "W"}


@pytest.mark.parametrize(("of", "verdict"), [("t", Verdict.AGREE), ("t + 1", Verdict.DISAGREE)])
def test_a_script_may_add_up_the_gradients_of_its_examples(tmp_path: Path, of: str, verdict: Verdict) -> None:
    (report,) = reports(tmp_path, EXAMPLES.format(of=of))
    assert report.verdict is verdict
    assert {tally.name for tally in report.tallies} == {"W", "U", "v"}


@pytest.mark.parametrize(
    ("error", "verdict"),
    [("y_pred - y_true", Verdict.AGREE), ("(y_pred - y_true) * y_pred * (1 - y_pred)", Verdict.AGREE)],
)
def test_a_lone_target_of_a_sigmoid_stays_between_zero_and_one(tmp_path: Path, error: str, verdict: Verdict) -> None:
    (report,) = reports(tmp_path, ALONE.format(error=error))
    assert report.verdict is verdict
    wanted = "squared error" if "*" in error else "binary cross-entropy"
    assert any(wanted in stated for stated in report.assumptions)


@pytest.mark.parametrize(("of", "verdict"), [("t - 1", Verdict.AGREE), ("t", Verdict.DISAGREE)])
def test_what_is_indexed_twice_is_made_up_as_rows_whatever_a_docstring_says(
    tmp_path: Path, of: str, verdict: Verdict
) -> None:
    assert verdicts(tmp_path, ROWS.format(of=of)) == {verdict}


def test_the_multiplier_of_a_constraint_climbs(tmp_path: Path) -> None:
    assert verdicts(tmp_path, MULTIPLIER.format(sign="-")) == {Verdict.AGREE}
    assert verdicts(tmp_path, MULTIPLIER.format(sign="+")) == {Verdict.DISAGREE}
