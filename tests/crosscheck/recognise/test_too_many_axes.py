"""What is called with made-up arguments and returns a number for each row may have been handed an axis too many."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.source import read

PLAYERS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

class Critic:
    def __init__(self):
        self.weights = np.array([np.random.normal() for i in range(4)])
        self.bias = np.random.normal()

    def forward(self, x):
        return sigmoid(np.dot(x, self.weights) + self.bias)

class Maker:
    def __init__(self):
        self.weights = np.array([np.random.normal() for i in range(4)])
        self.biases = np.array([np.random.normal() for i in range(4)])

    def forward(self, z):
        return sigmoid(z * self.weights + self.biases)

    def error(self, z, discriminator):
        return -np.log(discriminator.forward(self.forward(z)))

    def derivatives(self, z, discriminator):
        x = self.forward(z)
        y = discriminator.forward(x)
        factor = -(1 - y) * discriminator.weights * x * (1 - x)
        return factor * z, factor
"""


def test_a_gradient_of_many_numbers_at_once_is_not_called_wrong(tmp_path: Path) -> None:
    path = tmp_path / "players.py"
    path.write_text(PLAYERS)
    found = recognise(read(path))
    assert found.units == []
    assert found.skipped
