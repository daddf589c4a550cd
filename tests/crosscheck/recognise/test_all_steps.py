"""Objects that are told how many steps there are get as many as they go forward through."""

from collections.abc import Callable

import pytest

from crosscheck.recognise.guesses import ARRAY, SIZE, Guess, Key, Slot
from crosscheck.recognise.letters import letter
from crosscheck.verdicts import Verdict

TOLD = """
import numpy as np

class Reader:
    def __init__(self, symbols, width, steps):
        self.symbols, self.steps = symbols, steps
        self.A = np.random.randn(width, symbols) * 0.3
        self.R = np.random.randn(width, width) * 0.3
        self.B = np.random.randn(symbols, width) * 0.3

    def forward(self, inputs, first):
        xs, hs, ps = {}, {-1: first.copy()}, {}
        for t in range(len(inputs)):
            xs[t] = np.zeros((self.symbols, 1))
            xs[t][inputs[t]] = 1
            hs[t] = np.tanh(self.A @ xs[t] + self.R @ hs[t - 1])
            e = np.exp(self.B @ hs[t])
            ps[t] = e / e.sum()
        return xs, hs, ps

    def backward(self, xs, hs, ps, targets):
        dA, dR, dB = np.zeros_like(self.A), np.zeros_like(self.R), np.zeros_like(self.B)
        later = np.zeros_like(hs[0])
        for t in reversed(range(self.steps)):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dB += dy @ hs[t].T
            d = (self.B.T @ dy + later) * (1 - hs[t] ** 2)
            dA += d @ xs[t].T
            dR += d @ hs[t - 1].T
            later = self.R.T @ d
        return dA, dR, dB
"""


@pytest.mark.thorough
def test_a_right_one_agrees_and_a_wrong_one_does_not(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(TOLD) == [Verdict.AGREE]
    assert "later = self.R.T @ d" in TOLD
    assert verdicts(TOLD.replace("later = self.R.T @ d", "later = self.R @ d")) == [Verdict.DISAGREE]


def test_the_sizes_of_several_layers_are_no_length() -> None:
    rows, told = Key("run", "xs"), Key("run", "sizes")
    slots = {rows: Slot(ARRAY, (letter(1),)), told: Slot(SIZE, (letter(2), letter(3)))}
    guess = Guess(slots, {1: 7, 2: 11, 3: 13}, together=((rows, told),))
    assert guess.of_one_length() == guess
    single = guess.with_slot(told, Slot(SIZE, (letter(2),))).of_one_length()
    assert single.slots[told].sizes == single.slots[rows].sizes
