"""Losses that a gradient's function leaves to others, or to nobody."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.recognise.reference import COMPLEX
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.step_signs import signs_of
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

W = np.random.randn(5, 3)
b = np.zeros((5, 1))
V = np.random.randn(4, 5)
c = np.zeros((4, 1))

{before}
def gradients(x, y):
    h = np.tanh(W @ x + b)
    out = {out}
    delta = {delta}
    dV = delta @ h.T
    dc = delta.sum(axis=1, keepdims=True)
    dz = (V.T @ delta) * (1 - h ** 2)
    dW = dz @ x.T{slip}
    db = dz.sum(axis=1, keepdims=True)
    return dW, db, dV, dc

x, y = np.random.randn(3, 6), {target}
for turn in range(3):
    dW, db, dV, dc = gradients(x, y)
    W {sign}= 0.1 * dW
    b {sign}= 0.1 * db
    V {sign}= 0.1 * dV
    c {sign}= 0.1 * dc
"""
LINEAR, REAL = "V @ h + c", "np.random.randn(4, 6)"
LOGISTIC = "1 / (1 + np.exp(-(V @ h + c)))"
SOFTMAX = "np.exp(V @ h + c) / np.exp(V @ h + c).sum(axis=0)"
ONE_HOT = "np.eye(4)[:, np.random.randint(0, 4, 6)]"


def unit_of(path: Path, **parts: str) -> list[Unit]:
    """Return the units of a small net, right and without a visible loss except for what is given."""
    usual = {"before": "", "out": LINEAR, "delta": "out - y", "slip": "", "target": REAL, "sign": "-"}
    (path / "net.py").write_text(NET.format(**{**usual, **parts}))
    return recognise(read(path / "net.py")).units


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "half the squared error of out against y"),
        (
            {"delta": "2 * (out - y) / y.size"},
            "the squared error of out against y, divided by the number of its entries",
        ),
        ({"delta": "(out - y) * out * (1 - out)", "out": LOGISTIC}, "half the squared error of out against y"),
        ({"out": SOFTMAX, "target": ONE_HOT}, "the cross-entropy of out against y"),
        ({"out": SOFTMAX, "target": ONE_HOT, "delta": "(out - y) / 6"}, "divided by the number of its"),
        ({"out": LOGISTIC, "target": "(np.random.rand(4, 6) > 0.5) * 1.0"}, "the binary cross-entropy of out"),
        ({"delta": "y - out", "sign": "+"}, "minus half the squared error of out against y"),
    ],
)
def test_states_the_loss_that_the_gradients_are_derivatives_of(
    parts: dict[str, str], said: str, tmp_path: Path
) -> None:
    unit = unit_of(tmp_path, **parts)[0]
    assert said in unit.assumptions[0]
    report = judge_unit(unit, examples=4)
    assert report.verdict is Verdict.AGREE
    assert report.oracles == (COMPLEX,)  # differences cost sixteen calls for each entry


def test_sees_a_bug_below_the_layer_that_told_the_loss(tmp_path: Path) -> None:
    report = judge_unit(unit_of(tmp_path, slip=" * 1.5")[0], examples=4)
    assert {t.name for t in report.tallies if t.verdict is Verdict.DISAGREE} == {"W"}


def test_says_that_an_update_climbs(tmp_path: Path) -> None:
    report = judge_unit(unit_of(tmp_path, delta="y - out")[0], examples=4)
    assert report.verdict is Verdict.DISAGREE
    assert {finding.code for finding in report.findings} == {"update-differs"}


def test_fits_no_scale_that_no_size_explains(tmp_path: Path) -> None:
    assert unit_of(tmp_path, delta="0.37 * (out - y)") == []


MEAN = "def {name}(x, y):\n    return np.mean((V @ np.tanh(W @ x + b) + c - y) ** {power})\n"


def test_prefers_the_loss_that_the_file_defines(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, before=MEAN.format(name="cost", power=2), delta="2 * (out - y) / y.size")[0]
    assert unit.assumptions == ("the loss was taken to be cost(x, y)",)


def test_acquits_no_gradient_of_another_loss_than_the_files(tmp_path: Path) -> None:
    unit = unit_of(tmp_path, before=MEAN.format(name="cost", power=4))[0]
    assert judge_unit(unit, examples=4).verdict is Verdict.DISAGREE


PAIR = """
import numpy as np

class Tower:
    def __init__(self):
        self.W, self.b = np.random.randn(4, 3), np.zeros((4, 1))

    def embed(self, x):
        return self.W @ x + self.b

def pair_loss(net, x, y):
    return 0.5 * np.sum((net.embed(x) - net.embed(y)) ** 2)

def pair_grads(net, x, y):
    d = net.embed(x) - net.embed(y)
    E = np.hstack([d, -d])
    return {loss}dict(W=E @ np.hstack([x, y]).T, b=E.sum(axis=1, keepdims=True){slip})

net = Tower()
for turn in range(3):
    {target}grads = pair_grads(net, np.random.randn(3, 7), np.random.randn(3, 7))
    for name in grads:
        setattr(net, name, getattr(net, name) - 0.1 * grads[name])
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" + 1", Verdict.DISAGREE)])
@pytest.mark.parametrize(("loss", "target"), [("", ""), ("0.5 * np.sum(d * d), ", "loss, ")])
def test_judges_what_a_loss_never_depends_on_beside_its_neighbours(
    loss: str, target: str, slip: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "towers.py"
    path.write_text(PAIR.format(slip=slip, loss=loss, target=target))
    (unit,) = recognise(read(path)).units
    assert set(unit.names) == {"W", "b"}
    assert judge_unit(unit, examples=4).verdict is verdict


DERIVATIVES = """
import numpy as np

class Net:
    def __init__(self, n):
        self.up, self.out = np.random.randn(n, 4), np.random.randn(4, 1)

    def backward(self, x, wanted):
        h = np.tanh(x @ self.up)
        dloss_do = 2 * (wanted - h @ self.out)
        self.dout = h.T @ dloss_do
        self.dup = x.T @ (dloss_do @ self.out.T * {derivative})

    def train(self, X, Y):
        for turn in range(50):
            self.backward(X[turn % 5].reshape(1, 3), Y[turn % 5])
            self.out += 0.1 * self.dout
            self.up += 0.1 * self.dup

Net(3).train(np.random.randn(5, 3), np.random.randn(5))
"""


@pytest.mark.parametrize(("derivative", "verdict"), [("(1 - h ** 2)", Verdict.AGREE), ("h", Verdict.DISAGREE)])
def test_a_derivative_of_a_loss_is_no_loss_though_it_is_one_number(
    derivative: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(DERIVATIVES.format(derivative=derivative))
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=8).verdict is verdict


DROPPED = """
import numpy as np

W, V = np.random.randn(6, 10), np.random.randn(10, 3)
X, Y = np.random.randn(24, 6), np.eye(3)[np.random.randint(0, 3, 24)]
for turn in range(20):
    z = X @ W
    kept = np.random.rand(24, 10) < 0.8
    h = np.maximum(0, z) * kept / 0.8
    p = np.exp(h @ V)
    p /= p.sum(axis=1, keepdims=True)
    e = (p - Y) / len(X)
    dV = h.T @ e
    dh = e @ V.T * kept{scale}
    dW = X.T @ (dh * (z > 0))
    W -= 0.1 * dW
    V -= 0.1 * dV
"""


@pytest.mark.parametrize(("scale", "verdict"), [(" / 0.8", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_kinks_hide_a_slope_and_are_none(tmp_path: Path, scale: str, verdict: Verdict) -> None:
    """Among so many rectifiers some kink is always within reach of the weights before them: the loss moves there."""
    (tmp_path / "net.py").write_text(DROPPED.format(scale=scale))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    report = judge_unit(unit, examples=6)
    assert report.verdict is verdict
    assert {tally.name for tally in report.tallies} == {"W", "V"}


LABEL = """
import numpy as np
W = np.random.randn(3, 4)
for row, label in zip(np.random.randn(9, 4), np.random.randint(0, 3, 9)):
    e = np.exp(W @ row)
    p = e / e.sum()
    total = -np.log(p[label])
    d = p.copy()
    d[label] -= 1
    W -= 0.1 * np.outer(d, row)
"""


def test_an_index_that_chooses_a_class_is_a_target(tmp_path: Path) -> None:
    path = tmp_path / "label.py"
    path.write_text(LABEL.replace("total = -np.log(p[label])", "hits = p[label] > 0.5"))
    (unit,) = recognise(read(path)).units
    assert "cross-entropy" in str(unit.subject.loss)
    assert "against label" in str(unit.subject.loss)


SATURATING = """
import numpy as np

W, V = np.random.randn(5, 3), np.random.randn(2, 5)

def gradients(x, y):
    h = np.maximum(W @ x, 0)
    share, score = squashed(V @ h)
    delta = (share - y) / x.shape[1]
    dz = (V.T @ delta) * (h > 0)
    return dz @ x.T, delta @ h.T

def squashed(score):
    return 1 / (1 + np.exp(-score)), score

x, y = np.random.randn(3, 6), np.random.randint(0, 2, (2, 6))
for turn in range(3):
    dW, dV = gradients(x, y)
    W -= 0.1 * dW
    V -= 0.1 * dV
"""


def test_of_a_share_that_rounds_to_one_the_loss_is_taken_by_its_logit(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SATURATING)
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert "of the sigmoid of score against y" in str(unit.subject.loss)
    report = judge_unit(unit, examples=40)
    assert (report.verdict, report.judged) == (Verdict.AGREE, 40)


BESIDE_A_LAYER = """
import numpy as np

def dense_forward(x, w):
    return x @ w, (x, w)

def dense_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout

def sequence_loss(x, y):
    examples, steps, words = x.shape
    rows = x.reshape(examples * steps, words)
    p = np.exp(rows - rows.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    places = np.arange(len(rows)), y.reshape(-1)
    loss = -np.log(p[places]).sum() / len(x)
    dx_flat = p.copy()
    dx_flat[places] -= 1
    dx_flat /= {count}
    return loss, {returned}
"""


@pytest.mark.parametrize(("count", "verdict"), [("len(x)", Verdict.AGREE), ("len(rows)", Verdict.DISAGREE)])
def test_a_loss_is_judged_whose_gradient_is_laid_out_anew_where_it_is_returned(
    count: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "layers.py").write_text(BESIDE_A_LAYER.format(count=count, returned="dx_flat.reshape(x.shape)"))
    units = {unit.name: unit for unit in recognise(read(tmp_path / "layers.py")).units}
    assert units.keys() == {"dense_forward/dense_backward", "sequence_loss"}
    assert judge_unit(units["sequence_loss"], examples=12).verdict is verdict


def test_a_loss_whose_gradient_is_not_found_is_listed(tmp_path: Path) -> None:
    source = BESIDE_A_LAYER.format(count="len(x)", returned="[[row.tolist()] for row in dx_flat]")
    (tmp_path / "layers.py").write_text(source)
    found = recognise(read(tmp_path / "layers.py"))
    assert [unit.name for unit in found.units] == ["dense_forward/dense_backward"]
    assert [skipped.function for skipped in found.skipped] == ["sequence_loss"]


LETTERED = """
import numpy as np

def laid_out(first, second):
    return np.r_[first.ravel(), second.ravel()]

def cost(theta, hidden, x, y):
    w1 = theta[: hidden * x.shape[1]].reshape(hidden, x.shape[1])
    w2 = theta[hidden * x.shape[1] :].reshape(1, hidden)
    a = np.tanh(x @ w1.T)
    d2 = (a @ w2.T)[:, 0] - y
    d1 = (d2[:, None] * w2) * {slope}
    return 0.5 * np.sum(d2 ** 2), laid_out(d1.T @ x, (d2 @ a)[None])
"""
JOINED = LETTERED.replace("laid_out(d1.T @ x, (d2 @ a)[None])", "laid_out(g1, g2)").replace(
    "    return 0.5", "    g1, g2 = d1.T @ x, (d2 @ a)[None]\n    return 0.5"
)


@pytest.mark.thorough
@pytest.mark.parametrize(("slope", "verdict"), [("(1 - a ** 2)", Verdict.AGREE), ("(1 - a)", Verdict.DISAGREE)])
def test_gradients_that_are_called_by_letters_and_numbers_belong_to_the_one_vector(
    slope: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "cost.py").write_text(JOINED.format(slope=slope))
    (unit,) = recognise(read(tmp_path / "cost.py")).units
    assert unit.names.keys() == {"theta"}
    assert judge_unit(unit, examples=12).verdict is verdict


ONE_AT_A_TIME = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

class Net:
    def __init__(self, n, k):
        self.V, self.W = np.random.rand(n, k), np.random.rand(k, 1)

    def forward(self, x):
        self.h = sigmoid(x @ self.V)
        self.out = sigmoid(self.h @ self.W)
        return self.out

    def backward(self, x, y, rate):
        output_error = y - self.out
        d = output_error * self.out * (1 - self.out)
        below = (d @ self.W.T) * {derivative}
        self.W += rate * self.h.T @ d
        self.V += rate * x.T @ below

net, x, y = Net(2, 4), np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
for turn in range(100):
    for n in range(len(x)):
        net.forward(x[n : n + 1])
        net.backward(x[n : n + 1], y[n : n + 1], 0.1)
"""


@pytest.mark.parametrize(
    ("derivative", "verdict"), [("self.h * (1 - self.h)", Verdict.AGREE), ("(1 - self.h)", Verdict.DISAGREE)]
)
def test_an_error_is_no_prediction_though_it_equals_one_where_a_target_is_zero(
    derivative: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(ONE_AT_A_TIME.replace("{derivative}", derivative))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert "output_error against" not in str(unit.subject.loss)
    assert judge_unit(unit, examples=40).verdict is verdict


CORNERS = """
import numpy as np
from sklearn.metrics import log_loss

X, Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]]), np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]])
Q = {"W": np.random.randn(2, 2), "b": np.random.randn(2)}

def forward_pass(x, y, Q):
    z = x @ Q["W"] + Q["b"]
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return {"a": x, "s": e / e.sum(axis=-1, keepdims=True), "y": y, "L": log_loss(y, e)}

def backward_pass(P, Q):
    d = (P["s"] - P["y"]) / len(P["a"])
    return {"dW": P["a"].T @ d, "db": d.sum(axis=0)}

for turn in range(100):
    P = forward_pass(X, Y, Q)
    grads = backward_pass(P, Q)
    Q["W"] -= 0.1 * grads["dW"]
    Q["b"] -= 0.1 * grads["db"]
"""


def test_classes_stay_where_they_are_where_there_are_as_many_rows(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(CORNERS)
    (unit,) = recognise(read(tmp_path / "net.py")).units
    report = judge_unit(unit, examples=40)
    assert report.verdict is Verdict.AGREE
    assert "two-steps" in report.regimes


TWO_LOSSES = """
import numpy as np

class Line:
    def __init__(self, columns):
        self.slope = np.random.randn(columns, 1)
        self.start = np.random.randn(1)

    def values(self, rows):
        return rows @ self.slope + self.start

    def shown_loss(self, rows, goals):
        return np.sum((self.values(rows) - goals) ** 2) / 2

    def total_loss(self, rows, goals):
        total = 0.0
        for one, wanted in zip(rows, goals):
            total += np.sum((self.values(one).flatten() - wanted) ** 2) / 2
        return total

    def backprop(self, rows, goals):
        off = self.values(rows).flatten() - goals
        dslope = {factor}rows.T @ off[:, None]
        dstart = np.array([off.sum()])
        return [dslope, dstart]

    def step(self, rows, goals, rate):
        dslope, dstart = self.backprop(rows, goals)
        self.slope -= rate * dslope
        self.start -= rate * dstart

line = Line(3)
slope, start = line.slope, line.start
line.step(np.random.randn(7, 3), np.random.randn(7), 0.1)
"""


@pytest.mark.parametrize(("factor", "wrong"), [("", set()), ("2 * ", {"slope"})])
def test_a_loss_that_gradients_are_right_by_comes_before_one_that_spreads_its_targets(
    factor: str, wrong: set[str]
) -> None:
    found = recognise(read_text(TWO_LOSSES.replace("{factor}", factor), "utf-8", Path("x.py")))
    (unit,) = found.units
    assert set(unit.names) == {"slope", "start"}
    assert "total_loss" in str(unit.subject.loss)
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong


@pytest.mark.parametrize(
    ("text", "signs"),
    [("rate = 0.3\nw = w - rate * dw", {"w": 1}), ("rate = -0.3\nw = w - rate * dw", {})],
    ids=["above zero", "below zero"],
)
def test_what_is_taken_away_at_a_rate_below_zero_may_be_either_sign(text, signs):
    assert signs_of(ast.parse(text), {"w": Place(LOCAL, ("dw",), "dw")}) == signs
