"""Gradients without a name: in the call that makes a step of them, in a velocity, or in a list beside a loss."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

DATA = """
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
y = (X[:, 0] > 0.2).astype(float)
"""
STATES = """
class Slot:
    def __init__(self, shape):
        self.m, self.v = np.zeros(shape), np.zeros(shape)
        self.one, self.two = 0.9, 0.99

    def step(self, g):
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.99 * self.v + 0.01 * g * g
        moved = self.m / (1 - self.one) / (np.sqrt(self.v / (1 - self.two)) + 1e-8)
        self.one *= 0.9
        self.two *= {second}
        return moved

class Logistic:
    def __init__(self, d):
        self.w, self.b = rng.normal(size=d), np.zeros(1)
        self.of_w, self.of_b = Slot(d), Slot(1)

    def fit(self, X, y, turns=40, rate=0.02):
        self.losses = []
        for _ in range(turns):
            p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
            self.losses.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
            e = (p - y) / len(y)
            self.w -= rate * self.of_w.step(X.T @ e)
            self.b -= rate * self.of_b.step(np.array([{last}]))

Logistic(3).fit(X, y)
"""
BY_NAME = """
class Net:
    def __init__(self, d, k):
        self.W, self.c = np.zeros((d, k)), np.zeros(k)
        self.mW, self.mc = np.zeros((d, k)), np.zeros(k)

    def adagrad_step(self, name, g, rate=0.1):
        memory = getattr(self, "m" + name) + g ** 2
        setattr(self, "m" + name, memory)
        setattr(self, name, getattr(self, name) - rate * g / np.sqrt(memory + 1e-8))

    def train(self, X, labels, turns=20):
        for turn in range(turns):
            s = np.exp(X @ self.W + self.c)
            P = s / s.sum(axis=1, keepdims=True)
            loss = -np.log(P[np.arange(len(X)), labels]).mean()
            P[np.arange(len(X)), labels] -= 1
            self.adagrad_step("W", X.T @ P / len(X))
            self.adagrad_step("c", {last})
            print(turn, loss)

Net(3, 4).train(X, rng.integers(0, 4, 40))
"""
VELOCITIES = """
W1, b1 = rng.normal(size=(3, 4)), np.zeros(4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
v1 = u1 = v2 = u2 = 0.0
T = y[:, None]
for turn in range(50):
    h = np.tanh(X @ W1 + b1)
    o = h @ W2 + b2
    loss = np.sum((o - T) ** 2) / 2 / len(X)
    d2 = (o - T) / len(X)
    d1 = d2 @ W2.T * {slope}
    v1 = 0.9 * v1 - 0.1 * X.T @ d1
    u1 = 0.9 * u1 - 0.1 * d1.sum(0)
    v2 = 0.9 * v2 - 0.1 * {outer}
    u2 = 0.9 * u2 - 0.1 * d2.sum(0)
    W1 = W1 + v1
    b1 = b1 + u1
    W2 = W2 + v2
    b2 = b2 + u2
    print(turn, loss)
"""
LISTED = """
class RMSProp:
    def __init__(self, params, rate=0.01):
        self.params, self.rate = params, rate
        self.cache = [np.zeros_like(p) for p in params]

    def step(self, grads):
        for i, (p, g) in enumerate(zip(self.params, grads)):
            self.cache[i] = 0.9 * self.cache[i] + 0.1 * g ** 2
            p -= self.rate * g / (np.sqrt(self.cache[{which}]) + 1e-8)

class Line:
    def __init__(self):
        self.V, self.a = rng.normal(size=(3, 5)), np.zeros(5)
        self.U, self.c = rng.normal(size=(5, 1)), np.zeros(1)

    def loss(self, X, t):
        h = np.tanh(X @ self.V + self.a)
        d = (h @ self.U + self.c - t) / len(X)
        back = d @ self.U.T * (1 - h ** 2)
        return 0.5 * len(X) * np.sum(d ** 2), [X.T @ back, back.sum(0), h.T @ d, {last}]

line = Line()
optimiser = RMSProp([line.V, line.a, line.U, line.c])
for turn in range(40):
    value, g = line.loss(X, y[:, None])
    optimiser.step(g)
    print(value)
"""

IN_METHOD = """
class Adagrad:
    def __init__(self):
        self.h = {}

    def apply(self, name, w, g):
        self.h[name] = self.h.get(name, 0) + g * g
        w -= 0.1 * g / (np.sqrt(self.h[name]) + 1e-7)

class Net:
    def __init__(self, i, h):
        self.A, self.a = rng.normal(size=(i, h)), np.zeros(h)
        self.B, self.b = rng.normal(size=(h, 1)), np.zeros(1)
        self.rule = Adagrad()

    def train_step(self, x, t):
        z = np.tanh(x @ self.A + self.a)
        err = z @ self.B + self.b - t
        back = err @ self.B.T * (1 - z * z)
        self.rule.apply("B", self.B, z.T @ err / len(x))
        self.rule.apply("b", self.b, err.mean(axis=0))
        self.rule.apply("A", self.A, x.T @ {back} / len(x))
        self.rule.apply("a", self.a, back.mean(axis=0))
        return 0.5 * (err ** 2).sum() / len(x)

net = Net(3, 5)
for turn in range(30):
    print(net.train_step(X, y[:, None]))
"""


def filled(program: str, **parts: str) -> str:
    """Return a program with some parts in their places."""
    for name, part in parts.items():
        program = program.replace("{" + name + "}", part)
    return DATA + program


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (filled(STATES, second="0.99", last="e.sum()"), Verdict.AGREE),
        (filled(STATES, second="0.99", last="e.max()"), Verdict.DISAGREE),
        pytest.param(filled(STATES, second="0.9", last="e.sum()"), Verdict.DISAGREE, marks=pytest.mark.thorough),
        pytest.param(
            filled(STATES.replace("*=", "="), second="0.99", last="e.sum()"),
            Verdict.DISAGREE,
            marks=pytest.mark.thorough,
        ),
        (filled(BY_NAME, last="P.mean(axis=0)"), Verdict.AGREE),
        (filled(BY_NAME, last="P.sum(axis=0)"), Verdict.DISAGREE),
        (filled(VELOCITIES, slope="(1 - h ** 2)", outer="h.T @ d2"), Verdict.AGREE),
        (filled(VELOCITIES, slope="(1 - h)", outer="h.T @ d2"), Verdict.DISAGREE),
        (filled(VELOCITIES, slope="(1 - h ** 2)", outer="(2 * h.T) @ d2"), Verdict.DISAGREE),
        (filled(IN_METHOD, back="back"), Verdict.AGREE),
        (filled(IN_METHOD, back="(back * back)"), Verdict.DISAGREE),
        (filled(LISTED, last="d.sum(0)", which="i"), Verdict.AGREE),
        (filled(LISTED, last="d.mean(0)", which="i"), Verdict.DISAGREE),
        (filled(LISTED, last="d.sum(0)", which="-1"), Verdict.DISAGREE),
    ],
)
def test_gradients_without_names_are_judged(
    program: str, expected: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(program)) == {expected}
