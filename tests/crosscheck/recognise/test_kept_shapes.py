"""Shapes of arguments that a program asks of what keeps them, and arrays of which it makes one number each."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

SERIES = """import numpy as np

class Recurrent:
    def __init__(self, x, hidden_units):
        self.x = x
        self.Wx = np.random.randn(hidden_units, self.x.shape[2])
        self.Wh = np.random.randn(hidden_units, hidden_units)
        self.Wy = np.random.randn(1, hidden_units)

    def forward(self, sample, y):
        h = np.zeros((len(self.Wh), 1))
        self.states, self.inputs = [h], []
        for step in range(len(self.x[sample])):
            self.inputs.append(self.x[sample][step].reshape(1, 1))
            h = np.tanh(np.dot(self.Wx, self.inputs[-1]) + np.dot(self.Wh, h))
            self.states.append(h)
        self.error = np.dot(self.Wy, h).item() - float(y)
        return 0.5 * self.error ** 2

    def backward(self):
        dWy = self.error * self.states[-1].T
        dWx, dWh = np.zeros_like(self.Wx), np.zeros_like(self.Wh)
        dh = self.error * self.Wy.T
        for step in reversed(range(len(self.inputs))):
            dz = (1 - self.states[step + 1] ** 2) * dh
            dWx += np.dot(dz, self.inputs[step].T)
            dWh += np.dot(dz, self.states[step].T)
            dh = np.dot(self.Wh.T, dz)
        return dWx, dWh, dWy
"""


@pytest.mark.parametrize(
    ("carry", "verdict"), [("self.Wh.T", Verdict.AGREE), ("self.Wh", Verdict.DISAGREE)], ids=["right", "not transposed"]
)
def test_series_of_single_numbers_are_made_up(carry: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(SERIES.replace("dh = np.dot(self.Wh.T", f"dh = np.dot({carry}")) == [verdict]
