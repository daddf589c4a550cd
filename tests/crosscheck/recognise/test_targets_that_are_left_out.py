"""A loss is made of targets, where a function is handed some: no squares of outputs, and no counters."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RECURRENT = """import numpy as np

class RNN:
    def __init__(self, size, hidden):
        self.U, self.W = np.random.randn(hidden, size) * 0.5, np.random.randn(hidden, hidden) * 0.5
        self.V = np.random.randn(1, hidden) * 0.5

    def forward(self, x):
        s, o = np.zeros((len(x) + 1, len(self.W))), np.zeros((len(x), 1))
        for t in np.arange(len(x)):
            s[t] = np.tanh(self.U @ x[t] + self.W @ s[t - 1])
            o[t] = self.V @ s[t]
        return o, s

    def mse(self, x, y):
        return np.sum((self.forward(x)[0] - y) ** 2) / len(y)

    def bptt(self, x, y):
        o, s = self.forward(x)
        dU, dV, dW = np.zeros(self.U.shape), np.zeros(self.V.shape), np.zeros(self.W.shape)
        delta = 2 * (o - y) / len(y)
        for t in np.arange(len(x))[::-1]:
            dV += np.outer(delta[t], s[t])
            back = self.V.T @ delta[t] * (1 - s[t] ** 2)
            for step in np.arange(0, t + 1)[::-1]:
                dW += np.outer(back, s[step - 1])
                dU += np.outer(back, x[step])
                back = self.W.T @ back * (1 - s[step - 1] ** 2)
        return [dU, dV, dW]

    def step(self, x, y, rate):
        dU, dV, dW = self.bptt(x, y)
        self.U -= rate * dU
        self.V -= rate * dV
        self.W -= rate * dW

np.random.seed(0)
x, y, net = np.random.randn(6, 4), np.random.randn(6, 1), RNN(4, 5)
for turn in range(20):
    if turn % 10 == 0:
        print(net.mse(x, y))
    net.step(x, y, 0.01)
"""


def verdicts_in(folder: Path, code: str) -> set[Verdict]:
    path = folder / "rnn.py"
    path.write_text(code)
    return {judge_unit(unit, examples=12).verdict for unit in recognise(read(path)).units}


@pytest.mark.thorough
def test_what_goes_back_from_outputs_alone_is_wrong(tmp_path: Path) -> None:
    assert verdicts_in(tmp_path, RECURRENT) == {Verdict.AGREE}
    assert Verdict.DISAGREE in verdicts_in(tmp_path, RECURRENT.replace("2 * (o - y) / len(y)", "2 * o / len(y)"))


@pytest.mark.thorough
@pytest.mark.parametrize("delta", ["o", "o * 0.5"])
def test_the_squares_of_outputs_are_not_its_loss(tmp_path: Path, delta: str) -> None:
    assert verdicts_in(tmp_path, RECURRENT.replace("2 * (o - y) / len(y)", delta)) == {Verdict.DISAGREE}
