"""Backward passes that take the mean over a batch for what all examples share, and for nothing else."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.shares import has_right_one
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

DENSE = """
import numpy as np

def dense_forward(a, w, b):
    return w @ a + b, (a, w)

def dense_backward(dz, cache):
    a, w = cache
    m = a.shape[1]
    dw = dz @ a.T / m
    db = dz.sum(axis=1, keepdims=True) / m
    da = w.T @ dz
    return da, dw, db
"""
CALLED = (
    DENSE
    + """
np.random.seed(0)
out, cache = dense_forward(np.random.randn(3, 4), np.random.randn(2, 3), np.random.randn(2, 1))
dense_backward(np.random.randn(2, 4), cache)
"""
)
SLIPS = {
    "no mean in the bias": ("keepdims=True) / m", "keepdims=True)"),
    "a mean over features": ("dz @ a.T / m", "dz @ a.T / len(a)"),
    "a mean in what goes back": ("w.T @ dz", "w.T @ dz / m"),
    "a sign": ("da = w", "da = -w"),
}


def judged(text):
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return judge_unit(unit, examples=12)


@pytest.mark.parametrize("text", [DENSE, CALLED], ids=["nothing calls it", "called"])
def test_means_over_a_batch_are_stated_and_agree(text):
    report = judged(text)
    assert report.verdict is Verdict.AGREE
    assert any("means over these" in stated for stated in report.assumptions)


@pytest.mark.parametrize(("right", "wrong"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_beside_means_is_told(right, wrong):
    assert judged(CALLED.replace(right, wrong)).verdict is Verdict.DISAGREE


def test_sums_need_no_assumption():
    report = judged(CALLED.replace(" / m", ""))
    assert report.verdict is Verdict.AGREE
    assert not report.assumptions


def test_a_maximum_among_zeros_is_looked_at_beside_them() -> None:
    def subject(parameters: dict[str, np.ndarray], _: object) -> SimpleNamespace:
        z = parameters["z"]
        return SimpleNamespace(loss=z.max() ** 2 + z.max(), gradients={"z": (z == z.max()) * (2 * z.max() + 1)})

    case = SimpleNamespace(arguments=({"z": np.zeros(5)}, {}))
    cases = SimpleNamespace(draw=lambda *_: 0, build=lambda _: case)
    assert has_right_one(SimpleNamespace(cases=cases, subject=subject))  # pyright: ignore[reportArgumentType]


OF_ALL = """
import numpy as np

rng = np.random.default_rng(0)
data, kinds = rng.normal(size=(14, 5)), rng.integers(0, 3, 14)
{count}, n = data.shape
X, Y = data[4:].T, kinds[4:]

def forward(W, b, V, c, X):
    Z1 = W.dot(X) + b
    A1 = np.maximum(Z1, 0)
    Z2 = V.dot(A1) + c
    A2 = np.exp(Z2) / sum(np.exp(Z2))
    return Z1, A1, Z2, A2

def backward(Z1, A1, Z2, A2, V, X, Y):
    dZ2 = A2 - np.eye(3)[Y].T
    dV = 1 / {count} * dZ2.dot(A1.T)
    dc = 1 / {count} * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = V.T.dot(dZ2) * (Z1 > 0)
    dW = 1 / {count} * dZ1.dot(X.T)
    db = {share} * np.sum(dZ1, axis=1, keepdims=True)
    return dW, db, dV, dc

W, b, V, c = rng.normal(size=(6, 5)), np.zeros((6, 1)), rng.normal(size=(3, 6)), np.zeros((3, 1))
for turn in range(4):
    Z1, A1, Z2, A2 = forward(W, b, V, c, X)
    dW, db, dV, dc = backward(Z1, A1, Z2, A2, V, X, Y)
    W, b, V, c = W - 0.1 * dW, b - 0.1 * db, V - 0.1 * dV, c - 0.1 * dc
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("share", "verdict"), [("1 / m", Verdict.AGREE), ("1", Verdict.DISAGREE)])
def test_a_mean_may_be_over_the_rows_of_all_data(
    share: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(OF_ALL.format(count="m", share=share)) == [verdict]


@pytest.mark.thorough
def test_a_mean_over_a_number_that_counts_no_rows_tells_of_no_loss() -> None:
    text = OF_ALL.format(count="divisor", share="1 / divisor")
    assert not recognise(read_text(text, "utf-8", Path("program.py"))).units
