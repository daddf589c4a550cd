"""Parameters whose update leaves them where they are, in the one state that was looked at, are judged all the same."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.source.document import read_text

TWO = """
import numpy as np
w, v = np.random.randn(3, 4), np.random.randn(4, 2)
def lower(x, d, rate):
    global w
    dw = np.zeros(w.shape)
    for row in range(len(d)):
        dw = np.outer(x[row], d[row])
    {update}
def train(x, y, rate=0.1):
    global v
    h = x @ w
    out = h @ v
    loss = 0.5 * np.sum((out - y) ** 2)
    d = out - y
    dh = d @ v.T
    dh[-1] = 0
    v -= rate * h.T @ d
    lower(x, dh, rate)
    return loss
for turn in range(9):
    train(np.random.randn(5, 3), np.random.randn(5, 2))
"""


@pytest.mark.parametrize(
    ("update", "held"),
    [("w -= rate * dw", {"v", "w"}), ("if rate > 1:\n        w -= rate * dw", {"v"})],
)
def test_what_is_updated_in_any_case_is_judged_though_it_stands_still(update, held):
    (unit,) = recognise(read_text(TWO.replace("{update}", update), "utf-8", Path("x.py"))).units
    assert set(unit.names) == held
