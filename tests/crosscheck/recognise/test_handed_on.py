"""What a backward method is handed that nothing calls, and what it keeps for those who come after it."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

KEEPS = """
import numpy as np

class Symbols:
    def __init__(self, vocabulary, width):
        self.table, self.W = np.random.randn(vocabulary, width), np.random.randn(width, width)
        self.found = {}

    def forward(self, word_ids):
        h, hs = np.zeros(len(self.W)), []
        for k in word_ids:
            h = np.tanh(self.table[k] + self.W @ h)
            hs.append(h)
        self.seen = word_ids, hs
        return np.array(hs)

    def backward(self, dhs, dlast=None):
        word_ids, hs = self.seen
        dtable, dW = np.zeros_like(self.table), np.zeros_like(self.W)
        dh_next = np.zeros(len(self.W)) if dlast is None else dlast
        for t in reversed(range(len(word_ids))):
            dz = (dhs[t] + dh_next) * (1 - hs[t] ** 2)
            dtable[word_ids[t]] += dz
            dW += np.outer(dz, hs[{before}] if t else np.zeros(len(self.W)))
            dh_next = self.W.T @ dz
        self.found = {"table": dtable, "W": dW}
        return dh_next
"""
ORDER = """
import numpy as np

class Last:
    def __init__(self, n, m, k):
        self.n = m
        self.U, self.W, self.V = np.random.randn(m, n), np.random.randn(m, m), np.random.randn(k, m)

    def forward(self, xs):
        h_prev = np.zeros((self.n, 1))
        self.xs, self.hs = xs, [h_prev]
        for x in xs:
            h_prev = np.tanh(self.U @ x.reshape(-1, 1) + self.W @ h_prev)
            self.hs.append(h_prev)
        y = self.V @ h_prev
        return y, h_prev

    def backward(self, d_y, y, h):
        dV, dh = d_y @ h.T, self.V.T @ d_y
        dU, dW = np.zeros_like(self.U), np.zeros_like(self.W)
        for t in reversed(range(len(self.xs))):
            dz = dh * (1 - self.hs[t + 1] ** 2)
            dU += dz @ self.xs[t].reshape(1, -1)
            dW += dz @ self.hs[{before}].T
            dh = self.W.T @ dz
        return dU, dW, dV
"""
NUMBER = """
import numpy as np

class Price:
    def __init__(self, n, m):
        self.n = m
        self.U, self.W, self.v = np.random.randn(n, m), np.random.randn(m, m), np.random.randn(m)

    def forward(self, seq):
        h, self.hs, self.seq = np.zeros(self.n), [np.zeros(self.n)], seq
        for x in seq:
            h = np.tanh(x @ self.U + h @ self.W)
            self.hs.append(h)
        y = h @ self.v
        return y.item(), h

    def backward(self, y_true, y_pred, rate):
        off = 2 * (y_pred - y_true)
        dv, dh = self.hs[-1] * off, self.v * off
        dU, dW = np.zeros_like(self.U), np.zeros_like(self.W)
        for t in reversed(range(len(self.seq))):
            dz = dh * (1 - self.hs[t + 1] ** 2)
            dU += np.outer(self.seq[t], dz)
            dW += np.outer(self.hs[{before}], dz)
            dh = self.W @ dz
        self.v -= rate * dv
        self.U -= rate * dU
        self.W -= rate * dW
"""


@pytest.mark.thorough
@pytest.mark.parametrize("program", [KEEPS, ORDER, NUMBER])
def test_a_method_that_nothing_calls_is_judged(program: str, tmp_path: Path) -> None:
    for before, verdict in (("t", Verdict.AGREE), ("t + 1", Verdict.DISAGREE)):
        before = {"t": "t - 1", "t + 1": "t"}[before] if program is KEEPS else before
        (tmp_path / "program.py").write_text(program.replace("{before}", before))
        (unit,) = recognise(read(tmp_path / "program.py")).units
        report = judge_unit(unit, examples=4)
        assert report.verdict is verdict
        wrong = {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE}
        assert wrong == (set() if verdict is Verdict.AGREE else {"W"})
