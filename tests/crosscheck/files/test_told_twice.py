"""Symbols that are handed over twice, as numbers and as an encoding: drawn apart they would be at odds."""

from pathlib import Path

import pytest

import crosscheck
from crosscheck.verdicts import Verdict

TOLD_TWICE = """
import numpy as np

def batch(n=8, k=6):
    ids = np.random.randint(0, k, n)
    return ids, np.eye(k)[ids], (ids > 2).astype(float)

class Line:
    def __init__(self, k, deep):
        self.E, self.w = np.random.randn(k, deep), np.random.randn(deep)

    def train_batch(self, ids, onehot, labels, rate=0.2):
        h = np.tanh(self.E[ids])
        p = 1 / (1 + np.exp(-h @ self.w))
        loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
        d = (p - labels) / len(ids)
        dE = onehot.T @ (np.outer(d, self.w) * {slope})
        dw = h.T @ d
        self.E -= rate * dE
        self.w -= rate * dw
        return loss

line = Line(6, 4)
for turn in range(100):
    print(line.train_batch(*batch()))
"""


@pytest.mark.parametrize(("slope", "verdict"), [("(1 - h ** 2)", Verdict.AGREE), ("(1 - h)", Verdict.DISAGREE)])
def test_what_says_the_same_stays_together(slope: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(TOLD_TWICE.format(slope=slope))
    assert crosscheck.check_file(path, repair=False).verdict is verdict
