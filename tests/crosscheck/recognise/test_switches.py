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
