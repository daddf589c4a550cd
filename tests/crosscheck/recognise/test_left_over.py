"""What learns and was not judged is named, whatever else of the file was judged: it must not pass as right."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

METHODS = """
import numpy as np

class Neuron:
    def __init__(self):
        self.strengths = np.random.randn(3, 1)

    def squash(self, x):
        return 1 / (1 + np.exp(-x))

    def squash_derivative(self, x):
        return x * (1 - x)

    def think(self, inputs):
        return self.squash(inputs @ self.strengths)

    def train(self, inputs, wanted, turns):
        for turn in range(turns):
            output = self.think(inputs)
            error = wanted - output
            adjustment = inputs.T @ ({delta} * self.squash_derivative(output))
            self.strengths += adjustment

neuron = Neuron()
neuron.train(np.random.randn(5, 3), np.random.rand(5, 1), 9)
"""
LOOP = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

inputs, wanted = np.random.randn(5, 3), np.random.rand(5, 1)
strengths = np.random.randn(3, 1)
for turn in range(9):
    output = squash(inputs @ strengths)
    error = wanted - output
    strengths += inputs.T @ ({delta} * output * (1 - output))
"""


def recognised(code: str):
    return recognise(read_text(code, "utf-8", Path("x.py")))


@pytest.mark.parametrize(("delta", "verdict"), [("error", Verdict.AGREE), ("-error", Verdict.DISAGREE)])
def test_weights_that_a_method_multiplies_are_seen_to_learn(delta: str, verdict: Verdict) -> None:
    units = recognised(METHODS.format(delta=delta)).units
    (unit,) = [unit for unit in units if unit.name.startswith("Neuron.train")]
    assert judge_unit(unit, examples=6).verdict is verdict


@pytest.mark.parametrize(("code", "name"), [(METHODS, "Neuron.train"), (LOOP, "the loop in line 9")])
def test_what_learns_by_no_known_loss_is_named(code: str, name: str) -> None:
    found = recognised(code.format(delta="error * error"))
    assert [skipped.function for skipped in found.skipped] == [name]
    assert not any(unit.name.startswith(name) for unit in found.units)


@pytest.mark.parametrize("code", [METHODS, LOOP])
def test_nothing_is_left_over_where_all_was_judged(code: str) -> None:
    assert not recognised(code.format(delta="error")).skipped


RECTIFIED = """
import numpy as np

inputs, wanted = np.random.rand(5, 1), np.random.rand(5, 1)
strengths = np.random.randn(1, 1)
for turn in range(9):
    output = np.maximum(0, {sign} inputs @ strengths)
    error = (wanted - output) * (output > 0)
    strengths += 0.1 * {sign} inputs.T @ error
"""


@pytest.mark.parametrize("sign", ["", "-"])
def test_states_in_which_a_relu_lets_nothing_through_are_passed_over(sign: str) -> None:
    (unit,) = recognised(RECTIFIED.format(sign=sign)).units
    assert judge_unit(unit, examples=9).verdict is Verdict.AGREE


HELPED = """
import numpy as np

def relu(x):
    return np.maximum(0, x)

def relu_backward(x, grad_output):
    return grad_output * (x > 0)

X, y = np.random.randn(5, 3), np.random.randn(5, 2)
W, V = np.random.randn(3, 4), np.random.randn(4, 2)
for turn in range(9):
    z = X @ W
    h = relu(z)
    loss = 0.5 * np.sum((h @ V - y) ** 2)
    dout = h @ V - y
    dV = h.T @ dout
    dW = X.T @ relu_backward(z, dout @ V.T{slip})
    W -= 0.1 * dW
    V -= 0.1 * dV
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_a_loop_that_calls_a_helper_that_was_judged_is_judged_itself(slip: str, verdict: Verdict) -> None:
    units = recognised(HELPED.format(slip=slip)).units
    (unit,) = [unit for unit in units if unit.name.startswith("the loop")]
    assert judge_unit(unit, examples=6).verdict is verdict


BY_NAME = """
import numpy as np

w, v = np.random.rand(3, 5), np.random.rand(5, 2)

def shift(a, b, c):
    for i in range(len(a)):
        a[i] += b[i] * c

def {name}(x, t):
    h = np.tanh(x @ w)
    out = h @ v
    q = np.sign(t - out) * out ** 2
    shift(w, np.outer(x, (v @ q) * (2 - h)), 1)
    shift(v, np.outer(h, q), 1)

{call}
"""


@pytest.mark.parametrize("name", ["geri_yayilim", "retroprop"])
@pytest.mark.parametrize(
    ("call", "reason"), [("{name}(np.ones(3), np.ones(2))", "no loss was found"), ("", "nothing in")]
)
def test_what_says_in_another_language_that_it_goes_back_is_named(name: str, call: str, reason: str) -> None:
    found = recognised(BY_NAME.format(name=name, call=call.format(name=name)))
    assert not found.units
    assert [(one.function, one.reason.startswith(reason)) for one in found.skipped] == [(name, True)]


ATTRIBUTES = """
import numpy as np

class Unit:
    def __init__(self, x, y):
        self.x, self.y, self.w = x, y, np.random.randn(x.shape[1], y.shape[1])

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_derivative(self, x):
        return x * (1 - x)

    def train(self, count):
        for turn in range(count):
            self.out = self.sigmoid(np.dot(self.x, self.w))
            self.error = self.y - self.out
            self.change = self.error * self.sigmoid_derivative({at})
            self.w += 0.01 * np.dot(self.x.T, self.change)

Unit(np.random.randn(4, 3), np.array([[0.0], [1.0], [1.0], [0.0]])).train(10)
"""


@pytest.mark.parametrize(("at", "verdict"), [("self.out", "agree"), ("np.dot(self.x, self.w)", "disagree")])
def test_a_training_that_keeps_its_errors_in_attributes_is_judged(at: str, verdict: str) -> None:
    found = recognised(ATTRIBUTES.format(at=at))
    assert not found.skipped
    verdicts = {unit.name: judge_unit(unit, examples=4).verdict.value for unit in found.units}
    assert verdicts.pop("Unit.sigmoid/Unit.sigmoid_derivative") == "agree"
    assert list(verdicts.values()) == [verdict]
