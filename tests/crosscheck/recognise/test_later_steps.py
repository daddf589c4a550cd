"""Adam's corrections where they show only once its count has grown: right ones in many writings, wrong ones named."""

import ast
from pathlib import Path
from typing import Any

import pytest

from crosscheck import check_file
from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.recognise import recognise
from crosscheck.recognise.later_steps import exponents
from crosscheck.recognise.sizes import resized
from crosscheck.source.document import read_text

pytestmark = pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")

DATA = """
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 4))
y = X @ [1.0, 2.0, 0.0, -1.0] + 0.5
"""
CLASS = """
class Adam:
    def __init__(self, rate=0.01, b1=0.9, b2=0.999, eps=1e-8):
        self.rate, self.b1, self.b2, self.eps = rate, b1, b2, eps
        self.m, self.v, self.t = {}, {}, 0

    def update(self, params, grads):
        {before}
        for k in params:
            {inside}
            if k not in self.m:
                self.m[k], self.v[k] = np.zeros_like(params[k]), np.zeros_like(params[k])
            self.m[k] = self.b1 * self.m[k] + (1 - self.b1) * grads[k]
            self.v[k] = self.b2 * self.v[k] + (1 - self.b2) * grads[k] ** 2
            mh = self.m[k] / {first}
            vh = self.v[k] / {second}
            params[k] -= self.rate * mh / (np.sqrt(vh) + self.eps)
        {after}

p = {"w": rng.normal(size=4), "b": np.zeros(1)}
adam = Adam()
for turn in range(30):
    r = X @ p["w"] + p["b"] - y
    loss = np.mean(r ** 2)
    adam.update(p, {"w": 2 * X.T @ r / len(y), "b": np.array([2 * r.mean()])})
    print(loss)
"""
FUNCTION = """
def adam(w, dw, config):
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    t = config["t"]
    config["m"] = 0.9 * config["m"] + (1 - 0.9) * dw
    config["v"] = 0.999 * config["v"] + (1 - 0.999) * {square}
    return w - {rate} * config["m"] / {first} / (np.sqrt(config["v"] / {second}) + 1e-8), config

w, config = np.zeros(4), {}
for turn in range(30):
    r = X @ w - y
    loss = 0.5 * np.mean(r ** 2)
    dw = X.T @ r / len(y)
    w, config = adam(w, dw, config)
    print(loss)
"""
INLINE = """
class Regression:
    def __init__(self):
        self.w, self.b = np.zeros(4), 0.0
        self.mw, self.vw, self.mb, self.vb = np.zeros(4), np.zeros(4), 0.0, 0.0

    def fit(self, X, y, epochs=30, rate=0.05, b1=0.9, b2=0.999):
        for t in range({start}, epochs + 1):
            e = X @ self.w + self.b - y
            print(t, np.mean(e ** 2))
            gw = 2 * X.T @ e / len(y)
            gb = 2 * e.mean()
            self.mw = b1 * self.mw + (1 - b1) * gw
            self.mb = b1 * self.mb + (1 - b1) * gb
            self.vw = b2 * self.vw + (1 - b2) * gw ** 2
            self.vb = b2 * self.vb + (1 - b2) * {square}
            self.w -= rate * (self.mw / (1 - b1 ** {count})) / (np.sqrt(self.vw / (1 - b2 ** {count})) + 1e-8)
            self.b -= rate * (self.mb / (1 - b1 ** {first})) / (np.sqrt(self.vb / (1 - b2 ** {second})) + 1e-8)

Regression().fit(X, y)
"""

POWERS = """
class Adam:
    def __init__(self, params, rate=0.01):
        self.rate, self.one, self.two = rate, 1.0, 1.0
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
        self.v = {k: np.zeros_like(v) for k, v in params.items()}

    def update(self, params, grads):
        {before}
        for k in params:
            {inside}
            self.m[k] = 0.9 * self.m[k] + 0.1 * grads[k]
            self.v[k] = 0.999 * self.v[k] + 0.001 * grads[k] ** 2
            params[k] -= self.rate * self.m[k] / (1 - self.one) / (np.sqrt(self.v[k] / (1 - self.two)) + 1e-8)

p = {"w": rng.normal(size=4), "b": np.zeros(1)}
adam = Adam(p)
for turn in range(30):
    r = X @ p["w"] + p["b"] - y
    loss = np.mean(r ** 2)
    adam.update(p, {"w": 2 * X.T @ r / len(y), "b": 2 * r.mean(keepdims=True)})
    print(loss)
"""


def filled(program: str, **parts: str) -> str:
    """Return a program with some parts in their places."""
    for name, part in parts.items():
        program = program.replace("{" + name + "}", part)
    return DATA + program


def faults_in(code: str) -> set[str]:
    """Return what is said of the updates in a program of which all gradients are judged, and right."""
    events: list[dict[str, Any]] = []
    examine(read_text(code, "utf-8", Path("program.py")), Options(examples=8, repair=False), events.append)
    subjects = [event["subject"] for event in events if event["event"] == "judged"]
    gradients = [one for subject in subjects for one in subject["parameters"] if not one["name"].startswith("step of ")]
    assert gradients
    assert {one["verdict"] for one in gradients} == {"agree"}
    return {finding["message"] for subject in subjects for finding in subject["findings"]}


IN_CLASS = {"before": "self.t += 1", "inside": "pass", "after": "pass"}
RIGHT_CLASS = {"first": "(1 - self.b1 ** self.t)", "second": "(1 - self.b2 ** self.t)"}
IN_FUNCTION = {"square": "dw ** 2", "rate": "0.01", "first": "(1 - 0.9 ** t)", "second": "(1 - 0.999 ** t)"}
ADVANCE = "self.one, self.two = self.one * 0.9, self.two * {second}"
AT_ONCE = {"before": ADVANCE, "inside": "pass", "second": "0.999"}
IN_RATE = {"rate": "0.01 * np.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)", "first": "1", "second": "1"}
ODD_RATE = {"rate": "0.0123 * np.sin(1.1)"}
OF_T = {"first": "(1 - self.b1 ** t)", "second": "(1 - self.b2 ** t)"}
IN_LOOP = {"start": "1", "square": "gb ** 2", "count": "t", "first": "t", "second": "t"}


@pytest.mark.parametrize(
    "program",
    [
        filled(CLASS, **IN_CLASS, **RIGHT_CLASS),
        filled(CLASS, before="t = self.t + 1", inside="pass", after="self.t = t", **OF_T),
        filled(CLASS, **IN_CLASS, first="1", second="1"),
        filled(CLASS, **IN_CLASS, first="(1 - self.b1 ** self.t)", second="1"),
        filled(FUNCTION, **IN_FUNCTION),
        filled(FUNCTION, **IN_FUNCTION | {"rate": "0.01 * 0.99 ** t"}),
        filled(FUNCTION, **IN_FUNCTION | {"rate": "0.01 / np.sqrt(t)"}),
        filled(FUNCTION, **IN_FUNCTION | IN_RATE),
        filled(POWERS, **AT_ONCE),
        pytest.param(filled(INLINE, **IN_LOOP), marks=pytest.mark.thorough),
        pytest.param(
            filled(INLINE, start="0", square="gb * gb", count="(t + 1)", first="(t + 1)", second="(t + 1)"),
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_right_steps_are_left_alone(program: str) -> None:
    assert faults_in(program) == set()


NO_NUMBER, UNEVEN = "no number", "as if one of them had been kept for more steps"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("program", "said"),
    [
        (filled(CLASS, **IN_CLASS, first="(1 - self.b1 ** self.t)", second="(1 - self.b2 * self.t)"), NO_NUMBER),
        (filled(CLASS, before="pass", inside="self.t += 1", after="pass", **RIGHT_CLASS), "grows with each parameter"),
        (filled(CLASS, **IN_CLASS, first="(1 - self.b1 ** (self.t + 1))", second="(1 - self.b2 ** self.t)"), UNEVEN),
        (filled(FUNCTION, **IN_FUNCTION | {"second": "(1 - 0.999 * t)"}), NO_NUMBER),
        (filled(FUNCTION, **IN_FUNCTION | {"square": "dw"}), NO_NUMBER),
        (filled(FUNCTION, **IN_FUNCTION | {"first": "(1 - 0.9 ** (t + 1))"}), UNEVEN),
        (filled(FUNCTION, **IN_FUNCTION | ODD_RATE | {"first": "(1 - 0.999 ** t)"}), "first moment"),
        (filled(FUNCTION, **IN_FUNCTION | ODD_RATE | {"second": "(1 - 0.9 ** t)"}), "second moment"),
        (
            filled(FUNCTION, **IN_FUNCTION | IN_RATE | {"rate": "0.01 * (1 - 0.999 ** t) / np.sqrt(1 - 0.9 ** t)"}),
            "root",
        ),
        (filled(POWERS, **AT_ONCE | {"second": "0.9"}), "second moment"),
        (filled(POWERS, **AT_ONCE | {"before": "pass", "inside": ADVANCE}), "grows with each parameter"),
        (filled(INLINE, **IN_LOOP | {"square": "gb"}), "takes in the gradient itself"),
        (filled(INLINE, **IN_LOOP | {"first": "epochs"}), UNEVEN),
    ],
)
def test_what_shows_in_later_steps_is_named(program: str, said: str) -> None:
    assert any(said in message for message in faults_in(program))


ONCE = """
class Adagrad:
    def __init__(self, rate=0.1):
        self.rate, self.seen = rate, {}

    def update(self, params, grads):
        for k in params:
            {begin}
            {add}
            params[k] -= self.rate * grads[k] / np.sqrt({held} + 1e-8)

def loss_and_grads(p):
    r = X @ p["w"] - y
    return np.mean(r ** 2), {"w": 2 * X.T @ r / len(y)}

X = rng.normal(size=(40, 6))
y = X @ np.arange(6.0)
p = {"w": rng.normal(size=6)}
loss, grads = loss_and_grads(p)
Adagrad().update(p, grads)
print(loss)
"""
LASTING = {
    "begin": "self.seen.setdefault(k, np.zeros_like(params[k]))",
    "add": "self.seen[k] = self.seen[k] + grads[k] ** 2",
    "held": "self.seen[k]",
}
PASSING = {"begin": "seen = np.zeros_like(params[k])", "add": "seen = seen + grads[k] ** 2", "held": "seen"}


def test_a_memory_that_the_only_call_sets_up_is_kept() -> None:
    assert faults_in(filled(ONCE, **LASTING)) == set()
    assert any("keep the memory" in message for message in faults_in(filled(ONCE, **PASSING)))


NUMBERS = """
import math

data = [(0.0, 2.0), (0.5, 1.3), (1.0, 0.8), (1.5, 0.5), (2.0, 0.3)]
A, k = 1.0, 0.1
sA = sk = 0.0
for n in range(60):
    dA = dk = total = 0.0
    for x, target in data:
        made = A * math.exp(-k * x)
        off = made - target
        total += off * off
        dA += 2 * off * math.exp(-k * x)
        dk += -2 * off * A * x * math.exp(-k * x)
    sA = 0.9 * sA + 0.1 * dA * dA
    sk = 0.9 * sk + 0.1 * {other} * dk
    A -= 0.01 * dA / (math.sqrt(sA) + 1e-8)
    k -= 0.01 * dk / (math.sqrt(sk) + 1e-8)
    print(total)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("other", "verdict"), [("dk", "agree"), ("dA", "inconclusive")])
def test_the_root_of_a_number_below_zero_leaves_the_step_unjudged(tmp_path: Path, other: str, verdict: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(NUMBERS.replace("{other}", other))
    assert check_file(path, examples=8, repair=False).verdict.value == verdict


USED = """
class Momentum:
    def __init__(self, rate=0.1):
        self.rate, self.v = rate, {}

    def step(self, params, grads):
        for k, g in grads.items():
            self.v[k] = 0.9 * self.v.get(k, 0.0) - self.rate * g
            params[k] = params[k] + self.v[k]

def noise(p):
    return {k: rng.normal(size=v.shape) for k, v in p.items()}

p, rule = {"w": np.zeros(4), "b": np.zeros(1)}, Momentum()
for turn in range(20):
    rule.step(p, noise(p))
"""


def test_a_loop_of_which_the_optimiser_alone_was_judged_is_named() -> None:
    found = recognise(read_text(filled(USED), "utf-8", Path("program.py")))
    assert found.units
    assert any(one.function.startswith("the loop in line") for one in found.skipped)


def test_what_is_drawn_from_so_many_shrinks_with_them() -> None:
    tree = ast.parse("X, y = randn(40, 5), randint(3, size=40); rows = choice(40, 10), permutation(40)")
    resized(tree)
    assert "choice(9, 10), permutation(9)" in ast.unparse(tree)


def test_what_exponents_are_made_of() -> None:
    code = "t = self.step; m = m / (1 - b ** (t + 1)); v /= 1 - np.power(c, k); x = y * z"
    assert exponents(ast.parse(code)) == {"t", "self", "step", "k"}
