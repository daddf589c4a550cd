"""What a verdict could leave out in silence: single numbers, states without a name, rows that occur twice."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PACKED = """
import numpy as np

def cost(theta, X, y):
    W, v, c = theta
    h = np.tanh(X @ W)
    e = h @ v + c - y
    J = 0.5 * np.mean(e ** 2)
    gv = h.T @ e / len(y)
    gc = {sum}
    gW = X.T @ (np.outer(e, v) * (1 - h ** 2)) / len(y)
    return J, (gW, gv, gc)

X, y = np.random.randn(30, 3), np.random.randn(30)
theta = {theta}
for turn in range(20):
    J, g = cost(theta, X, y)
    theta = [p - 0.5 * q for p, q in zip(theta, g)]
"""
RATE_OF_ITS_OWN = """
import numpy as np

def nll(coef, intercept, X, n):
    return np.sum(np.exp(X @ coef + intercept) - n * (X @ coef + intercept))

def slopes(coef, intercept, X, n):
    off = np.exp(X @ coef + intercept) - n
    return X.T @ off, {sum}

X = np.random.randn(40, 3)
n = np.random.poisson(np.exp(X @ [0.3, -0.2, 0.1]))
coef, intercept = np.zeros(3), 0.0
for turn in range(30):
    g, g0 = slopes(coef, intercept, X, n)
    coef -= 0.001 * g
    intercept -= 0.001 * g0
"""
STARTED = """
import numpy as np

def states(start, W, U, b, xs):
    found = [start]
    for x in xs:
        found.append(np.tanh(W @ found[-1] + U @ x + b))
    return found

def loss(start, W, U, b, xs, goal):
    return 0.5 * np.sum((states(start, W, U, b, xs)[-1] - goal) ** 2)

def gradient(start, W, U, b, xs, goal):
    found = states(start, W, U, b, xs)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    d_now = found[-1] - goal
    for t in range(len(xs) - 1, -1, -1):
        d_raw = d_now * (1 - found[t + 1] ** 2)
        dW += np.outer(d_raw, found[t])
        dU += np.outer(d_raw, xs[t])
        db += d_raw
        d_now = W.T @ d_raw
    return {first}, dW, dU, db

xs = np.random.randn(4, 3)
gradient(np.random.randn(5), np.random.randn(5, 5), np.random.randn(5, 3), np.random.randn(5), xs, np.ones(5))
"""
CARRIED = """
import numpy as np

def loss(h0, W, xs, goal):
    h = h0
    for x in xs:
        h = np.tanh(W @ h + x)
    return 0.5 * np.sum((h - goal) ** 2)

def gradient(h0, W, xs, goal):
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(W @ hs[-1] + x))
    dW, dh = np.zeros_like(W), hs[-1] - goal
    for t in range(len(xs) - 1, -1, -1):
        dz = dh * (1 - hs[t + 1] ** 2)
        dW += np.outer(dz, hs[t])
        dh = {sum}
    return dh, dW

gradient(np.random.randn(5), np.random.randn(5, 5), np.random.randn(4, 5), np.random.randn(5))
"""
WEIGHED = """
import numpy as np

class Policy:
    def __init__(self):
        self.theta = np.zeros((3, 2))

    def odds(self, s):
        e = np.exp(s @ self.theta)
        return e / e.sum()

    def surrogate(self, states, actions, gains):
        return -sum(A * np.log(self.odds(s)[a]) for s, a, A in zip(states, actions, gains))

    def gradient(self, states, actions, gains):
        g = np.zeros_like(self.theta)
        for s, a, A in zip(states, actions, gains):
            p = self.odds(s)
            p[a] -= 1
            g += {sum} * np.outer(s, p)
        return g

policy = Policy()
for turn in range(3):
    states, actions = [np.random.randn(3) for _ in range(6)], [0, 1, 1, 0, 1, 0]
    policy.theta -= 0.1 * policy.gradient(states, actions, np.random.randn(6))
"""
SHADOWED = """
import numpy as np

class Bag:
    def __init__(self):
        self.table, self.out = np.random.randn(9, 4), np.random.randn(4, 3)

    def loss(self, words, label):
        self.words, self.label = words, label
        self.v = self.table[words].mean(axis=0)
        e = np.exp(self.v @ self.out)
        self.p = e / e.sum()
        return -np.log(self.p[label])

    def backward(self):
        ds = self.p.copy()
        ds[self.label] -= 1
        self.d_out = np.outer(self.v, ds)
        self.d_table = np.zeros_like(self.table)
        for w in self.words:
            self.d_table[w] {adds} self.out @ ds / len(self.words)

bag = Bag()
for words, label in [([0, 1, 2, 3], 1), ([4, 5, 6, 7], 0)]:
    bag.loss(words, label)
    bag.backward()
"""
BESIDE = """
import numpy as np

def cost(p, X, y):
    e = X @ p["w"] + p["c"] - y
    return 0.5 * np.mean(e ** 2)

def slopes(p, X, y):
    e = X @ p["w"] + p["c"] - y
    return {"w": X.T @ e / len(y), "c": {sum}}

X, y = np.random.randn(30, 3), np.random.randn(30)
p = {"w": np.zeros(3), "c": 0.0, "rate": 0.1}
for turn in range(20):
    g = slopes(p, X, y)
    for name in g:
        p[name] = p[name] - p["rate"] * g[name]
print(cost(p, X, y))
"""
RIDGE = """
import numpy as np

class Ridge:
    def fit(self, X, y, lam=0.1, lr=0.05):
        self.w, self.b, self.losses = np.zeros(X.shape[1]), 0.0, []
        for turn in range(20):
            e = X @ self.w + self.b - y
            self.losses.append(np.mean(e ** 2) + lam * np.sum(self.w ** 2))
            dw = 2 * X.T @ e / len(y) + 2 * lam * self.w
            db = {sum}
            self.w -= lr * dw
            self.b -= lr * db

Ridge().fit(np.random.randn(30, 3), np.random.randn(30))
"""
ABSOLUTE = """
import numpy as np

X, y = np.random.randn(40, 3), np.random.randn(40)
w, b = np.zeros(3), 0.0
for turn in range(30):
    r = X @ w + b - y
    mae = np.abs(r).mean()
    s = np.sign(r)
    w -= 0.05 * X.T @ s / len(y)
    b -= 0.05 * {sum}
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("program", "right", "wrong"),
    [
        (PACKED.replace("{theta}", "[np.random.randn(3, 4), np.random.randn(4), 0.0]"), "np.mean(e)", "np.sum(e)"),
        (PACKED.replace("{theta}", "(np.random.randn(3, 4), np.random.randn(4), 0.0)"), "np.mean(e)", "np.sum(e)"),
        (RATE_OF_ITS_OWN, "off.sum()", "off.mean()"),
        (STARTED, "d_now", "d_raw"),
        (STARTED.replace("start", "h0"), "d_now", "d_raw"),
        (CARRIED, "W.T @ dz", "W.T @ dz if t else dz"),
        (WEIGHED, "A", "1.0"),
        (SHADOWED, "+=", "="),
        (BESIDE, "np.mean(e)", "np.sum(e)"),
        (RIDGE, "2 * np.mean(e)", "2 * np.mean(e) + 2 * lam * self.b"),
        (ABSOLUTE, "s.mean()", "s.sum()"),
    ],
    ids=[
        "list",
        "tuple",
        "literal rate",
        "names",
        "order",
        "state",
        "weighed",
        "shadowed",
        "beside",
        "penalty",
        "absolute",
    ],
)
def test_nothing_is_left_out(program: str, right: str, wrong: str, tmp_path: Path) -> None:
    for text, verdict in ((right, Verdict.AGREE), (wrong, Verdict.DISAGREE)):
        for blank in ("{sum}", "{first}", "{adds}"):
            program_ = program.replace(blank, text)
            if program_ != program:
                (tmp_path / "program.py").write_text(program_)
        (unit,) = recognise(read(tmp_path / "program.py")).units
        assert judge_unit(unit, examples=15).verdict is verdict


HEAVY = """
import numpy as np

class Net:
    def __init__(self, sizes, inertia=0.5):
        self.bias = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weight = [np.random.randn(m, n) for n, m in zip(sizes, sizes[1:])]
        self.vel_b = [np.zeros(b.shape) for b in self.bias]
        self.vel_w = [np.zeros(w.shape) for w in self.weight]
        self.inertia = inertia

    def update(self, batch, eta):
        nb, nw = [np.zeros(b.shape) for b in self.bias], [np.zeros(w.shape) for w in self.weight]
        for x, y in batch:
            db, dw = self.backprop(x, y)
            nb = [g + m for g, m in zip(nb, db)]
            nw = [g + m for g, m in zip(nw, dw)]
        self.vel_w = [self.inertia * p - eta * g for p, g in zip(self.vel_w, nw)]
        self.vel_b = [self.inertia * p - eta * g for p, g in zip(self.vel_b, nb)]
        self.weight = [w + p for w, p in zip(self.weight, self.vel_w)]
        self.bias = [b + p for b, p in zip(self.bias, self.vel_b)]

    def backprop(self, x, y):
        db, dw = [np.zeros(b.shape) for b in self.bias], [np.zeros(w.shape) for w in self.weight]
        a = [x]
        for w, b in zip(self.weight, self.bias):
            a.append(1 / (1 + np.exp(-(w @ a[-1] + b))))
        d = a[-1] - y
        db[-1], dw[-1] = d, d @ a[-2].T
        for layer in range(2, len(a)):
            d = self.weight[-layer + 1].T @ d * a[-layer] * (1 - a[-layer])
            db[-layer], dw[-layer] = d, d @ a[-layer - 1].T
        return db, dw
"""


def test_lists_of_velocities_are_no_parameters(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text(HEAVY)
    (unit,) = recognise(read(tmp_path / "heavy.py")).units
    assert {name.partition("_")[0] for name in unit.names} == {"bias", "weight"}
    assert judge_unit(unit, examples=6).verdict is Verdict.AGREE
