"""Examples of zeros: weights have no gradient there, and what agrees on these alone says nothing."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
LAYERS = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.weights, self.biases = np.random.randn(n_out, n_in), np.random.randn(n_out, 1)
    def forward(self, given):
        self.given = given
        return self.weights @ given + self.biases
    def backward(self, from_above, rate):
        {first}
        {then}
        self.biases -= rate * from_above
        return handed
layers = [Dense(2, 3), Dense(3, 1)]
for x in np.array([[0, 1], [1, 0], [0, 0]]).reshape(3, 2, 1):
    out = x
    for layer in layers:
        out = layer.forward(out)
    grad = 2 * out
    for layer in reversed(layers):
        grad = layer.backward(grad, 0.1)
"""
MOVE, HAND = "self.weights -= rate * from_above @ self.given.T", "handed = self.weights.T @ from_above"


def verdicts_of(text: str) -> list[tuple[set[str], Verdict]]:
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return [(set(unit.names), judge_unit(unit, examples=4).verdict) for unit in units]


@pytest.mark.parametrize(("first", "then", "verdict"), [(HAND, MOVE, RIGHT), (MOVE, HAND, WRONG)])
def test_a_layer_is_judged_where_its_input_is_not_zero(first, then, verdict):
    ((names, found),) = verdicts_of(LAYERS.format(first=first, then=then))
    assert len(names) == 4, "weights and biases of both layers"
    assert found is verdict


NUMBERS = """
import math
import random
x1, x2, wanted = [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]
w1, w2, rate = random.random(), random.random(), 0.9
for turn in range(50):
    for i in range(4):
        out = 1 / (1 + math.exp(-(x1[i] * w1 + x2[i] * w2)))
        error = wanted[i] - out
        gradient = out * (1 - out)
        w1 += rate * error * gradient * x1[i]
        w2 += rate * {step}
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [("error * gradient * x2[i]", RIGHT), ("error * gradient * x1[i]", WRONG)],
)
def test_what_all_steps_are_multiplied_by_is_the_gradient_of_none(step, verdict):
    assert verdicts_of(NUMBERS.format(step=step)) == [({"w1", "w2"}, verdict)]


COLUMN = """
import numpy as np
def cost(x, y, theta):
    return np.sum((x.dot(theta).flatten() - y) ** 2) / (2 * y.size)
def descend(x, y, theta, rate, enough):
    now = 1e9
    while now > enough:
        off = x.dot(theta).flatten() - y
        first, second = off * x[:, 0], off * x[:, {column}]
        theta[0][0] = theta[0][0] - rate * first.sum() / y.size
        theta[1][0] = theta[1][0] - rate * second.sum() / y.size
        now = cost(x, y, theta)
    return theta
x = np.column_stack([np.ones(30), np.random.randn(30)])
descend(x, x[:, 1] * 2 + 1, np.zeros((2, 1)), 0.1, 0.001)
"""


@pytest.mark.parametrize(("column", "verdict"), [(1, RIGHT), (0, WRONG)])
def test_a_column_is_judged_entry_by_entry(column, verdict):
    assert verdicts_of(COLUMN.format(column=column)) == [({"theta"}, verdict)]


SINGLE = """
import numpy as np
def step(b, w, data, rate):
    x, y, n = data[:, 0], data[:, 1], len(data)
    guess = b + w * x
    slope_b = (-2 / n) * np.sum(y - guess)
    slope_w = (-2 / n) * np.sum({inner})
    b = b - rate * slope_b
    w = w - rate * slope_w
    return b, w
def fit(data, b, w, rate, turns):
    for _ in range(turns):
        b, w = step(b, w, data, rate)
    return b, w
"""


@pytest.mark.parametrize(("inner", "verdict"), [("x * (y - guess)", RIGHT), ("y - guess", WRONG)])
def test_what_is_moved_by_a_sum_over_all_is_a_single_number(inner, verdict):
    assert verdicts_of(SINGLE.format(inner=inner)) == [({"b", "w"}, verdict)]
