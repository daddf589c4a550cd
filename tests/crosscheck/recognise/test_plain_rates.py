"""A rate is a number, whatever is done with it."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RATED = """
import numpy as np

class Descent:
    def propagate(self, w, b, X, Y):
        A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
        cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dw = np.dot(X, (A - Y).T) / X.shape[1]
        db = np.sum(A - Y) / X.shape[1]
        assert dw.shape == w.shape
        return {"dw": dw, "db": db}, cost

    def optimize(self, w, b, X, Y, turns, learning_rate):
        for _ in range(turns):
            grads, cost = self.propagate(w, b, X, Y)
            w = w - np.dot(learning_rate, grads["dw"])
            b = b - np.dot(learning_rate, grads["db"])
        return w, b, cost
"""


def _verdicts(tmp_path: Path, code: str) -> list[Verdict]:
    path = tmp_path / "program.py"
    path.write_text(code)
    found = recognise(read(path))
    assert not found.skipped
    return [judge_unit(unit).verdict for unit in found.units]


def test_a_right_one_agrees_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    assert _verdicts(tmp_path, RATED) == [Verdict.AGREE]
    assert "db = np.sum(A - Y) / X.shape[1]" in RATED
    assert _verdicts(tmp_path, RATED.replace("db = np.sum(A - Y) / X.shape[1]", "db = np.sum(A - Y)")) == [
        Verdict.DISAGREE
    ]
