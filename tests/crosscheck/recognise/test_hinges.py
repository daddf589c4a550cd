"""Losses of margins: programs ask whether these are large enough, and write no loss."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BATCH = """
import numpy as np

C, w, b = 5.0, np.random.randn(3), 0.25
X = np.random.randn(12, 3)
y = np.where(X[:, 0] > 0, 1.0, -1.0)

def gradients(w, b, X, y):
    {margins}
    dw = w - C * (X[short] * y[short][:, None]).sum(axis=0)
    db = {db}
    return dw, db

for turn in range(3):
    dw, db = gradients(w, b, X, y)
    w = w - 0.01 * dw
    b = b - 0.01 * db
"""
BELOW, LACKING = "short = y * (X @ w + b) < 1", "slack = 1 - y * (X @ w + b); short = slack > 0"
ONE_BY_ONE = """
import numpy as np

class Line:
    def fit(self, X, y):
        self.w, self.b, rate = np.random.randn(X.shape[1]), 0.25, 0.1
        for turn in range(3):
            for x, t in zip(X, y):
                if t * (self.w @ x + self.b) {test}:
                    self.w = self.w + rate * t * x
                    self.b = self.b {sign} rate * t

X = np.random.randn(12, 3)
Line().fit(X, np.where(X[:, 0] > 0, 1.0, -1.0))
"""


def judged(path: Path, text: str) -> tuple[Verdict, list[str]]:
    """Return the verdict on a program of one unit, and what was assumed."""
    (path / "margins.py").write_text(text)
    (unit,) = recognise(read(path / "margins.py")).units
    return judge_unit(unit, examples=24).verdict, list(unit.assumptions)


@pytest.mark.parametrize(
    ("margins", "db", "verdict"),
    [
        (BELOW, "-C * y[short].sum()", Verdict.AGREE),
        (LACKING, "-C * y[short].sum()", Verdict.AGREE),
        (BELOW, "C * y[short].sum()", Verdict.DISAGREE),
        (LACKING, "-C * short.sum() / 1.0", Verdict.DISAGREE),
    ],
)
def test_margins_that_are_compared_with_one_are_those_of_a_hinge_loss(
    margins: str, db: str, verdict: Verdict, tmp_path: Path
) -> None:
    found, assumed = judged(tmp_path, BATCH.format(margins=margins, db=db))
    assert found is verdict
    assert any("5 times the hinge loss of the margins of line 9, and 1/2 times the squares of w" in a for a in assumed)


@pytest.mark.parametrize(("sign", "verdict"), [("+", Verdict.AGREE), ("-", Verdict.DISAGREE)])
@pytest.mark.parametrize(("test", "said"), [("< 1", "line 9"), ("<= 0", "line 9 against zero")])
def test_examples_with_short_margins_push_one_by_one(
    test: str, said: str, sign: str, verdict: Verdict, tmp_path: Path
) -> None:
    found, assumed = judged(tmp_path, ONE_BY_ONE.format(test=test, sign=sign))
    assert found is verdict
    assert any(a.endswith(f"0.1 times the hinge loss of the margins of {said}") for a in assumed)


ONE_BRANCH = """
import numpy as np

class Margin:
    def fit(self, X, y, rate=0.01, lam=0.1, turns=20):
        self.w, self.b = np.zeros(X.shape[1]), 0
        y_ = np.where(y <= 0, -1, 1)
        for turn in range(turns):
            for place, x in enumerate(X):
                if y_[place] * (x @ self.w - self.b) >= 1:
                    self.w -= rate * 2 * lam * self.w
                else:
                    self.w -= rate * (2 * lam * self.w - x * y_[place])
                    self.b {sign}= rate * y_[place]

{calls}
"""
CALLS = "X = np.random.randn(12, 3)\nMargin().fit(X, np.where(X[:, 0] > 0, 1.0, -1.0))"


@pytest.mark.thorough
@pytest.mark.parametrize("calls", ["", CALLS])
@pytest.mark.parametrize(("sign", "verdict"), [("-", Verdict.AGREE), ("+", Verdict.DISAGREE)])
def test_what_one_branch_alone_moves_is_judged_whichever_was_taken(
    calls: str, sign: str, verdict: Verdict, tmp_path: Path
) -> None:
    found, _ = judged(tmp_path, ONE_BRANCH.format(sign=sign, calls=calls))
    assert found is verdict


def test_gradients_that_are_whole_numbers_are_not_passed_over(tmp_path: Path) -> None:
    text = BATCH.format(margins=BELOW, db="-y[short].sum()").replace("1.0, -1.0", "1, -1")
    found, _ = judged(tmp_path, text)
    assert found is Verdict.DISAGREE


LABELLED = """
import numpy as np


class Margin:
    def __init__(self, rate=0.01, decay=0.02):
        self.rate, self.decay = rate, decay

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0
        for turn in range(100):
            for n, row in enumerate(X):
                if y[n] * (np.dot(row, self.w) - self.b) >= 1:
                    self.w -= self.rate * (2 * self.decay * self.w)
                else:
                    self.w -= self.rate * (2 * self.decay * self.w - np.dot(row, y[n]))
                    self.b {sign} self.rate * y[n]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("sign", "verdict"), [("-=", Verdict.AGREE), ("+=", Verdict.DISAGREE)])
def test_a_bias_that_only_some_labels_move_is_judged(tmp_path: Path, sign: str, verdict: Verdict) -> None:
    path = tmp_path / "labelled.py"
    path.write_text(LABELLED.replace("{sign}", sign))
    (unit,) = recognise(read(path)).units
    assert unit.names.keys() == {"w", "b"}
    report = judge_unit(unit)
    assert report.verdict is verdict
    assert report.findings if verdict is Verdict.DISAGREE else not report.findings


SHRUNK = """
import numpy as np

X = np.random.default_rng(0).normal(size=(20, 3))
y = np.sign(X[:, 0] + 0.1)
w, b, lr, lam = np.zeros(3), 0.0, 0.01, 0.1
for epoch in range(5):
    for x, t in zip(X, y):
        if t * (x @ w + b) < 1:
            w = (1 - lr * lam) * w + lr * t * {pushed}
            b {sign}= lr * t
        else:
            w = w * (1 - lr * lam)
"""


@pytest.mark.parametrize(
    ("pushed", "sign", "verdict"),
    [("x", "+", Verdict.AGREE), ("x", "-", Verdict.DISAGREE), ("x[::-1]", "+", Verdict.DISAGREE)],
)
def test_steps_that_shrink_what_they_move_take_its_decay_away(
    pushed: str, sign: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(SHRUNK.format(pushed=pushed, sign=sign)) == [verdict]
