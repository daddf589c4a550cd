"""Initial states that a file hands over as zeros alone: a backward pass may leave out their term."""

from pathlib import Path

import pytest

from crosscheck.files import examine
from crosscheck.files.options import Options
from crosscheck.recognise import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NETWORK = """
import numpy as np


class Network:
    def __init__(self, inputs, hidden, outputs):
        self.U, self.W = np.random.randn(hidden, inputs) * 0.4, np.random.randn(hidden, hidden) * 0.4
        self.V = np.random.randn(outputs, hidden) * 0.4

    def forward(self, inputs, hidden_state):
        states, made = [], []
        for x in inputs:
            hidden_state = np.tanh(self.U @ x + self.W @ hidden_state)
            states.append(hidden_state)
            made.append(self.V @ hidden_state)
        return states, made

    def backward(self, inputs, targets, states, made):
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        after = np.zeros_like(states[0])
        for t in reversed(range(len(inputs))):
            dy = made[t] - targets[t]
            dV += dy @ states[t].T
            da = (self.V.T @ dy + after) * (1 - states[t] ** 2)
            dU += da @ inputs[t].T
            dW += {term}
            after = self.W.T @ da
        for weights, slope in zip([self.U, self.W, self.V], [dU, dW, dV]):
            weights -= 0.1 * slope

    def train(self, rows, targets):
        hidden_state = np.zeros((len(self.W), 1))
        for turn in range(20):
            states, made = self.forward(rows, hidden_state)
            self.backward(rows, targets, states, made)
            {carried}


rows = [np.random.randn(3, 1) for t in range(4)]
Network(3, 5, 2).train(rows, [np.random.randn(2, 1) for t in range(4)])
"""
SPARED = "da @ states[t - 1].T if t > 0 else 0"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("term", "carried", "verdict"),
    [
        (SPARED, "", Verdict.AGREE),
        ("da @ states[t - 1].T", "", Verdict.DISAGREE),  # at the first step that is the last state
        (SPARED, "hidden_state = states[-1]", Verdict.DISAGREE),
    ],
    ids=["left out", "last state", "carried on"],
)
def test_a_term_of_zeros_may_be_left_out(tmp_path: Path, term: str, carried: str, verdict: Verdict) -> None:
    (tmp_path / "network.py").write_text(NETWORK.replace("{term}", term).replace("{carried}", carried))
    document = read(tmp_path / "network.py")
    units = [unit for unit in recognise(document).units if "W" in unit.names]
    known = examine.judged_as_read(units[0], examine.read_as_meant(document), (), Options(examples=8))
    assert known.report.verdict is verdict
    told = [text for text in known.report.assumptions if "hidden_state was taken for zeros" in text]
    assert bool(told) is (verdict is Verdict.AGREE)
