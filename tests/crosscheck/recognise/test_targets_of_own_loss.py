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


@pytest.mark.thorough
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


ONE_NUMBER = """import numpy as np


class Waves:
    def __init__(self, inputs, hidden, outputs):
        self.U, self.W = np.random.randn(hidden, inputs), np.random.randn(hidden, hidden)
        self.V = np.random.randn(outputs, hidden)

    def forward(self, inputs, start):
        kept, made = {-1: start}, {}
        for t in range(len(inputs)):
            kept[t] = np.tanh(self.U @ inputs[t] + self.W @ kept[t - 1])
            made[t] = self.V @ kept[t]
        return made, kept

    def backward(self, inputs, kept, made, targets):
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        after, loss = np.zeros_like(kept[0]), 0
        for t in reversed(range(len(inputs))):
            dy = made[t] - targets[t]
            loss += 0.5 * np.sum(dy**2)
            dV += dy @ kept[t].T
            da = (self.V.T @ dy + after) * (1 - kept[t] ** 2)
            dU += da @ inputs[t].T
            dW += da @ kept[t - 1].T
            after = self.W.T @ da
        self.U -= 0.1 * dU
        self.W -= 0.1 * dW
        self.V -= 0.1 * dV
        return loss


wave = [np.array([[np.sin(t)]]) for t in range(5)]
net = Waves(1, 6, 1)
made, kept = net.forward(wave[:-1], np.zeros((6, 1)))
net.backward(wave[:-1], kept, made, wave[1:])
"""


def test_a_loss_that_is_returned_is_not_the_gradient_of_an_input_of_one_number(tmp_path: Path) -> None:
    path = tmp_path / "waves.py"
    path.write_text(ONE_NUMBER)
    (unit,) = recognise(read(path)).units
    assert unit.names == {"U": "dU", "W": "dW", "V": "dV"}
