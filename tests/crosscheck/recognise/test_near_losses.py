"""Gradients that are right by no loss: near one that is stated, or beside a penalty of sizes that none has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STATED = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

def slope(x):
    return squash(x) * (1 - squash(x))

def held_against(y, out):
    return 0.5 * np.mean((y - out) ** 2)

X, y = np.random.randn(9, 3), np.random.rand(9)
w, v = np.random.randn(3, 4), np.random.randn(4)
for turn in range(50):
    z = X @ w
    h = squash(z)
    s = h @ v
    out = squash(s)
    error = held_against(y, out)
    print(error)
    back = (out - y) * slope({s}) / 9
    dv = h.T @ back
    dw = X.T @ (np.outer(back, v) * slope(z))
    w -= 0.1 * dw
    v -= 0.1 * dv
"""
SIZES = """
import numpy as np

class Net:
    def __init__(self, l1=0.1, l2=0.2):
        self.l1, self.l2 = l1, l2

    def fit(self, X, y):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for _ in range(50):
            guess = X @ self.w + self.b
            dw = X.T @ (guess - y) / len(y) + self.l1 * {sign} + 2 * self.l2 * self.w
            db = np.mean(guess - y)
            self.w -= 0.1 * dw
            self.b -= 0.1 * db

Net().fit(np.random.randn(9, 7), np.random.randn(9))
"""


@pytest.mark.parametrize(("s", "verdict"), [("s", Verdict.AGREE), ("out", Verdict.DISAGREE)])
def test_what_comes_near_the_stated_loss_is_held_against_it(
    s: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(STATED.format(s=s)) == [verdict]


@pytest.mark.parametrize(
    ("sign", "verdict"), [("np.sign(self.w)", Verdict.INCONCLUSIVE), ("self.w ** 2", Verdict.DISAGREE)]
)
def test_a_penalty_of_sizes_that_no_loss_states_is_not_judged(sign: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(SIZES.format(sign=sign))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert report.verdict is verdict
    told = any("a penalty of the sizes of w is in gradients besides" in words for words in report.assumptions)
    assert told is (verdict is Verdict.INCONCLUSIVE)


BY_NAME = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

X = np.random.randn(20, 4)
y = (X[:, :1] > 0).astype(float)
W, v = np.random.randn(4, 5), np.random.randn(5, 1)
for turn in range(50):
    h = squash(X @ W)
    p = squash(h @ v)
    {name} = np.mean((y - p) ** 2)
    back = (p - y) * {slope}
    W -= 0.1 * X.T @ (back @ v.T * h * (1 - h))
    v -= 0.1 * h.T @ back
    print({name})
"""


@pytest.mark.parametrize(
    ("name", "slope", "verdict"),
    [
        ("loss", "p * (1 - p)", Verdict.AGREE),
        ("loss", "1", Verdict.DISAGREE),
        ("mse", "1", Verdict.AGREE),
    ],
)
def test_what_is_plainly_called_the_loss_is_believed_where_only_steps_are_seen(
    name: str, slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(BY_NAME.format(name=name, slope=slope)) == [verdict]


SHRUNK = """
import numpy as np

X, y = np.random.randn(20, 4), np.random.randn(20)
w, b, rate, reg = np.random.randn(4), 0.0, 0.1, 0.01
for turn in range(50):
    miss = X @ w + b - y
    loss = np.mean(miss ** 2) + 0.5 * reg * np.sum(w * w)
    dw = 2 * X.T @ miss / 20
    db = 2 * miss.mean()
    {shrink}
    w -= rate * dw
    b -= rate * db
"""
LASSO = """
w, b = [0.1, 0.2, 0.3], 0.0
rows = [([0.5, -1.0, 2.0], 1.0), ([1.5, 0.3, -0.7], 0.2), ([-0.4, 0.8, 1.1], -0.6)]

def sign(v):
    return 1.0 if v > 0 else -1.0 if v < 0 else 0.0

for turn in range(50):
    gw, gb, loss = [0.0] * 3, 0.0, 0.0
    for x, t in rows:
        e = sum(wi * xi for wi, xi in zip(w, x)) + b - t
        loss += e * e / 2
        for j in range(3):
            gw[j] += e * x[j]
        gb += {gb}
    n = len(rows)
    loss = loss / n + 0.05 * sum(abs(v) for v in w)
    for j in range(3):
        w[j] -= 0.1 * (gw[j] / n + 0.05 * sign(w[j]))
    b -= 0.1 * gb / n
"""


@pytest.mark.parametrize(
    ("shrink", "verdict"),
    [
        ("w *= 1 - rate * reg", Verdict.AGREE),
        ("w *= 1 - 2 * rate * reg", Verdict.DISAGREE),
        ("pass", Verdict.DISAGREE),
    ],
)
def test_a_penalty_may_be_in_the_step_alone(
    shrink: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(SHRUNK.format(shrink=shrink)) == [verdict]


@pytest.mark.parametrize(("gb", "verdict"), [("e", Verdict.AGREE), ("-e", Verdict.DISAGREE)])
def test_a_weight_that_a_sum_leaves_behind_is_no_error(
    gb: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(LASSO.format(gb=gb)) == [verdict]
