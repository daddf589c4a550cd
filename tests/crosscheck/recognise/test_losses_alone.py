"""Losses with their gradients, and nothing else: these belong to the predictions, never to what is true."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
BESIDE = """
import numpy as np
def {name}({given}):
    return {value}
def {name}_{word}({given}):
    return {slope}
"""
CLASS = """
import numpy as np
class Squares:
    def loss(self, y, p):
        return {value}
    def gradient(self, y, p):
        return {slope}
"""
BOTH = """
import numpy as np
def squares(pred, target):
    off = pred - target
    return np.mean(off ** 2), {slope}
w = np.random.randn(3, 2)
x, y = np.random.randn(9, 3), np.random.randn(9, 2)
for _ in range(5):
    value, grad = squares(x @ w, y)
    w -= 0.1 * x.T @ grad
"""


def verdicts_of(text: str) -> set[Verdict]:
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return {judge_unit(unit, examples=4).verdict for unit in units}


@pytest.mark.parametrize(
    ("name", "given", "value", "slope", "verdict"),
    [
        ("mse", "pred, true", "np.mean((pred - true) ** 2)", "2 * (pred - true) / pred.size", RIGHT),
        ("mse", "pred, true", "np.mean((pred - true) ** 2)", "2 * (true - pred) / pred.size", WRONG),
        ("mae", "true, pred", "np.mean(np.abs(pred - true))", "np.sign(true - pred) / pred.size", WRONG),
        ("bce", "p, y", "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))", "(p - y) / (p * (1 - p)) / y.size", RIGHT),
        ("bce", "p, y", "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))", "(p - y) / (p * (1 - p))", WRONG),
    ],
)
def test_a_gradient_is_that_of_predictions(name, given, value, slope, verdict):
    assert verdicts_of(BESIDE.format(name=name, given=given, value=value, slope=slope, word="prime")) == {verdict}


@pytest.mark.parametrize(
    ("value", "slope", "verdict"),
    [
        ("0.5 * (y - p) ** 2", "p - y", RIGHT),
        ("0.5 * (y - p) ** 2", "y - p", WRONG),
        ("(y - p) ** 2", "p - y", WRONG),
    ],
)
def test_a_method_s_p_is_a_prediction_and_no_share(value, slope, verdict):
    assert verdicts_of(CLASS.format(value=value, slope=slope)) == {verdict}


@pytest.mark.parametrize(("slope", "verdict"), [("2 * off / off.size", RIGHT), ("2 * off / len(off)", WRONG)])
def test_callers_name_a_gradient_that_has_no_name(slope, verdict):
    assert verdict in verdicts_of(BOTH.format(slope=slope))


RIDGE = """
import numpy as np
def compute_cost(X, y, theta, lmbda=0):
    return (np.sum((X.dot(theta) - y) ** 2) + lmbda * np.sum(theta ** 2)) / (2 * y.size)
def compute_gradient(X, y, theta, lmbda=0):
    return (X.T.dot(X.dot(theta) - y){penalty}) / y.size
"""


@pytest.mark.parametrize(("penalty", "verdict"), [(" + lmbda * theta", RIGHT), ("", WRONG)])
def test_a_strength_of_zero_by_default_hides_no_penalty(penalty, verdict):
    assert verdicts_of(RIDGE.format(penalty=penalty)) == {verdict}


CURVE = """
def f(x, y):
    return x ** 2 + 3 * y ** 2 + x * y
def {first}(x, y):
    return 2 * x + y
def {second}(x, y):
    return {slope}
"""


@pytest.mark.parametrize(("first", "second"), [("df_dx", "df_dy"), ("grad_x", "grad_y"), ("dfdx", "dfdy")])
@pytest.mark.parametrize(("slope", "verdict"), [("6 * y + x", RIGHT), ("3 * y + x", WRONG)])
def test_a_gradient_may_be_called_after_one_argument(first, second, slope, verdict):
    text = CURVE.format(first=first, second=second, slope=slope)
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert {name: judge_unit(unit, examples=4).verdict for unit in units for name in unit.names} == {
        "x": RIGHT,
        "y": verdict,
    }


HUBER = """
import numpy as np
def huber_loss(pred, target, delta=1.0):
    off = pred - target
    near = np.abs(off) <= delta
    loss = np.where(near, 0.5 * off ** 2, delta * (np.abs(off) - 0.5 * delta)).mean()
    grad = np.where(near, off, {far}) / off.size
    return loss, grad
"""


@pytest.mark.parametrize(("far", "verdict"), [("delta * np.sign(off)", RIGHT), ("np.sign(off)", WRONG)])
def test_a_width_of_one_by_default_hides_no_factor(far, verdict):
    assert verdicts_of(HUBER.format(far=far)) == {verdict}


SQUARED = """
import numpy as np
def descend(rows, w, wanted, rate, turns):
    for _ in range(turns):
        for i, x in enumerate(rows):
            error = np.dot(x, w) - wanted[i]
            cost = error ** 2 / 2
            w = w - rate * {slope} * x
    return cost, w
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("slope", "is_right"), [("error", True), ("error ** 3", False)])
def test_the_squares_of_a_cost_are_no_loss(slope, is_right):
    assert (verdicts_of(SQUARED.format(slope=slope)) == {RIGHT}) is is_right
