"""Whole scripts: what a turn of training takes over, what an optimiser remembers, parameters that are numbers."""

import ast
from pathlib import Path
from typing import Any

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.liveness import taken_over
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.single_numbers import scalar_parameters
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LOGISTIC = """
import numpy as np
X, y = np.random.randn(9, 4), np.arange(9) % 2

class Model:
    def __init__(self, rate=0.1):
        self.rate, self.w, self.b = rate, np.zeros(4), 0

    def loss(self, X, y):
        p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradient(self, X, y):
        p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
        return X.T @ (p - y) / len(y), np.sum(p - y) / len(y)

model = Model()
for _ in range(100):
    dw, db = model.gradient(X, y)
    model.w -= model.rate * dw
    model.b -= model.rate * db
"""
REMEMBERING = """
import numpy as np

class Net:
    def __init__(self):
        self.p = {'W': np.random.randn(5, 4), 'k': np.zeros(4)}
        self.cache = {n: np.zeros_like(w) for n, w in self.p.items()}

    def step(self, x, y):
        out = np.tanh(x @ self.p['W'] + self.p['k'])
        loss = 0.5 * np.sum((out - y) ** 2)
        d = (out - y) * (1 - out ** 2)
        g = {'W': x.T @ d, 'k': d.sum(0)}
        for n in self.p:
            self.cache[n] = 0.9 * self.cache[n] + 0.1 * g[n] ** 2
            self.p[n] -= 0.01 * g[n] / (np.sqrt(self.cache[n]) + 1e-6)
        return loss

net = Net()
for _ in range(9):
    net.step(np.random.randn(3, 5), np.random.randn(3, 4))
"""
TOTALS = """
import numpy as np
syn = np.random.randn(3, 1)
up = np.zeros_like(syn)
for epoch in range(1000):
    X, y = np.random.randn(4, 3), np.random.randn(4, 1)
    total = 0
    deltas = []
    for t in range(4):
        out = np.tanh(X[t:t+1] @ syn)
        err = y[t] - out
        deltas.append(err * (1 - out ** 2))
        total += np.abs(err[0])
    for t in range(4):
        up += X[t:t+1].T @ deltas[t]
    syn += up * 0.1
    up *= 0
"""
DECAYING = """
import numpy as np
X, y, decay = np.random.randn(6, 3), np.random.randn(6, 2), 0.3
W, b = np.random.randn(3, 2), np.zeros((1, 2))
for i in range(100):
    out = X @ W + b
    diff = out - y
    dW, db = X.T @ diff, diff.sum(0, keepdims=True)
    dW += decay * W
    W -= 0.1 * dW
    b -= 0.1 * db
"""
LEFT_OVER = """
import numpy as np

def cost(centre, outside):
    z = centre @ outside.T
    gradCentre = np.ones_like(z) @ outside
    gradOutside = np.ones_like(z).T @ centre
    return z.sum(), gradCentre, gradOutside

C, O = np.random.randn(3, 4), np.random.randn(5, 4)
for _ in range(9):
    loss, gC, gO = cost(C, O)
    O -= 0.1 * gO
"""
XOR = """
import numpy as np
X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
w0, w1 = np.random.randn(2, 4), np.random.randn(4, 1)
for i in range(60000):
    l1 = np.tanh(X @ w0)
    l2 = np.tanh(l1 @ w1)
    delta = (y - l2) * (1 - l2 ** 2)
    w0 += 0.5 * X.T @ (delta @ w1.T * (1 - l1 ** 2))
    w1 += 0.5 * l1.T @ delta
"""
ADDING = """
import numpy as np
X, y = np.random.randn(6, 3), np.random.randn(6, 1)
W = np.random.randn(3, 1)
for i in range(100):
    d = X @ W - y
    loss = 0.5 * np.sum(d * d)
    dW = -X.T @ d
    W += 0.1 * dW
"""
NUMBERS = """
def cost(b, m, x, y):
    return sum((v - (m * u + b)) ** 2 for u, v in zip(x, y)) / float(len(x))

def step(b_current, m_current, x, y, rate):
    b_gradient = m_gradient = 0
    for u, v in zip(x, y):
        b_gradient += -2 * (v - (m_current * u + b_current)) / float(len(x))
        m_gradient += -2 * u * (v - (m_current * u + b_current)) / float(len(x))
    return b_current - rate * b_gradient, m_current - rate * m_gradient

b = m = 0.0
for i in range(100):
    b, m = step(b, m, [0.1, 0.7, 1.2], [2.0, 3.0, 3.5], 0.01)
"""
TRUNCATED = """
import numpy as np

class RNN:
    def __init__(self, bptt_truncate=1):
        self.bptt_truncate, self.W, self.U = bptt_truncate, np.random.randn(5, 5), np.random.randn(5, 7)

    def forward(self, x):
        s = np.zeros((len(x) + 1, 5))
        for t in range(len(x)):
            s[t] = np.tanh(self.U[:, x[t]] + self.W @ s[t - 1])
        return s

    def loss(self, x):
        return np.sum(self.forward(x) ** 2)

    def bptt(self, x):
        s = self.forward(x)
        dU, dW = np.zeros_like(self.U), np.zeros_like(self.W)
        for t in range(len(x))[::-1]:
            d = 2 * s[t] * (1 - s[t] ** 2)
            for k in range(max(0, t - self.bptt_truncate), t + 1)[::-1]:
                dW += np.outer(d, s[k - 1])
                dU[:, x[k]] += d
                d = self.W.T @ d * (1 - s[k - 1] ** 2)
        return dU, dW

net = RNN()
for i in range(9):
    dU, dW = net.bptt([1, 4, 6, 0])
    net.U -= 0.1 * dU
    net.W -= 0.1 * dW
"""
LABELS = """
import numpy as np
import pandas as pd
data = np.array(pd.read_csv('digits.csv'))
X, Y = data[:, 1:] / 9.0, data[:, 0]

def gradient(W, X, Y):
    hot = np.eye(Y.max() + 1)[Y]
    z = X @ W
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    loss = -np.sum(hot * np.log(p)) / len(Y)
    return loss, X.T @ (p - hot) / len(Y)

W = np.zeros((X.shape[1], 10))
for i in range(50):
    loss, dW = gradient(W, X, Y)
    W = W - 0.1 * dW
"""
ALL_LOCAL = """
import numpy as np

def fit(series, lr=0.01):
    c, v = np.random.randn(5), np.random.randn(5)
    for it in range(500):
        x, y = series[it % 7], series[it % 7 + 1]
        h = np.tanh(c * x)
        loss = (v @ h - y) ** 2
        d = 2 * (v @ h - y)
        dv = d * h
        dc = d * v * (1 - h ** 2) * x
        c -= lr * dc
        v -= lr * dv
    return c, v

fit(np.sin(np.arange(9)))
"""
VELOCITY = """
import numpy as np
x, y = np.random.randn(6, 3), np.random.randn(6)
V, off = np.random.randn(3), np.zeros(1)

def cost(x, y):
    diff = x @ V + off - y
    return 0.5 * np.mean(diff ** 2), x.T @ diff / 6, np.mean(diff, keepdims=True)

mv = mo = 0
for k in range(100):
    J, slope, level = cost(x, y)
    mv = 0.9 * mv - 0.1 * slope
    V = V + mv
    mo = 0.9 * mo - 0.1 * level
    off = off + mo
"""
SPREAD = """
import numpy as np

def gradient(W, b, X, y):
    out = X @ W + b
    loss = 0.5 * np.sum((out - y) ** 2)
    dW = X.T @ (out - y)
    db = np.sum(out - y, axis=0)
    return loss, dW, db

W, b = np.random.randn(3, 4), np.zeros(4)
for k in range(100):
    loss, dW, db = gradient(W, b, np.random.randn(6, 3), np.random.randn(6, 4))
    W, b = W - 0.1 * dW, b - 0.1 * db
"""

BY_HAND = """
import math
goal, rate = 0.3, 0.4
x1, x2 = 0.2, -0.6
u1, u2, v = 0.5, -0.7, 0.9
for turn in range(500):
    h = math.tanh(u1 * x1 + u2 * x2)
    out = v * h
    miss = out - goal
    dv = miss * h
    dh = miss * v * (1 - h * h)
    moved_v = v - rate * dv
    moved_u1, moved_u2 = u1 - rate * dh * x1, u2 - rate * dh * x2
    v = moved_v
    u1, u2 = moved_u1, moved_u2
"""
BY_OTHERS = """
import numpy as np

def slopes(X, y, out):
    return X.T @ (out - y) / len(y), np.sum(out - y) / len(y)

def lowered(w, c, slope_w, slope_c, rate):
    lower_w = w - rate * slope_w
    lower_c = c - rate * slope_c
    return lower_w, lower_c

def distance(out, y):
    return np.sum((out - y) ** 2) / (2 * len(y))

def learn(X, y, rate=0.1):
    w, c = np.zeros(X.shape[1]), 0.0
    costs = []
    for turn in range(40):
        out = X @ w + c
        costs.append(distance(out, y))
        grad_w, grad_c = slopes(X, y, out)
        w, c = lowered(w, c, grad_w, grad_c, rate)
    return w, c, costs

learn(np.random.randn(9, 4), np.random.randn(9))
"""


def judged(folder: Path, source: str) -> tuple[Any, dict[str, str]]:
    (folder / "program.py").write_text(source)
    (unit,) = recognise(read(folder / "program.py")).units
    return unit, {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=8).tallies}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("source", "right", "wrong", "blamed"),
    [
        (LOGISTIC, "np.sum(p - y) / len(y)", "np.sum(p - y)", {"b"}),
        (REMEMBERING, "(1 - out ** 2)\n", "(1 - out) ** 2\n", {"W", "k"}),
        (LEFT_OVER, "np.ones_like(z) @", "2 * np.ones_like(z) @", {"centre"}),
        (XOR, "* (1 - l1 ** 2))", "* (1 - l1) ** 2)", {"w0"}),
        (NUMBERS, "-2 * u * (v", "-2 * (v", {"m_current"}),
        (TRUNCATED, "d * (1 - s[k - 1] ** 2)", "d * (1 - s[k - 1])", {"U", "W"}),
        (ALL_LOCAL, "d = 2 * (v", "d = (v", {"c", "v"}),
        (VELOCITY, "np.mean(diff, keep", "np.sum(diff, keep", {"off"}),
        (SPREAD, "np.sum(out - y, axis=0)", "np.sum(out - y)", {"b"}),
        (LABELS, "(p - hot) / len(Y)", "(p - hot)", {"W"}),
        (BY_HAND, "- rate * dh * x2", "- rate * dh * x1", {"u2"}),
        (BY_OTHERS, "np.sum(out - y) / len(y)", "np.sum(out - y)", {"c"}),
    ],
)
def test_acquits_what_is_right_and_blames_what_is_wrong(
    tmp_path: Path, source: str, right: str, wrong: str, blamed: set[str]
) -> None:
    assert set(judged(tmp_path, source)[1].values()) == {"agree"}
    assert source.count(right) == 1
    verdicts = judged(tmp_path, source.replace(right, wrong))[1]
    assert {name for name, verdict in verdicts.items() if verdict != "agree"} == blamed


def test_a_total_that_every_turn_begins_anew_is_no_parameter(tmp_path: Path) -> None:
    unit, verdicts = judged(tmp_path, TOTALS)
    assert verdicts == {"syn": "agree"}
    assert dict(unit.names) == {"syn": "up"}


def test_squares_of_weights_that_only_the_gradient_has_belong_to_the_loss(tmp_path: Path) -> None:
    unit, verdicts = judged(tmp_path, DECAYING)
    assert set(verdicts.values()) == {"agree"}
    assert any("0.3/2 times the squares of W" in assumption for assumption in unit.assumptions)


def test_a_gradient_that_is_left_over_is_said_to_be_taken_for_what_it_fits(tmp_path: Path) -> None:
    unit, _ = judged(tmp_path, LEFT_OVER.replace("gradCentre", "gradMiddle"))
    assert any("was taken for the gradient of centre" in assumption for assumption in unit.assumptions)


def test_gradients_that_are_added_belong_to_minus_the_loss(tmp_path: Path) -> None:
    unit, verdicts = judged(tmp_path, ADDING)
    assert (verdicts, unit.faults) == ({"W": "agree"}, ())
    unit, verdicts = judged(tmp_path, ADDING.replace("-X.T", "X.T"))
    assert (verdicts, [fault.parameter for fault in unit.faults]) == ({"W": "agree"}, ["W"])


def test_a_function_that_trains_is_no_gradient(tmp_path: Path) -> None:
    unit, _ = judged(
        tmp_path,
        REMEMBERING + "\ndef train(rate=1):\n    for _ in range(10 ** 9):\n" + "        net.backward(1, rate)\n",
    )
    assert unit.name == "Net.step"


def test_says_of_what_only_steps_are_seen_and_which_windows_were_opened(tmp_path: Path) -> None:
    assert any("only the steps of the parameters" in said for said in judged(tmp_path, XOR)[0].assumptions)
    assert any("bptt_truncate was set to" in said for said in judged(tmp_path, TRUNCATED)[0].assumptions)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("h = f(x)\nW -= h", {"f", "x", "W"}),
        ("for t in range(n):\n    h = x[t]\ny = h", {"n", "x", "range"}),
        ("if a:\n    h = 1\ny = h", {"a", "h"}),
        ("g = [w * k for w in ws]\nf = lambda q: q + r", {"k", "ws", "r"}),
        ("hs[0] = 1\nhs = {}", {"hs"}),
    ],
)
def test_knows_what_a_turn_takes_over(source: str, names: set[str]) -> None:
    assert taken_over(ast.parse(source).body) == names


def test_what_an_update_is_divided_by_is_no_gradient() -> None:
    assert ("W", "mem") not in update_pairs(ast.parse("W -= rate * g / (np.sqrt(mem) + 1e-8)"))


def test_what_is_moved_may_be_kept_elsewhere_until_it_is_written_back() -> None:
    assert ("w", "g") in update_pairs(ast.parse("w_new = w - rate * g\nw = w_new"))
    assert {("w", "g"), ("v", "h")} <= update_pairs(ast.parse("a, b = w - g, v - h\nw, v = a, b"))
    assert update_pairs(ast.parse("left = w - rate * g\nu = left")) == set()
    step = "def f(u, d, k):\n    moved = u - k * d\n    return moved, d\n"
    assert ("w", "g") in update_pairs(ast.parse(step + "w, e = f(w, g, 0.1)"))
    assert not {"w", "z"} & {name for name, _ in update_pairs(ast.parse(step + "z, e = f(w, g, 0.1)"))}


def test_counters_and_indices_and_sizes_are_no_parameters() -> None:
    source = "for t in range(3):\n    b -= rate * db\n    t -= dt\n    i -= di\n    x[i]\n    h -= dh"
    assert scalar_parameters(ast.parse(source)) == {"b", "h"}
    source += "\n    np.zeros((2, 4 * self.h))"
    assert scalar_parameters(ast.parse(source)) == {"b"}


MOMENTUM = """
import numpy as np


class Network:
    def __init__(self, sizes):
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]
        self.speeds = [np.zeros(w.shape) for w in self.weights]

    def cost(self, x, y):
        for b, w in zip(self.biases, self.weights):
            x = np.tanh(np.dot(w, x) + b)
        return 0.5 * np.sum((x - y) ** 2)

    def step(self, x, y, rate):
        slopes_b, slopes_w = self.backprop(x, y)
        self.speeds = [0.9 * v - rate * g for v, g in zip(self.speeds, slopes_w)]
        self.weights = [w + v for w, v in zip(self.weights, self.speeds)]
        self.biases = [b - rate * g for b, g in zip(self.biases, slopes_b)]

    def backprop(self, x, y):
        layers = [x]
        for b, w in zip(self.biases, self.weights):
            layers.append(np.tanh(np.dot(w, layers[-1]) + b))
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        delta = layers[-1] - y
        for n in reversed(range(len(self.weights))):
            delta = delta * (1 - layers[n + 1] ** 2)
            nabla_b[n] = delta
            nabla_w[n] = np.dot(delta, layers[n].T)
            delta = np.dot(self.weights[n].T, delta)
        return nabla_b, nabla_w


net = Network([5, 4, 3])
for _ in range(100):
    net.step(np.random.randn(5, 1), np.random.randn(3, 1), 0.1)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slip", "verdict"), [("np.dot(delta, layers[n].T)", "agree"), ("3 * np.dot(delta, layers[n].T)", "disagree")]
)
def test_velocities_do_not_take_the_gradients_of_weights(tmp_path: Path, slip: str, verdict: str) -> None:
    _, told = judged(tmp_path, MOMENTUM.replace("np.dot(delta, layers[n].T)", slip))
    assert told == {"biases_0": "agree", "biases_1": "agree", "weights_0": verdict, "weights_1": verdict}


LAST_STATE = """
import numpy as np

wide, deep, steps = 1, 6, 7
A, R = np.random.randn(deep, wide) * 0.3, np.random.randn(deep, deep) * 0.3
O, c = np.random.randn(1, deep) * 0.3, np.zeros((1, 1))

def forward(xs):
    states = [np.zeros((deep, 1))]
    for x in xs:
        states.append(np.tanh(A * x + R @ states[-1]))
    return O @ states[-1] + c, states

def backward(xs, truth, said, states):
    dA, dR = np.zeros_like(A), np.zeros_like(R)
    dy = said - truth
    dO, dc = dy @ states[-1].T, dy
    dh = O.T @ dy
    for t in reversed(range(len(xs))):
        dz = dh * (1 - states[t + 1] ** 2)
        dA, dR, dh = dA + dz * xs[t], dR + dz @ states[t].T, R.T @ dz
    for p, d in zip([A, R, O, c], [dA, dR, dO, dc]):
        p -= 0.01 * d

wave = np.sin(np.arange(90) * 0.4)
for k in range(len(wave) - steps):
    truth = wave[k + steps].reshape(1, 1)
    said, states = forward(wave[k : k + steps])
    backward(wave[k : k + steps], truth, said, states)
"""


def test_what_a_script_has_before_both_calls_belongs_to_the_one_that_is_handed_it(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(LAST_STATE)
    (unit,) = recognise(read(path)).units
    assert unit.assumptions[0].endswith("the squared error of said against truth")


def test_parameters_that_are_gone_through_with_a_number_are_updated_like_others() -> None:
    loop = ast.parse("for n, (p, g) in enumerate(zip((W, b), (dW, db))):\n    p -= rate * g")
    assert {("W", "dW"), ("b", "db")} <= update_pairs(loop)


WRITTEN_OVER = """
import numpy as np

steps, x, aim = 6, np.random.randn(6, 3), np.random.randn(5)
V, W, b = np.random.randn(3, 5), np.random.randn(5, 5), np.zeros(5)
h = np.zeros((steps + 1, 5))
for t in range(steps):
    h[t + 1] = np.tanh(x[t] @ V + h[t] @ W + b)
loss = 0.5 * np.sum((h[steps] - aim) ** 2)
dV, dW, db = np.zeros_like(V), np.zeros_like(W), np.zeros_like(b)
dh = h[steps] - aim
for t in range(steps - 1, -1, -1):
    d = dh * (1 - h[t + 1] ** 2)
    dV += np.outer(x[t], d)
    dW += np.outer({state}, d)
    db += d
    dh = W @ d
print(loss)
"""


@pytest.mark.parametrize(("state", "verdict"), [("h[t]", Verdict.AGREE), ("h[t + 1]", Verdict.DISAGREE)])
def test_states_that_a_script_writes_over_are_no_parameters_without_a_gradient(
    state: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(WRITTEN_OVER.format(state=state))
    (unit,) = recognise(read(tmp_path / "script.py")).units
    assert unit.without == ()
    assert judge_unit(unit, examples=12).verdict is verdict


CALLED_LIKE_A_SYMBOL = """
import numpy as np

text = "hello hello "
index = {c: n for n, c in enumerate(sorted(set(text)))}
h, o = np.random.rand(6, 5) - 0.5, np.random.rand(5, 6) - 0.5
for turn in range(300):
    dh, do = 0 * h, 0 * o
    loss = 0.0
    for k in range(len(text) - 1):
        s = np.tanh(h[:, index[text[k]]])
        q = np.exp(o @ s)
        q /= q.sum()
        loss -= np.log(q[index[text[k + 1]]])
        q[index[text[k + 1]]] -= 1
        do += np.outer(q, s)
        dh[:, index[text[k]]] += (o.T @ q) * (1 - {state} ** 2)
    h -= 0.1 * dh
    o -= 0.1 * do
"""


@pytest.mark.parametrize(("state", "verdict"), [("s", Verdict.AGREE), ("q[0]", Verdict.DISAGREE)])
def test_a_symbol_that_is_called_like_a_parameter_keeps_its_number(
    state: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(CALLED_LIKE_A_SYMBOL.replace("{state}", state))
    (unit,) = recognise(read(tmp_path / "script.py")).units
    assert judge_unit(unit, examples=12).verdict is verdict
