"""What is called with made-up arguments and returns a number for each row may have been handed an axis too many."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.source import read

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
def test_a_gradient_of_many_numbers_at_once_is_not_called_wrong(tmp_path: Path) -> None:
    path = tmp_path / "players.py"
    path.write_text(PLAYERS)
    found = recognise(read(path))
    assert found.units == []
    assert [skipped.function for skipped in found.skipped] == ["Forger.derivatives"]
