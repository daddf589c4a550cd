"""What is called with made-up arguments and returns a number for each row may have been handed an axis too many."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PLAYERS = """
import numpy as np

def sigmoid(x):
    return np.exp(x) / (1 + np.exp(x))

class Discriminator():
    def __init__(self, speed):
        self.speed = speed
        self.weights = np.array([np.random.normal() for i in range(4)])
        self.bias = np.random.normal()

    def forward(self, x):
        return sigmoid(np.dot(x, self.weights) + self.bias)

class Forger():
    def __init__(self, speed):
        self.weights = np.array([np.random.normal() for i in range(4)])
        self.biases = np.array([np.random.normal() for i in range(4)])
        self.speed = speed

    def forward(self, z):
        return sigmoid(z * self.weights + self.biases)

    def error(self, z, discriminator):
        x = self.forward(z)
        y = discriminator.forward(x)
        return -np.log(y)

    def derivatives(self, z, discriminator):
        discriminator_weights = discriminator.weights
        discriminator_bias = discriminator.bias
        x = self.forward(z)
        y = discriminator.forward(x)
        factor = -(1 - y) * discriminator_weights * x * (1 - x)
        derivatives_weights = factor * z
        derivative_bias = factor
        return derivatives_weights, derivative_bias

    def update(self, z, discriminator, speed):
        before = self.error(z, discriminator)
        slopes = self.derivatives(z, discriminator)
        self.weights -= speed * slopes[0]
        self.biases -= speed * slopes[1]
        after = self.error(z, discriminator)
"""


@pytest.mark.usefixtures("every_plan")
@pytest.mark.parametrize(("slip", "verdict"), [("(1 - x)", Verdict.AGREE), ("(1 + x)", Verdict.DISAGREE)])
@pytest.mark.parametrize("other", ["discriminator", "judge"])
def test_a_gradient_of_many_numbers_at_once_is_judged_with_one_example(
    other: str, slip: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "players.py"
    source = PLAYERS.replace("discriminator", other).replace("Discriminator", other.title())
    path.write_text(source.replace("x * (1 - x)", f"x * {slip}"))
    (unit,) = recognise(read(path)).units
    assert unit.names == {"weights": "derivatives_weights", "biases": "derivative_bias"}
    assert judge_unit(unit, examples=12).verdict is verdict


LINE = """
import numpy as np

class Line:
    def __init__(self, width):
        self.weights = np.random.randn(width)
        self.bias = np.array(0.0)

    def predict(self, x):
        return x @ self.weights + self.bias

    def loss(self, x, y):
        return np.mean((y - self.predict(x)) ** 2)

    def gradient(self, x, y):
        off = self.predict(x) - y
        grad_w = 2 * x.T @ off / x.shape[0]
        grad_b = 2 * np.mean(off)
        return grad_w, grad_b
"""


@pytest.mark.parametrize(("factor", "verdict"), [("2 * x.T", Verdict.AGREE), ("3 * x.T", Verdict.DISAGREE)])
def test_targets_lie_in_a_row_beside_outputs_in_a_row(tmp_path: Path, factor: str, verdict: Verdict) -> None:
    path = tmp_path / "line.py"
    path.write_text(LINE.replace("2 * x.T", factor))
    found = recognise(read(path))
    (unit,) = found.units
    assert {"weights", "bias"} == set(unit.names)
    assert "x (5, 6), y (5,)" in " ".join(found.assumptions)
    assert judge_unit(unit, examples=6).verdict is verdict
