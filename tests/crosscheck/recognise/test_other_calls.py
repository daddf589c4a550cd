"""Calls of other kinds than the one that is judged first: a slip may show only in one of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.recognise.kinds import MOST, OtherKinds, kind_of
from crosscheck.source import read

SWITCHED = """import numpy as np

def sig(x): return 1 / (1 + np.exp(-x))
def sig_slope(x): return sig(x) * (1 - sig(x))
def tanh_slope(x): return 1 - np.tanh(x) ** 2

def fit(X, y, f, df, g, dg):
    V, W = np.random.randn(3, 4), np.random.randn(4, 2)
    for turn in range(9):
        a = X @ V
        b = f(a) @ W
        error = g(b) - y
        d2 = error * dg(b)
        d1 = (d2 @ W.T) * df(a)
        W -= 0.1 * f(a).T @ d2
        V -= 0.1 * X.T @ d1

X, y = np.random.randn(6, 3), np.random.rand(6, 2)
fit(X, y, sig, sig_slope, sig, sig_slope)
fit(X, y, np.tanh, tanh_slope, sig, sig_slope)
"""
LAYER = """import numpy as np

def forward(x, w, kind):
    z = x @ w
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-z)), (x, w, z)
    if kind == "relu":
        return np.maximum(z, 0), (x, w, z)
    if kind == "tanh":
        return np.tanh(z), (x, w, z)

def backward(dout, cache, kind):
    x, w, z = cache
    if kind == "sigmoid":
        s = 1 / (1 + np.exp(-z))
        dz = dout * s * (1 - s)
    if kind == "relu":
        dz = dout * (z > 0)
    if kind == "tanh":
        dz = dout * (1 - np.tanh(z) ** 2)
    return dz @ w.T, x.T @ dz

x, w, v = np.random.randn(5, 4), np.random.randn(4, 3), np.random.randn(3, 2)
h, first = forward(x, w, "relu")
out, second = forward(h, v, "sigmoid")
dh, dv = backward(out - 0.5, second, "sigmoid")
dx, dw = backward(dh, first, "relu")
"""


class Softplus:
    activation, units = "relu", 0


def judged(folder: Path, code: str, examples: int = 4) -> dict[str, str]:
    path = folder / "net.py"
    path.write_text(code)
    events: list[dict[str, Any]] = []
    examine(read(path), Options(examples=examples, repair=False), events.append)
    return {e["subject"]["function"]: e["subject"]["verdict"] for e in events if e["event"] == "judged"}


def test_a_derivative_in_the_place_of_another_is_found_in_the_call_in_which_they_differ(tmp_path: Path) -> None:
    right = judged(tmp_path, SWITCHED)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, SWITCHED.replace("df(a)", "dg(a)"))
    assert wrong == right | {f"{next(iter(right))} with df=tanh_slope, f=tanh": "disagree"}


@pytest.mark.thorough
def test_each_branch_that_is_called_for_is_judged_and_one_that_could_be(tmp_path: Path) -> None:
    right = judged(tmp_path, LAYER)
    assert set(right.values()) == {"agree"}
    slips = {"(z > 0)": "(z < 0)", "s * (1 - s)": "s * (1 + s)", "(1 - np.tanh(z) ** 2)": "(1 - z ** 2)"}
    for is_right, slip in slips.items():
        assert "disagree" in judged(tmp_path, LAYER.replace(is_right, slip)).values()


def test_the_first_call_of_each_kind_is_remembered_and_no_more_than_a_few() -> None:
    kinds = OtherKinds()
    assert [kinds.are_new("f", {"g": g, "x": 1.0}) for g in (np.tanh, np.sin, np.tanh)] == [True, True, False]
    assert sum(kinds.are_new("h", {"kind": ["relu"] * n}) for n in range(1, 2 * MOST)) == MOST
    kinds.is_open = False
    assert not kinds.are_new("f", {"g": np.cos})


def test_a_kind_is_told_by_functions_and_by_names_of_activations_in_objects_as_well() -> None:
    layer = Softplus()
    layer.activation, layer.units = "tanh", 3
    assert kind_of({"self": layer}) == {("self.activation", "tanh"), ("self.class", "Softplus")}


METHODS = """import numpy as np

class Net:
    def __init__(self, sizes, way):
        self.weights = [np.random.randn(m, n) * 0.5 for n, m in zip(sizes[:-1], sizes[1:])]
        self.shifts = [np.zeros((s, 1)) for s in sizes[1:]]
        self.f, self.df = {"a": (self.sig, self.dsig), "b": (np.tanh, self.dtanh)}[way]
    def sig(self, z): return 1 / (1 + np.exp(-z))
    def dsig(self, z): return self.sig(z) * (1 - self.sig(z))
    def dtanh(self, z): return 1 - np.tanh(z) ** 2
    def learn(self, X, Y, rate):
        a, zs, held = X, [], [X]
        for W, b in zip(self.weights, self.shifts):
            zs.append(W @ a + b)
            a = self.f(zs[-1])
            held.append(a)
        costo = np.sum((a - Y) ** 2) / 2
        delta = (a - Y) * self.df(zs[-1])
        for l in range(len(self.weights) - 1, -1, -1):
            gW = delta @ held[l].T
            gb = delta.sum(axis=1, keepdims=True)
            if l > 0:
                delta = (self.weights[l].T @ delta) * self.df(zs[l - 1])
            self.weights[l] -= rate * gW
            self.shifts[l] -= rate * gb
        return costo

X = np.random.rand(2, 30)
for way in "ab":
    net = Net([2, 5, 3], way)
    for turn in range(9):
        net.learn(X, X[:1] * np.ones((3, 1)), 0.1)
"""


@pytest.mark.thorough
def test_methods_that_an_object_keeps_lead_to_the_object_itself(tmp_path: Path) -> None:
    assert set(judged(tmp_path, METHODS).values()) == {"agree"}
    assert "disagree" in judged(tmp_path, METHODS.replace("1 - np.tanh(z) ** 2", "1 - z ** 2")).values()


def test_a_call_of_which_nothing_is_right_is_held_against_the_loss_of_another_that_is_right(tmp_path: Path) -> None:
    code = SWITCHED.replace("np.tanh, tanh_slope, sig, sig_slope)", "np.tanh, tanh_slope, np.tanh, tanh_slope)")
    right = judged(tmp_path, code)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, code.replace("1 - np.tanh(x) ** 2", "1 - x ** 2"))
    assert wrong == right | {f"{next(iter(right))} with df=tanh_slope, dg=tanh_slope, f=tanh, g=tanh": "disagree"}


WORDS = """import numpy as np
E, U = np.random.randn(6, 4) * 0.1, np.random.randn(4, 2) * 0.1
for text, label in zip([[1, 4, 2], [3, 3, 5, 0], [2, 5]], [0, 1, 1]):
    v = E[text].mean(axis=0)
    s = v @ U
    p = np.exp(s - s.max())
    p /= p.sum()
    loss = -np.log(p[label])
    ds = p.copy()
    ds[label] -= 1
    dU = np.outer(v, ds)
    dE = np.zeros_like(E)
    np.add.at(dE, text, U @ ds / len(text))
    E -= 0.5 * dE
    U -= 0.5 * dU
"""


def test_what_a_loop_of_a_script_goes_through_is_drawn_anew(tmp_path: Path) -> None:
    right = judged(tmp_path, WORDS)
    assert set(right.values()) == {"agree"}
    slip = WORDS.replace("np.add.at(dE, text, U @ ds / len(text))", "dE[text] += U @ ds / len(text)")
    assert set(judged(tmp_path, slip, 16).values()) == {"disagree"}


HINGE = """import numpy as np
class Margins:
    def __init__(self, n):
        self.w, self.rate = np.random.randn(n), 0.1
    def cost(self, x, y):
        return max(0, 1 - y * np.dot(x, self.w))
    def step(self, x, y, w):
        if y * np.dot(x, w) < 1:
            w = w - self.rate * (-y * x)
        return w
model = Margins(3)
rows = np.random.randn(3, 3) * 0.1
total = 0
for x, y in zip(rows, [1.0, 0.0, 1.0]):
    total += model.cost(x, y)
    model.w = model.step(x, y, model.w)
"""


def test_a_label_of_one_hides_no_factor(tmp_path: Path) -> None:
    assert set(judged(tmp_path, HINGE).values()) == {"agree"}
    assert "disagree" in judged(tmp_path, HINGE.replace("(-y * x)", "(-x)")).values()


ENDS = """import numpy as np
U, V, c = np.random.randn(4, 1), np.random.randn(1, 4), np.zeros(1)
def forward(xs):
    h = np.tanh(U @ xs[0])
    p = 1 / (1 + np.exp(-(V @ h + c)))
    return p, h
def backward(xs, y_true, h, p):
    d = float(p.item() - y_true)
    dh = d * V.reshape(-1)
    return np.outer(dh * (1 - h * h), xs[0]), d * h[None, :], np.array([d])
def bce_loss(p, y_true):
    return float(-(y_true * np.log(p.item()) + (1 - y_true) * np.log(1 - p.item())))
for label in [0.0, 1.0, 0.0, 1.0, 0.0]:
    xs = np.random.randn(2, 1)
    p, h = forward(xs)
    print(bce_loss(p, label))
    dU, dV, dc = backward(xs, label, h, p)
    U -= 0.1 * dU
    V -= 0.1 * dV
    c -= 0.1 * dc
"""


def test_a_call_with_another_label_is_not_held_against_another_loss(tmp_path: Path) -> None:
    assert set(judged(tmp_path, ENDS).values()) == {"agree"}
