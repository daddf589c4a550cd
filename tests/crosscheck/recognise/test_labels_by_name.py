"""What a forward pass returns under the name of its target is not what the backward pass is handed for that."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RECURRENT = """
import numpy as np
class Net:
    def __init__(self, sizes):
        self.W = np.random.randn(sizes[1], sizes[0])
        self.U = np.random.randn(sizes[1], sizes[1])
        self.V = np.random.randn(sizes[2], sizes[1])
        self.b = np.zeros((sizes[1], 1))
    def feedforward(self, x):
        h = np.zeros((len(self.b), 1))
        for part in x:
            h = np.tanh(self.W @ part.reshape(-1, 1) + self.U @ h + self.b)
        y = self.V @ h
        return y
    def backprop(self, x, y):
        hs = {-1: np.zeros((len(self.b), 1))}
        for t, part in enumerate(x):
            hs[t] = np.tanh(self.W @ part.reshape(-1, 1) + self.U @ hs[t - 1] + self.b)
        scores = self.V @ hs[len(x) - 1]
        d = np.exp(scores) / np.exp(scores).sum()
        d[y] -= 1
        dV = d @ hs[len(x) - 1].T
        dW, dU, db = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.b)
        dh = self.V.T @ d
        for t in reversed(range(len(x))):
            raw = (1 - hs[t] ** 2) * dh
            db += raw
            dW += raw @ x[t].reshape(1, -1)
            dU += raw @ hs[{place}].T
            dh = self.U.T @ raw
        return dW, dU, dV, db
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "verdict"), [("t - 1", Verdict.AGREE), ("t", Verdict.DISAGREE)])
def test_an_index_is_no_output(place: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(RECURRENT.replace("{place}", place), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=5).verdict is verdict


SENTENCES = """
import random
import numpy as np
class Net:
    def __init__(self, n):
        self.W, self.U, self.V = np.random.randn(5, n) / 9, np.random.randn(5, 5) / 9, np.random.randn(2, 5) / 9
    def forward(self, words):
        h = np.zeros((5, 1))
        self.words, self.hs = words, {0: h}
        for t, x in enumerate(words):
            h = np.tanh(self.W @ x + self.U @ h)
            self.hs[t + 1] = h
        return self.V @ h
    def backprop(self, dy, rate=0.02):
        n = len(self.words)
        dV = dy @ self.hs[n].T
        dW, dU = np.zeros_like(self.W), np.zeros_like(self.U)
        dh = self.V.T @ dy
        for t in reversed(range(n)):
            raw = (1 - self.hs[t + 1] ** 2) * dh
            dU += raw @ self.hs[t].T
            dW += raw @ self.words[t].T
            dh = {back} @ raw
        self.W -= rate * dW
        self.U -= rate * dU
        self.V -= rate * dV
said = {"good": 1, "bad": 0, "very": 1, "not": 0, "not very good": 0, "sad": 0}
known = sorted({word for text in said for word in text.split()})
net = Net(len(known))
def process(data):
    items = list(data.items())
    random.shuffle(items)
    loss = 0
    for text, target in items:
        words = [np.eye(len(known))[:, [known.index(word)]] for word in text.split()]
        scores = net.forward(words)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss -= np.log(p[target])
        dy = p
        dy[target] -= 1
        net.backprop(dy)
    return loss / len(data)
for epoch in range(9):
    print(process(said))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [("self.U.T", Verdict.AGREE), ("self.U", Verdict.DISAGREE)])
def test_the_longest_of_many_sequences_is_judged_whatever_their_order(
    back: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(SENTENCES.replace("{back}", back), encoding="utf-8")
    units = recognise(read(tmp_path / "program.py")).units
    assert {judge_unit(unit, examples=5).verdict for unit in units} == {verdict}
