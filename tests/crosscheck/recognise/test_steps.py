"""What a step may be multiplied by, and which loss it is a step of."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.steps import rates
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

UPDATES = """
W = 2 * random.random((3, 4))
for layer in range(4):
    W[layer] += 0.5 * speed * out[layer - 1].T.dot(delta[layer])
"""


def test_indices_and_factors_of_first_values_are_no_rates() -> None:
    found = list(rates(ast.parse(UPDATES), [("layer", 3.0), ("speed", 0.25)]))
    assert sorted(found) == [0.25, 0.5, 1.0]


WHOLE_NUMBERS = """
import numpy as np

def entropy(p, truth):
    return -np.sum(truth * np.log(p)) / p.shape[0]

X = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
w1, b1 = np.random.randn(2, 5), np.zeros((1, 5))
w2, b2 = np.random.randn(5, 2), np.zeros((1, 2))
rate = 0.1
for epoch in range(1000):
    h = np.tanh(X @ w1 + b1)
    scores = h @ w2 + b2
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = entropy(p, truth)
    dscores = p - truth
    dw2 = h.T @ dscores / X.shape[0]
    db2 = dscores.sum(axis=0, keepdims=True) / X.shape[0]
    EARLY
    w2 -= rate * dw2
    b2 -= rate * db2
    LATE
    dz = dh * (1 - h ** 2)
    w1 -= rate * (X.T @ dz) / X.shape[0]
    b1 -= rate * dz.sum(axis=0, keepdims=True) / X.shape[0]
"""


@pytest.mark.parametrize(("place", "other", "wrong"), [("EARLY", "LATE", set()), ("LATE", "EARLY", {"w1", "b1"})])
def test_whole_numbers_that_encode_classes_stay_encodings(tmp_path, place, other, wrong):
    path = tmp_path / "encoded.py"
    path.write_text(WHOLE_NUMBERS.replace(place, "dh = dscores @ w2.T").replace(other, "pass"))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=6)
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == wrong
    assert {tally.name for tally in report.tallies} == {"w1", "b1", "w2", "b2"}


MOVED = """
import numpy as np
def forward(x, weights):
    outs = {0: x}
    for k in range(1, len(weights) + 1):
        outs[k] = 1 / (1 + np.exp(-outs[k - 1] @ weights[k].T))
    return outs
def backward(outs, weights, y):
    slopes, d = {}, outs[2] - y
    slopes[2] = d.T @ outs[1] / len(y)
    d = d @ weights[2] * outs[1] * (1 - outs[1])
    slopes[1] = d.T @ outs[0] / len(y)
    return slopes
def train(x, y, rate):
    weights = {1: np.random.randn(5, 3) * 0.1, 2: np.random.randn(1, 5) * 0.1}
    for turn in range(9):
        outs = forward(x, weights)
        gradients = backward(outs, weights, y)
        for k in range(1, len(weights) + 1):
            weights[k] -= rate * gradients[k]
x = np.random.randn(20, 3)
train(x, (x[:, :1] > 0).astype(float), 0.1)
"""


def test_a_loop_that_moves_by_given_gradients_is_no_training_of_its_own() -> None:
    """The sum of products of weights and gradients has these gradients, whatever they are."""
    found = recognise(read_text(MOVED, "utf-8", Path("x.py")))
    assert [unit.name for unit in found.units] == ["forward/backward"]
    assert judge_unit(found.units[0], examples=4).verdict is Verdict.AGREE


COORDINATES = """
import numpy as np
rows = np.random.randn(30, 4)
wanted = np.sign(np.random.randn(30, 1))
first = np.random.rand(1, 4) * 1e-3
w_c = first[:, :]
turns, epochs = 5, 5
losses = np.zeros([1, turns * epochs * w_c.shape[1]])
step = 1e-6
count = 0
for epoch in range(epochs):
    for turn in range(turns):
        for j in range(w_c.shape[1]):
            dw = -(wanted.T - w_c.dot(rows.T)).dot(rows)
            dw /= 30
            w_c[:, j] = w_c[:, j] - step * dw[:, j]
            loss = 0.5 * (wanted.T - w_c.dot(rows.T)).dot(wanted - w_c.dot(rows.T).T)
            loss /= 30
        losses[:, count] = loss
        count += 1
"""


def test_who_moves_one_entry_after_the_other_is_not_held_against_the_whole_gradient() -> None:
    """Neither a turn of the inner loop nor all of them together is one step down the gradient of the loss."""
    found = recognise(read_text(COORDINATES, "utf-8", Path("x.py")))
    assert not any(judge_unit(unit, examples=6).verdict is Verdict.DISAGREE for unit in found.units)
    assert found.units or found.skipped
