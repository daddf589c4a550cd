"""Trainings whose steps are written in unusual ways: their loss is that of one turn, and never that of the last one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck.files.check import check_file
from crosscheck.recognise import recognise
from crosscheck.recognise.fitted_decays import holds_sizes
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text

FIT = """
import numpy as np

class Line:
    def __init__(self, n):
        self.W, self.b, self.lr = np.random.randn(n, 1), np.zeros(1), 0.08

    def predict(self, X):
        return np.tanh(X @ self.W + self.b)

    def loss(self, X, y):
        return 0.5 * np.mean((y - self.predict(X)) ** 2)

    def fit(self, X, y, epochs=300):
        for i in range(epochs):
            out = self.predict(X)
            d = (out - y) * (1 - out ** 2)
            {steps}
            if i % 100 == 0:
                print(self.loss(X, y))

Line(3).fit(np.random.rand(12, 3), np.random.rand(12, 1))
"""
INTO = """dW, db = X.T @ d / {count}, d.mean(0)
            np.subtract(self.W, self.lr * dW, out=self.W)
            np.subtract(self.b, self.lr * db, out=self.b)"""
ZIP = """for p, g in zip((self.W, self.b), (X.T @ d / len(X), d.mean(0))):
                p -= self.lr * g"""
DECAY = """dW, db = X.T @ d / len(X), d.mean(0)
            {step}
            self.b -= self.lr * db"""


@pytest.mark.parametrize(("count", "verdict"), [("len(X)", "agree"), ("len(X[0])", "disagree")])
def test_steps_that_numpy_writes_back_are_steps_of_a_training(count: str, verdict: str) -> None:
    (unit,) = recognise(read_text(FIT.format(steps=INTO.format(count=count)), "utf-8", Path("x.py"))).units
    assert " line " in unit.name
    assert judge_unit(unit, examples=4).verdict.value == verdict


def test_a_training_whose_gradients_have_no_names_is_no_function_of_its_last_loss() -> None:
    assert not recognise(read_text(FIT.format(steps=ZIP), "utf-8", Path("x.py"))).units


SHRINKS = "self.W = (1 - self.lr * 0.01) * self.W - self.lr * dW"
IN_STEP = "self.W -= self.lr * (dW + 0.01 * self.W)"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (SHRINKS, "agree"),
        (IN_STEP, "agree"),
        (SHRINKS.replace("0.01", "0.02"), "disagree"),
        (IN_STEP.replace("+", "-"), "disagree"),
    ],
)
def test_decay_that_only_the_steps_hold_is_part_of_them(step: str, verdict: str) -> None:
    text = FIT.format(steps=DECAY.format(step=step))
    text = text.replace("(y - self.predict(X)) ** 2)", "(y - self.predict(X)) ** 2) + 0.005 * np.sum(self.W ** 2)")
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert {judge_unit(unit, examples=4).verdict.value for unit in units} == {verdict}


ENTRIES = """
import numpy as np

X, y = np.random.randn(20, 4), np.random.randn(20)
weights = np.zeros(5)
for turn in range(200):
    off = X @ weights[1:] + weights[0] - y
    cost = (off ** 2).sum() / 2
    weights[1:] -= 0.01 * X.T @ off
    weights[{place}] -= 0.01 * off.sum()
"""


@pytest.mark.parametrize(("place", "verdict"), [("0", "agree"), ("1", "disagree")])
def test_a_bias_that_is_written_into_its_neighbour_is_told_by_the_others(place: str, verdict: str) -> None:
    (unit,) = recognise(read_text(ENTRIES.format(place=place), "utf-8", Path("x.py"))).units
    assert judge_unit(unit, examples=4).verdict.value == verdict


STALE = """
import numpy as np

pairs = [(np.array([[0.0], [1.0]]), np.array([[1.0]])), (np.array([[1.0], [1.0]]), np.array([[0.0]]))]
w1, w2 = np.random.randn(3, 2), np.random.randn(1, 3)
for turn in range(900):
    for x, y in pairs:
        h = 1 / (1 + np.exp(-(w1 @ x)))
        p = 1 / (1 + np.exp(-(w2 @ h)))
        error = p - y
        {first}
        back = w2.T @ error
        errorweights1 = (back * h * (1 - h)) @ x.T
        {last}
        w1 = w1 - 0.2 * errorweights1
"""
MOVED = "w2 = w2 - 0.2 * (error @ h.T)"


@pytest.mark.parametrize(("first", "last", "verdict"), [("", MOVED, "agree"), (MOVED, "", "disagree")])
def test_a_gradient_by_weights_that_were_moved_is_wrong_whatever_it_is_called(
    first: str, last: str, verdict: str
) -> None:
    (unit,) = recognise(read_text(STALE.format(first=first, last=last), "utf-8", Path("x.py"))).units
    report = judge_unit(unit, examples=4)
    assert report.verdict.value == verdict
    assert {tally.name: tally.verdict.value for tally in report.tallies} == {"w1": verdict, "w2": "agree"}


PAIRS_OF_FEATURES = """
import numpy as np

def cross_entropy(p, t):
    return np.sum(-t * np.log(p + 1e-9) - (1 - t) * np.log(1 - p + 1e-9))

class Machine:
    def fit(self, X, y):
        self.b, self.w, self.V = 0.0, np.random.randn(X.shape[1]), np.random.randn(X.shape[1], 2)
        for turn in range(100):
            loss = 0.0
            for x, t in zip(X, y):
                s = x @ self.V
                z = self.b + x @ self.w + 0.5 * np.sum(s * s - (x * x) @ (self.V * self.V))
                p = 1 / (1 + np.exp(-z))
                diff = p - t
                self.b -= 0.01 * diff
                self.w -= 0.01 * diff * x
                for i, xi in enumerate(x):
                    for f in range(2):
                        self.V[i, f] -= 0.01 * diff * xi * ({sum} - xi * self.V[i, f])
                loss += cross_entropy(p, t)
            print(loss)

Machine().fit(np.random.randn(9, 4), (np.random.rand(9) > 0.5) * 1.0)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("sum_", "verdict"), [("s[f]", "agree"), ("s.sum()", "disagree")])
def test_steps_say_more_than_the_one_gradient_that_has_a_name(sum_: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "machine.py"
    path.write_text(PAIRS_OF_FEATURES.replace("{sum}", sum_))
    report = check_file(path, repair=False)
    verdicts = {tally["name"]: tally["verdict"] for tally in report.subjects[0]["parameters"]}
    assert verdicts == {"b": "agree", "w": "agree", "V": verdict}


UNSTATED = """
import numpy as np

X = np.random.randn(30, 3)
y = (X[:, :1] > 0) * 1.0
W1, b1, W2 = np.random.randn(3, 4) * 0.5, np.zeros((1, 4)), np.random.randn(4, 1) * 0.5
for epoch in range(1000):
    h = np.tanh(X @ W1 + b1)
    out = 1 / (1 + np.exp(-(h @ W2)))
    dz2 = (out - y) / len(X)
    dW2 = h.T @ dz2
    dz1 = (dz2 @ W2.T) * (1 - h ** 2)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    {first}
    {last}
    W2 -= 0.1 * dW2
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("W1 -= 0.1 * dW1", "b1 -= 0.1 * db1", set()),
        ("W1 -= 0.1 * dW1", "", {"b1"}),
        ("W1 = -0.1 * dW1", "b1 -= 0.1 * db1", {"W1"}),
    ],
)
def test_what_is_never_moved_is_told_where_no_loss_is_stated(
    first: str, last: str, wrong: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "network.py"
    path.write_text(UNSTATED.format(first=first, last=last))
    report = check_file(path, repair=False)
    assert report.verdict.value == ("disagree" if wrong else "agree")
    errors = {(one["code"], one["parameter"]) for one in report.findings if one["severity"] == "error"}
    assert errors == {("update-differs", name) for name in wrong}


RIDGE = """
import numpy as np

class Ridge:
    def fit(self, X, y, strength=0.3):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for turn in range(200):
            p = X @ self.w + self.b
            dw = (-2 * X.T @ (y - p) {sign} 2 * strength * self.w) / len(X)
            db = -2 * np.sum(y - p) / len(X)
            self.w -= 0.01 * dw
            self.b -= 0.01 * db

Ridge().fit(np.random.randn(20, 4), np.random.randn(20))
"""


@pytest.mark.parametrize(("sign", "verdict"), [("+", "agree"), ("-", "disagree")])
def test_a_penalty_that_lets_weights_grow_is_wrong(sign: str, verdict: str) -> None:
    (unit,) = recognise(read_text(RIDGE.format(sign=sign), "utf-8", Path("x.py"))).units
    report = judge_unit(unit, examples=4)
    assert {tally.name: tally.verdict.value for tally in report.tallies} == {"w": verdict, "b": "agree"}


@pytest.mark.parametrize("rounding", [1e-13, -1e-13])
def test_decay_of_the_wrong_sign_holds_no_sizes(rounding: float) -> None:
    along, across, evenly = np.random.default_rng(1).standard_normal((3, 5))
    samples: Any = [
        SimpleNamespace(claimed={"w": c}, along={"w": a}, across={"w": x}, evenly={"w": e})
        for c, a, x, e in zip(-0.3 * along + rounding * across, along, across, evenly, strict=True)
    ]
    assert not holds_sizes(samples, [0.0] * 5, 1.0, "w")


ADDED_UP = """
import numpy as np

xs = np.linspace(0, 9, 20)
ys = 3 * xs + 1
w, b, n = 0.0, 0.0, len(xs)
for epoch in range(50):
    dw, db = 0.0, 0.0
    {cost}
    for x, y in zip(xs, ys):
        err = w * x + b - y
        {more}
        dw += err * x
        db += err
    {first}
    {last}
"""
W_MOVED, B_MOVED = "w = w - 0.01 * dw / n", "b = b - 0.01 * db / n"
STATED = "cost = 0.0", "cost += err ** 2 / (2 * n)"


@pytest.mark.thorough
@pytest.mark.parametrize("stated", [("pass", "pass"), STATED])
@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [(W_MOVED, B_MOVED, "agree"), (W_MOVED, "", "disagree"), ("w = -0.01 * dw / n", B_MOVED, "disagree")],
)
def test_steps_of_single_numbers_by_large_gradients_are_seen(
    stated: tuple[str, str], first: str, last: str, verdict: str, tmp_path: Path
) -> None:
    path = tmp_path / "line.py"
    path.write_text(ADDED_UP.format(cost=stated[0], more=stated[1], first=first, last=last))
    assert check_file(path, repair=False).verdict.value == verdict


DIVERGES = """
import numpy as np

def descenso(X, w, y, cantidad, paso, epocas):
    for epoca in range(epocas):
        for i, x in enumerate(X):
            error = np.dot(x, w) - y[i]
            costo = error ** 2 / 2
            gradiente = {product} / cantidad
            w = w - paso * gradiente
    return [costo, w]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("product", "verdict"), [("np.dot(x.T, error)", "agree"), ("np.dot(x.T, -error)", "disagree")])
def test_a_training_that_diverges_at_a_made_up_rate_is_judged(product: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "descenso.py"
    path.write_text(DIVERGES.replace("{product}", product))
    assert check_file(path, repair=False).verdict.value == verdict
