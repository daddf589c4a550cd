"""Steps of which none is right are judged beside a loss that is stated, and plainly meant."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NETWORK = """
import numpy as np
class Network:
    def __init__(self):
        self.weights = [np.random.randn(3, 4), np.random.randn(4, 2)]
    def feed(self, x):
        acts = [x]
        for w in self.weights:
            acts.append(np.tanh(acts[-1] @ w))
        return acts
    def update_weights(self, x, y, lr):
        acts = self.feed(x)
        error = acts[-1] - y
        for i in range(len(self.weights) - 1, -1, -1):
            d = error * (1 - acts[i + 1] ** 2)
            error = d @ self.weights[i].T
            self.weights[i] -= lr * acts[i].T @ d
        return 0.5 * np.sum((acts[-1] - y) ** 2)
net = Network()
for turn in range(9):
    loss = net.update_weights(np.random.randn(5, 3), np.random.randn(5, 2), 0.1)
"""
SLIP = ("(1 - acts[i + 1] ** 2)", "(1 - acts[i + 1])")


def units_of(text):
    return recognise(read_text(text, "utf-8", Path("x.py"))).units


@pytest.mark.parametrize(("slip", "verdict"), [(SLIP, Verdict.DISAGREE), (("", ""), Verdict.AGREE)])
def test_a_network_of_which_every_step_is_wrong(slip, verdict):
    (unit,) = units_of(NETWORK.replace(*slip))
    assert len(unit.names) == 2
    assert judge_unit(unit, examples=3).verdict is verdict


@pytest.mark.parametrize(
    "other",
    [
        ("0.5 * np.sum((acts[-1] - y) ** 2)", "np.sum(np.abs(acts[-1] - y))"),  # no usual loss
        ("loss = net", "score = net"),  # nobody calls it one
        ("lr * acts[i].T", "lr * np.sign(acts[i].T)"),  # no gradient is meant
        ("error = acts[-1] - y", "error = np.tanh(acts[-1] + -y)"),  # it goes back from something else
        ("[i].T @ d", "[i].T @ d * (3.7 + i)"),  # right but for constants
    ],
    ids=str,
)
def test_what_may_not_be_meant_for_the_loss_is_left_alone(other):
    slip = ("", "") if "3.7 + i" in other[1] else SLIP
    text = NETWORK.replace(*slip).replace(*other)
    assert text != NETWORK.replace(*slip)
    assert not [unit for unit in units_of(text) if "return" in str(unit.subject.loss)]
