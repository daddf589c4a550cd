"""Functions in NumPy beside those of another library: they are called with made-up arguments as ever."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BESIDE = """
import numpy as np
import torch

class Compared(torch.nn.Module):
    def forward(self, x):
        return torch.tanh(x)

def by_hand(X, W, V, y_true):
    "Function of a net with one layer."
    h = np.tanh(X @ W)
    y = h @ V
    loss = 0.5 * np.sum((y - y_true) ** 2)
    dy = y - y_true
    dV = h.T @ dy
    dW = X.T @ (dy @ V.T * (1 - {state} ** 2))
    return loss, dW, dV
"""


@pytest.mark.parametrize(("state", "verdict"), [("h", Verdict.AGREE), ("y[:, :1]", Verdict.DISAGREE)])
def test_what_uses_numpy_alone_is_judged(state: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(BESIDE.format(state=state), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=5).verdict is verdict
