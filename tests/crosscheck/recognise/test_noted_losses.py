"""A sum of losses that is only noted down in a list is the loss, and none of its terms is."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SPARSE = """
import numpy as np
x = np.random.randn(8, 5)
u, v = np.random.randn(5, 3), np.random.randn(3, 5)
losses = []
for _ in range(20):
    h = np.maximum(x @ u, 0)
    out = h @ v
    mse = np.mean((out - x) ** 2)
    losses.append({noted})
    grad_out = 2 * (out - x) / x.size
    grad_v = h.T @ grad_out
    grad_h = grad_out @ v.T{penalty}
    grad_u = x.T @ (grad_h * (h > 0))
    v -= 0.1 * grad_v
    u -= 0.1 * grad_u
"""


@pytest.mark.parametrize(
    ("noted", "penalty", "verdict"),
    [
        ("mse + 0.3 * np.mean(h)", " + 0.3 / h.size", Verdict.AGREE),
        ("float(mse + 0.3 * np.mean(h))", "", Verdict.DISAGREE),
        ("mse", " + 0.3 / h.size", Verdict.DISAGREE),
        ("mse", "", Verdict.AGREE),
    ],
)
def test_the_whole_is_the_loss(noted, penalty, verdict):
    (unit,) = recognise(read_text(SPARSE.format(noted=noted, penalty=penalty), "utf-8", Path("x.py"))).units
    assert judge_unit(unit, examples=4).verdict is verdict
