"""Steps that give the variable of a loop another value, and move nothing."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LINES = """
import numpy as np

def forward(x, W, b):
    return x @ W + b, x

def backward(dout, x):
    return x.T @ dout, dout.sum(0)

W, b, x, y = np.random.randn(3, 2), np.zeros(2), np.random.randn(9, 3), np.random.randn(9, 2)

def train(W, b):
    for turn in range(20):
        out, cache = forward(x, W, b)
        print(0.5 * np.sum((out - y) ** 2))
        dW, db = backward(out - y, cache)
        {moves}
    return W, b

train(W, b)
"""
LOST = "for p, g in zip((W, b), (dW, db)): p = p - 0.1 * g"
MOVED = LOST.replace("p = p - ", "p -= ")
KEPT = """new = []
        for p, g in zip((W, b), (dW, db)):
            p = p - 0.1 * g
            new.append(p)
        W, b = new"""


@pytest.mark.parametrize(
    ("moves", "verdict"), [(MOVED, Verdict.AGREE), (LOST, Verdict.DISAGREE), (KEPT, Verdict.AGREE)]
)
def test_a_step_that_is_never_made_is_wrong(moves: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "lines.py"
    path.write_text(LINES.format(moves=moves))
    reports = [judge_unit(unit, examples=6) for unit in recognise(read(path)).units]
    assert {report.verdict for report in reports} == {verdict}
    codes = {finding.code for report in reports for finding in report.findings}
    assert ("update-differs" in codes) == (verdict is Verdict.DISAGREE)


IN_A_VARIABLE = """
import numpy as np

class Line:
    def __init__(self):
        self.U, self.w, self.lr = np.random.randn(3, 4) * 0.4, np.random.randn(4) * 0.4, 0.05

    def fit(self, X, y):
        for epoch in range(20):
            h = np.tanh(X @ self.U)
            e = (h @ self.w - y) / len(y)
            loss = 0.5 * len(y) * np.sum(e ** 2)
            dw, dU = h.T @ e, X.T @ (np.outer(e, self.w) * (1 - h ** 2))
            {target} = self.U - self.lr * dU
            self.w -= self.lr * dw
            print(loss)

Line().fit(np.random.randn(9, 3), np.random.randn(9))
"""


@pytest.mark.parametrize(("target", "verdict"), [("self.U", Verdict.AGREE), ("U", Verdict.DISAGREE)])
def test_a_step_that_is_left_in_a_variable_is_never_made(target, verdict, tmp_path):
    path = tmp_path / "line.py"
    path.write_text(IN_A_VARIABLE.format(target=target))
    reports = [judge_unit(unit, examples=8) for unit in recognise(read(path)).units]
    assert [report.verdict for report in reports] == [verdict]
