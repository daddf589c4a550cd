"""Arguments that nobody shows are made up as shares of classes, or as vectors, where use or name says so."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BY_LOGARITHM = """
import numpy as np

class Reader:
    def __init__(self, inputs, outputs):
        self.M = np.random.randn(outputs, inputs)
        self.c = np.zeros((outputs, 1))

    def cost(self, wanted, made):
        total = 0
        for t in range(wanted.shape[1]):
            total -= np.matmul(wanted[:, t], np.log(made[:, t]))
        return total

    def forward(self, seen):
        scores = self.M @ seen + self.c
        made = np.exp(scores) / np.exp(scores).sum(axis=0)
        return made

    def backward(self, seen, wanted, made):
        dM = {slope}
        dc = (made - wanted).sum(axis=1, keepdims=True)
        return dM, dc
"""
BY_NAME = """
import numpy as np

class Pairs:
    def __init__(self, words, width):
        self.V = np.random.randn(words, width)
        self.U = np.random.randn(width, words)

    def forward(self, one_hot_vector):
        hidden = np.dot(one_hot_vector, self.V)
        scores = np.dot(hidden, self.U)
        return hidden, np.exp(scores) / np.exp(scores).sum()

    def backward(self, one_hot_vector, target_vector, rate=0.1):
        hidden, out = self.forward(one_hot_vector)
        error = out - target_vector
        slope_u = np.outer(hidden, error)
        slope_v = np.outer(one_hot_vector, {slope})
        self.V -= rate * slope_v
        self.U -= rate * slope_u
"""


@pytest.mark.parametrize(
    ("code", "slope", "verdict"),
    [
        (BY_LOGARITHM, "(made - wanted) @ seen.T", Verdict.AGREE),
        (BY_LOGARITHM, "(made - wanted * made) @ seen.T", Verdict.DISAGREE),
        (BY_NAME, "self.U @ error", Verdict.AGREE),
        (BY_NAME, "self.U @ out", Verdict.DISAGREE),
    ],
)
def test_what_weighs_a_logarithm_holds_shares(tmp_path: Path, code: str, slope: str, verdict: Verdict) -> None:
    path = tmp_path / "classes.py"
    path.write_text(code.replace("{slope}", slope))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is verdict
