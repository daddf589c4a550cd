"""Targets that are made up as columns, one for each step, are one for one of the classes, and not of a single one."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

COLUMNS = """
import numpy as np

class Tagger:
    def __init__(self, size, width, tags, rate=0.1):
        self.rate = rate
        self.A = np.random.randn(width, size) * 0.4
        self.B = np.random.randn(tags, width) * 0.4
        self.c = np.zeros((tags, 1))

    def softmax(self, z):
        e = np.exp(z - np.max(z))
        return e / np.sum(e, axis=0, keepdims=True)

    def forward(self, inputs):
        hs, ys = [], []
        for t in range(len(inputs)):
            h = np.tanh(np.dot(self.A, inputs[t]))
            hs.append(h)
            ys.append(self.softmax(np.dot(self.B, h) + self.c))
        return hs, ys

    def backward(self, inputs, targets, hs, ys):
        dA, dB, dc = np.zeros_like(self.A), np.zeros_like(self.B), np.zeros_like(self.c)
        for t in range(len(inputs)):
            dy = ys[t] - targets[t]
            dB += np.dot(dy, hs[t].T)
            dc += dy
            dA += np.dot((1 - hs[t] ** 2) * np.dot(self.B.T, dy), inputs[t].T)
        for parameter, gradient in zip([self.A, self.B, self.c], [dA, dB, dc]):
            parameter -= self.rate * gradient
"""


def test_columns_of_classes_are_one_hot(tmp_path: Path) -> None:
    path = tmp_path / "tagger.py"
    path.write_text(COLUMNS)
    (unit,) = recognise(read(path)).units
    assert "cross-entropy of ys against targets" in " ".join(unit.assumptions)
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE
