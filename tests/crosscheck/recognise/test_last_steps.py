"""Steps by which parameters go along the gradient of no loss: told where they are the last thing that a turn does."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

GATE = """
import numpy as np

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
first, last = np.random.random((3, 2)), np.random.random((3, 1))
rate = 0.5

def bend(z):
    return 1 / (1 + np.exp(-z))

def slope(z):
    return bend(z) * (1 - bend(z))

def forward(X, first, last):
    a0 = np.c_[np.ones(X.shape[0]), X]
    z1 = a0 @ first
    a1 = np.c_[np.ones(X.shape[0]), bend(z1)]
    z2 = a1 @ last
    return a0, z1, a1, z2, bend(z2)

for turn in range(2000):
    a0, z1, a1, z2, shown = forward(X, first, last)
    miss = Y - shown
    sent = {back} @ last[1:].T{more}
    outer = miss * {outer}
    inner = sent * slope(z1)
    last += rate * a1.T @ outer
    {between}
    first += rate * a0.T @ inner
"""
PAIRS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

class Skip:
    def __init__(self, words, size, lr=0.02):
        self.inner = np.random.randn(words, size) * 0.1
        self.outer = np.random.randn(words, size) * 0.1
        self.lr = lr

    def step(self, word, near, others):
        v, u, rest = self.inner[word].copy(), self.outer[near].copy(), self.outer[others].copy()
        hit, fooled = sigmoid(u @ v), sigmoid(rest @ v)
        loss = -np.log(hit) - np.sum(np.log(1 - fooled))
        grad_v = (hit - 1) * u + {back}
        self.outer[near] -= self.lr * (hit - 1) * v
        {move}
        self.inner[word] -= self.lr * grad_v
        return loss

text = open("story.txt").read().lower().split()
words = sorted(set(text))
ids = np.array([words.index(word) for word in text])
model = Skip(len(words), 20)
for epoch in range(3):
    for i in range(len(ids) - 1):
        others = np.random.choice(len(words), 4)
        print(model.step(ids[i], ids[i + 1], others))
"""
WRONG = {
    "gate": GATE.format(outer="slope(shown)", back="miss", more=" * bend(z1)", between=""),
    "pairs": PAIRS.format(
        back="np.mean(fooled[:, None] * rest, axis=0)", move="self.outer[others] -= self.lr * fooled[:, None] * v"
    ),
}


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG.keys())
def test_steps_along_no_gradient_are_wrong(code: str, tmp_path: Path) -> None:
    """Neither parameter is right, and no loss is known; of one number at least both are plainly to be."""
    path = tmp_path / "program.py"
    path.write_text(code)
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit)
    assert report.verdict is Verdict.DISAGREE


RIGHT = {
    "gate": GATE.format(outer="shown * (1 - shown)", back="(miss * shown * (1 - shown))", more="", between=""),
    "pairs": PAIRS.format(
        back="np.sum(fooled[:, None] * rest, axis=0)",
        move="np.subtract.at(self.outer, others, self.lr * fooled[:, None] * v)",
    ),
    "seen after the step": GATE.format(
        outer="slope(shown)",
        back="miss",
        more=" * bend(z1)",
        between="inner = (Y - bend(a1 @ last)) @ last[1:].T * bend(z1) * slope(z1)",
    ),
}


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT.keys())
def test_other_steps_are_not_accused_of_it(code: str, tmp_path: Path) -> None:
    """The first two are right; of the last one nothing can be told by the order of derivatives."""
    path = tmp_path / "program.py"
    path.write_text(code)
    found = [judge_unit(unit) for unit in recognise(read(path)).units]
    assert "of-no-loss" not in {finding.code for report in found for finding in report.findings}
    if code in (RIGHT["gate"], RIGHT["pairs"]):
        assert [report.verdict for report in found] == [Verdict.AGREE]
