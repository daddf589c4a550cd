"""Programs that run with one feature and one output alone are judged with these, where nothing else will do."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

WAVE = """
import numpy as np

class Wave:
    def __init__(self, x, y, units):
        self.x, self.y, self.units = x, y, units
        self.Wx = np.random.randn(units, x.shape[2])
        self.Wh = np.random.randn(units, units)
        self.Wy = np.random.randn(y.shape[1], units)

    def forward(self, place):
        state = np.zeros((self.units, 1))
        self.states, self.rows = [state], []
        for row in self.x[place]:
            state = np.tanh(self.Wx @ row.reshape(1, 1) + self.Wh @ state)
            self.rows.append(row.reshape(1, 1))
            self.states.append(state)
        self.error = self.Wy @ state - self.y[place]
        self.loss = 0.5 * self.error ** 2

    def backward(self):
        dWx, dWh = np.zeros(self.Wx.shape), np.zeros(self.Wh.shape)
        dWy = np.dot(self.error, self.states[-1].T)
        back = np.dot(self.error, self.Wy).T
        for t in reversed(range(len(self.rows))):
            inner = (1 - self.states[t + 1] ** 2) * back
            dWx += np.dot(inner, self.rows[t].T)
            dWh += np.dot(inner, self.states[t].T)
            back = np.dot({recurrent}, inner)
        self.Wy -= self.rate * dWy
        self.Wx -= self.rate * dWx
        self.Wh -= self.rate * dWh

    def train(self, epochs, rate):
        self.rate = rate
        for epoch in range(epochs):
            for place in range(len(self.x)):
                self.forward(place)
                self.backward()
            self.loss = 0
"""


@pytest.mark.parametrize(
    ("recurrent", "verdict"), [("self.Wh.T", Verdict.AGREE), ("self.Wh", Verdict.DISAGREE)], ids=["right", "transpose"]
)
def test_a_training_of_one_output_is_called_with_one(
    recurrent: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(WAVE.format(recurrent=recurrent)) == [verdict]
