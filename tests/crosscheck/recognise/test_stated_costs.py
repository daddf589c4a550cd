"""A cost that the file computes of the very outputs and targets is believed, whatever loss would fit the gradient."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
LINE = """
import numpy as np

def predict(params, X):
    return 1 / (1 + np.exp(-(X @ params["w"] + params["b"])))

def cost(p, y, params, lam):
    return {cost}

def gradients(p, X, y, params, lam):
    dz = {dz}
    return {{"w": X.T @ dz + {decay}, "b": np.array([np.sum(dz)])}}

X = np.random.randn(20, 3)
y = (X.sum(axis=1) > 0).astype(float)
params = {{"w": np.random.randn(3), "b": np.zeros(1)}}
for _ in range(9):
    p = predict(params, X)
    print(cost(p, y, params, 0.5))
    found = gradients(p, X, y, params, 0.5)
    for name in params:
        params[name] -= {step}
"""
ENTROPY = "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"
PENALTY = ENTROPY + " + lam / 2 * np.sum(params['w'] ** 2)"
WEIGHED = "-np.mean(3 * y * np.log(p) + (1 - y) * np.log(1 - p))"
PLAIN, OF_WEIGHED, STEP = "(p - y) / len(y)", "(p * (1 - y) - 3 * y * (1 - p)) / len(y)", "0.1 * found[name]"
DECAYED = "0.1 * found[name]; rate = 1.0; rate = 0.9 * rate"
SHRUNK = "0.1 * (found[name] + 0.5 * (name == 'w') * params[name])"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("cost", "dz", "decay", "step", "verdict"),
    [
        (PENALTY, PLAIN, "lam * params['w']", STEP, RIGHT),
        (PENALTY, PLAIN, "2 * lam * params['w']", STEP, WRONG),
        (PENALTY, PLAIN, "0", STEP, WRONG),
        (PENALTY, PLAIN, "0", DECAYED, WRONG),
        (PENALTY, PLAIN, "0", SHRUNK, RIGHT),
        (WEIGHED, OF_WEIGHED, "0", STEP, RIGHT),
        (WEIGHED, PLAIN, "0", STEP, WRONG),
        ("len(y) * (" + ENTROPY + ")", PLAIN, "0", STEP, RIGHT),
    ],
)
def test_gradients_of_another_loss_than_the_cost_are_wrong(cost, dz, decay, step, verdict):
    text = LINE.format(cost=cost, dz=dz, decay=decay, step=step)
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    verdicts = {judge_unit(unit, examples=4).verdict for unit in found.units}
    assert verdicts == {verdict}


APART = """
import numpy as np

def model(X, w):
    return np.tanh(X @ w)

def objective(w, X, y):
    r = model(X, w) - y
    return np.mean({cost})

def gradient(w, X, y):
    out = np.tanh(X @ w)
    r = out - y
    g = {g} / len(y)
    return X.T @ (g * (1 - out ** 2))

X = np.random.randn(20, 3)
y = 2 * np.random.randn(20)
w = np.random.randn(3)
for _ in range(9):
    w -= 0.1 * gradient(w, X, y)
{shown}
"""
HUBER = "np.where(np.abs(r) < 1, 0.5 * r ** 2, np.abs(r) - 0.5)"


@pytest.mark.parametrize(
    ("cost", "g", "verdict"),
    [
        (HUBER, "np.clip(r, -1, 1)", RIGHT),
        (HUBER, "r", WRONG),
        (HUBER, "np.sign(r)", WRONG),
        ("np.abs(r)", "np.sign(r)", RIGHT),
        ("np.abs(r)", "r", WRONG),
    ],
)
def test_a_gradient_that_goes_back_from_any_difference_is_held_against_the_objective(cost, g, verdict):
    text = APART.format(cost=cost, g=g, shown="print(objective(w, X, y))")
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}


NETWORK = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward(x, weights):
    outs = [x]
    for w in weights:
        outs.append(sigmoid(outs[-1] @ w))
    return outs

def cross_entropy(p, t):
    return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / len(t)

def squared_error(p, t):
    return np.sum((p - t) ** 2) / (2 * len(t))

def backward(outs, weights, target, rate=0.1):
    delta = {delta}
    for k in reversed(range(len(weights))):
        step = outs[k].T @ delta / len(target)
        delta = delta @ weights[k].T * outs[k] * (1 - outs[k])
        weights[k] -= rate * step

x = np.random.randn(12, 3)
y = (x[:, :1] > 0).astype(float)
weights = [np.random.randn(3, 4), np.random.randn(4, 1)]
for _ in range(9):
    outs = forward(x, weights)
    print({cost}(outs[-1], y))
    backward(outs, weights, y)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("cost", "delta", "verdict"),
    [
        ("cross_entropy", "outs[-1] - target", RIGHT),
        ("squared_error", "(outs[-1] - target) * outs[-1] * (1 - outs[-1])", RIGHT),
        ("cross_entropy", "(outs[-1] - target) * outs[-1] * (1 - outs[-1])", WRONG),
        ("squared_error", "outs[-1] - target", WRONG),
    ],
)
def test_a_cost_is_handed_an_entry_of_what_the_backward_pass_is_handed(cost, delta, verdict):
    text = NETWORK.format(cost=cost, delta=delta)
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}


LOGITS = """
import numpy as np

def forward(w, b, x):
    z = x @ w + b
    return z, 1 / (1 + np.exp(-z))

def squared_error(p, y):
    return np.mean((p - y) ** 2) / 2

def backward(z, p, x, y):
    dz = {dz}
    return x.T @ dz / len(y), dz.sum(axis=0) / len(y)

w, b = np.random.randn(3, 1), np.zeros(1)
x = np.random.randn(12, 3)
y = (x[:, :1] > 0).astype(float)
for _ in range(9):
    z, p = forward(w, b, x)
    print(squared_error(p, y))
    dw, db = backward(z, p, x, y)
    w -= 0.1 * dw
    b -= 0.1 * db
"""


@pytest.mark.parametrize(("dz", "verdict"), [("(p - y) * p * (1 - p)", RIGHT), ("p - y", WRONG)])
def test_the_cost_of_probabilities_is_believed_beside_logits(dz, verdict):
    found = recognise(read_text(LOGITS.format(dz=dz), "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}
