"""Dictionaries and objects with the names of the parameters that are none: masks, anchors, old weights, twins."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

HELD = """
import numpy as np

class Net:
    def __init__(self, n, m):
        r = np.random.RandomState(0)
        self.p = {{"W": r.randn(n, m) * 0.4, "v": r.randn(m) * 0.4}}
        self.{held} = {{k: {value} for k, w in self.p.items()}}

    def loss_and_grads(self, X, y):
        w = {{k: self.p[k]{times} for k in self.p}}
        h = np.tanh(X @ w["W"])
        e = h @ w["v"] - y
        loss = 0.5 * np.sum(e ** 2)
        d = np.outer(e, w["v"]) * (1 - h ** 2)
        g = {{"W": X.T @ d, "v": h.T @ e}}
        for k in self.p:
            {penalty}
        return loss, g

net = Net(3, 4)
X, y = np.random.randn(6, 3), np.random.randn(6)
for _ in range(9):
    loss, g = net.loss_and_grads(X, y)
    for k in net.p:
        net.p[k] -= 0.1 * g[k]
"""
MASKED = {"held": "cut", "value": "(r.rand(*w.shape) > 0.3) * 1.0 + 0.1", "times": " * self.cut[k]"}
ANCHORED = {"held": "spring", "value": "w + 0.1", "times": ""}
PULLED = "loss += 0.1 * np.sum((self.p[k] - self.spring[k]) ** 2); g[k] = g[k] + {} * (self.p[k] - self.spring[k])"

TWINS = """
from dataclasses import dataclass
import numpy as np

@dataclass
class Weights:
    W: np.ndarray
    v: np.ndarray

class Net:
    def __init__(self, n, m):
        r = np.random.RandomState(0)
        self.before = Weights(r.randn(n, m) * 0.4, r.randn(m) * 0.4)
        self.now = Weights(self.before.W + 0.1, self.before.v - 0.1)

    def loss_and_grad(self, X, y):
        a, b = self.now, self.before
        h = np.tanh(X @ a.W)
        e = h @ a.v - y
        loss = 0.5 * np.sum(e ** 2) + 0.1 * (np.sum((a.W - b.W) ** 2) + np.sum((a.v - b.v) ** 2))
        g = Weights(np.zeros_like(a.W), np.zeros_like(a.v))
        g.W += X.T @ (np.outer(e, a.v) * (1 - h ** 2)) + 0.2 * (a.W - b.W)
        g.v += h.T @ e + {rate} * (a.v - b.v)
        return loss, g

net = Net(3, 4)
X, y = np.random.randn(6, 3), np.random.randn(6)
for _ in range(9):
    loss, g = net.loss_and_grad(X, y)
    net.now.W -= 0.05 * g.W
    net.now.v -= 0.05 * g.v
"""

BOTH_WAYS = """
import numpy as np

class Cell:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m) * 0.4
        self.dW = np.zeros_like(self.W)

class Net:
    def __init__(self, n, m):
        self.fw, self.bw = Cell(n, m), Cell(n, m)

    def loss(self, X, y):
        a, b = np.tanh(X @ self.fw.W), np.tanh(X[::-1] @ self.bw.W)
        e = a + b - y
        self.fw.dW = X.T @ (e * (1 - a ** 2))
        self.bw.dW = {X}.T @ (e * (1 - b ** 2))
        return 0.5 * np.sum(e ** 2)

net = Net(3, 4)
X, y = np.random.randn(6, 3), np.random.randn(6, 4)
for _ in range(20):
    loss = net.loss(X, y)
    net.fw.W -= 0.1 * net.fw.dW
"""

VARIANCE_REDUCED = """
import numpy as np

def loss_grad(w, x, y):
    h = np.tanh(w["W"] @ x)
    e = w["v"] @ h - y
    return 0.5 * e ** 2, {"W": np.outer(e * w["v"] * (1 - h ** 2), x), "v": e * h}

def train(w, data, rounds):
    for _ in range(rounds):
        kept = {k: a.copy() for k, a in w.items()}
        for x, y in data:
            _, g = loss_grad(w, x, y)
            _, old = loss_grad(kept, x, y)
            for k in w:
                w[k] -= 0.05 * (g[k] - 0.1 * old[k])
    return w

r = np.random.RandomState(0)
train({"W": r.randn(4, 3), "v": r.randn(4)}, [(r.randn(3), r.randn()) for _ in range(5)], 2)
"""

MEMORIES = """
import numpy as np

class Net:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(m, n) * 0.3, np.zeros((m, 1))
        self.V, self.c = np.random.randn(n, m) * 0.3, np.zeros((n, 1))
        self.accum_dW, self.accum_db = np.zeros_like(self.W), np.zeros_like(self.b)
        self.accum_dV, self.accum_dc = np.zeros_like(self.V), np.zeros_like(self.c)

    def forward_pass(self, x):
        h = np.tanh(self.W @ x + self.b)
        return h, self.V @ h + self.c

    def backward_pass(self, x, t, h, y):
        do = y - t
        dV, dc = do @ h.T, do.copy()
        dhraw = (1 - h * h) * (self.V.T @ do)
        dW, db = dhraw @ {x}.T, dhraw.copy()
        return dW, dV, db, dc

    def adagrad(self, dW, dV, db, dc):
        for p, g, m in ((self.W, dW, self.accum_dW), (self.V, dV, self.accum_dV), (self.b, db, self.accum_db),
                        (self.c, dc, self.accum_dc)):
            m += g * g
            p -= 0.1 * g / np.sqrt(m + 1e-8)

net = Net(3, 4)
for _ in range(3):
    x, t = np.random.randn(3, 1), np.random.randn(3, 1)
    h, y = net.forward_pass(x)
    net.adagrad(*net.backward_pass(x, t, h, y))
"""

PEERS = """
import numpy as np

class Peer:
    def __init__(self, d, k, seed):
        self.W = np.random.RandomState(seed).randn(d, k) * 0.4

    def forward(self, X):
        self.X, z = X, X @ self.W
        self.p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        return self.p

    def loss(self, y, other):
        n = len(y)
        kl = np.sum(other * (np.log(other) - np.log(self.p))) / n
        return -np.log(self.p[np.arange(n), y]).mean() + kl

    def backward(self, y, other):
        n = len(y)
        dz = 2 * self.p - other
        dz[np.arange(n), y] -= 1
        return self.X.T @ dz / n

    def apply(self, grads, lr):
        self.W -= lr * grads

r = np.random.RandomState(3)
one, two = Peer(3, 3, 0), Peer(3, 3, 1)
for it in range(5):
    X = r.randn(6, 3)
    y = X.argmax(1)
    p, q = one.forward(X), two.forward(X)
    losses = one.loss(y, q), two.loss(y, p)
    g1, g2 = one.backward(y, q), two.backward(y, p)
    one.apply(g1, 0.3)
    two.apply(g2, 0.3)
"""


def reports(folder: Path, text: str) -> dict[str, Report]:
    """Return what is said of everything that is judged in a program, by the names of the parameters."""
    path = folder / "net.py"
    path.write_text(text)
    units = recognise(read(path)).units
    return {",".join(sorted(unit.names)): judge_unit(unit, examples=8) for unit in units}


@pytest.mark.parametrize(
    ("parts", "penalty", "verdict"),
    [
        (MASKED, "g[k] = g[k] * self.cut[k]", Verdict.AGREE),
        (MASKED, "g[k] = g[k] / self.cut[k]", Verdict.DISAGREE),
        (ANCHORED, PULLED.format("0.2"), Verdict.AGREE),
        (ANCHORED, PULLED.format("0.1"), Verdict.DISAGREE),
    ],
)
def test_a_gradient_is_held_against_the_one_dictionary_that_it_is_right_for(
    tmp_path: Path, parts: dict[str, str], penalty: str, verdict: Verdict
) -> None:
    found = reports(tmp_path, HELD.format(penalty=penalty, **parts))
    assert {report.verdict for report in found.values()} == {verdict}
    if verdict is Verdict.AGREE:
        assert set(found) <= {"W,v", "p_W,p_v"}


@pytest.mark.parametrize(("rate", "verdict"), [("0.2", Verdict.AGREE), ("0.4", Verdict.DISAGREE)])
def test_of_two_objects_the_gradient_is_that_of_the_one_that_the_file_moves(
    tmp_path: Path, rate: str, verdict: Verdict
) -> None:
    found = reports(tmp_path, TWINS.format(rate=rate))
    assert [report.verdict for report in found.values()] == [verdict]


def test_of_two_objects_with_a_gradient_each_none_is_left_out(tmp_path: Path) -> None:
    (name,) = found = reports(tmp_path, BOTH_WAYS.format(X="X[::-1]"))
    assert set(name.split(",")) == {"bw_W", "fw_W"}
    assert found[name].verdict is not Verdict.AGREE
    (report,) = reports(tmp_path, BOTH_WAYS.format(X="X")).values()
    assert report.verdict is Verdict.DISAGREE


def test_a_copy_of_the_weights_stays_on_purpose_though_its_gradient_is_computed(tmp_path: Path) -> None:
    found = reports(tmp_path, VARIANCE_REDUCED)
    assert found
    assert Verdict.DISAGREE not in {report.verdict for report in found.values()}


@pytest.mark.parametrize(("x", "verdict"), [("x", Verdict.AGREE), ("np.tanh(x)", Verdict.DISAGREE)])
def test_a_memory_that_is_called_after_a_gradient_is_no_parameter(tmp_path: Path, x: str, verdict: Verdict) -> None:
    found = reports(tmp_path, MEMORIES.replace("{x}", x))
    assert {name: report.verdict for name, report in found.items()} == {"V,W,b,c": verdict}


def test_each_of_several_networks_goes_by_the_loss_of_its_own(tmp_path: Path) -> None:
    found = reports(tmp_path, PEERS)
    assert [report.verdict for report in found.values()] == [Verdict.AGREE]
    found = reports(tmp_path, PEERS.replace("2 * self.p - other", "2 * self.p - 2 * other"))
    assert Verdict.DISAGREE in {report.verdict for report in found.values()}
