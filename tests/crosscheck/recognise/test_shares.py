"""Backward passes that take the mean over a batch for what all examples share, and for nothing else."""

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
