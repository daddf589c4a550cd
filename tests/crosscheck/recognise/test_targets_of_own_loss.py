"""A backward pass that computes the loss of the target that it is handed, in a training that is handed pairs."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

FORECAST = """import numpy as np


class Forecast:
    def __init__(self, inputs, hidden, outputs):
        rng = np.random.default_rng(3)
        self.W = rng.normal(0, 0.4, (hidden, hidden + inputs))
        self.V = rng.normal(0, 0.4, (outputs, hidden))
        self.first = [np.zeros_like(self.W), np.zeros_like(self.V)]
        self.second = [np.zeros_like(self.W), np.zeros_like(self.V)]
        self.count = 0

    def forward(self, rows):
        states = np.zeros((len(rows) + 1, len(self.W)))
        for t in range(len(rows)):
            states[t + 1] = np.tanh(self.W @ np.concatenate([states[t], rows[t]]))
        return self.V @ states[-1], states

    def learn(self, rows, truth, guess, states, rate=0.01):
        error = guess - truth
        loss = 0.5 * float(np.dot(error, error))
        dV = np.outer(error, states[-1])
        dW = np.zeros_like(self.W)
        dh = self.V.T @ error
        for t in reversed(range(len(rows))):
            da = dh * (1 - states[t + 1] ** 2)
            dW += np.outer(da, np.concatenate([states[t], rows[t]]))
            dh = self.W[:, : len(da)].T @ da
        self.count += 1
        for n, (weights, slope) in enumerate([(self.W, dW), (self.V, dV)]):
            self.first[n] = 0.9 * self.first[n] + 0.1 * slope
            self.second[n] = 0.999 * self.second[n] + 0.001 * slope**2
            mean, square = self.first[n] / (1 - 0.9**self.count), self.second[n] / (1 - 0.999**self.count)
            weights -= rate * mean / (np.sqrt(square) + 1e-8)
        return loss

    def run_epoch(self, pairs, rate=0.01):
        total = 0.0
        for rows, truth in pairs:
            guess, states = self.forward(rows)
            total += self.learn(rows, truth, guess, states, rate)
        return total / len(pairs)
"""


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [(("", ""), set()), (("self.W[:, : len(da)].T", "self.W[:, : len(da)]"), {"W"})],
    ids=["right", "transpose"],
)
def test_the_loss_is_the_one_that_is_computed(tmp_path: Path, edit: tuple[str, str], wrong: set[str]) -> None:
    path = tmp_path / "forecast.py"
    path.write_text(FORECAST.replace(*edit) if edit[0] else FORECAST)
    (unit,) = recognise(read(path)).units
    assert str(unit.subject.loss) == "loss"
    assert not [text for text in unit.assumptions if "the loss was taken to be" in text]
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
