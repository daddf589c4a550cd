"""A forward pass that keeps something only when it is asked to is asked to, before its backward pass is called."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

GATE = """import numpy as np


class Gate:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)

    def forward(self, x, merken=False):
        z = x @ self.W
        KEEPING
        return np.tanh(z)

    def backward(self, dout):
        dz = dout * (1 - np.tanh(self.z) ** 2)
        self.dW = self.x.T @ dz
        return dz @ self.W.T
"""
KEEPING = (
    "if merken:\n            self.x, self.z = x, z",
    "if not merken:\n            return np.tanh(z)\n        self.x, self.z = x, z",
    "if merken is False:\n            pass\n        else:\n            self.x, self.z = x, z",
)


@pytest.mark.parametrize("keeping", KEEPING)
@pytest.mark.parametrize(("power", "wrong"), [("** 2)", set()), (")", {"W", "x"})])
def test_a_forward_that_keeps_something_on_demand_only_is_told_to(
    tmp_path: Path, keeping: str, power: str, wrong: set[str]
) -> None:
    path = tmp_path / "gate.py"
    path.write_text(GATE.replace("KEEPING", keeping).replace("** 2)", power))
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = found.units
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong


RECURRENT = """import numpy as np


class Recurrent:
    training = False  # whoever trains turns it on

    def __init__(self, n_in, n_hidden):
        self.W = np.random.randn(n_in, n_hidden)
        self.U = np.random.randn(n_hidden, n_hidden)

    def forward(self, x):
        h = np.zeros(self.U.shape[0])
        self.states, self.inputs = [h], []
        out = np.zeros((len(x), self.U.shape[0]))
        for t in range(len(x)):
            h = np.tanh(x[t] @ self.W + h @ self.U)
            if self.training:
                self.states.append(h)
                self.inputs.append(x[t])
            out[t] = h
        return out

    def backward(self, backprop):
        dW, dU, later = 0 * self.W, 0 * self.U, np.zeros(self.U.shape[0])
        for t in reversed(range(len(self.inputs))):
            d = (backprop[t] + later) * (1 - self.states[t + 1] ** 2)
            dW += np.outer(self.inputs[t], d)
            dU += np.outer(self.states[t], d)
            later = ACROSS
        return dW, dU
"""


@pytest.mark.parametrize(("across", "wrong"), [("self.U @ d", set()), ("d @ self.U", {"W", "U"})])
def test_an_attribute_without_which_nothing_is_kept_is_turned_on(tmp_path: Path, across: str, wrong: set[str]) -> None:
    """What is called `backprop` is the gradient from above."""
    path = tmp_path / "recurrent.py"
    path.write_text(RECURRENT.replace("ACROSS", across))
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = found.units
    assert unit.upstream or "upstream" in unit.subject.loss.name
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
