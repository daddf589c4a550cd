"""Noise that is none of rounding: where the smallest error takes another branch, nothing can be judged."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

KNIFE = """
import numpy as np

def cost(w, X):
    h = X @ w
    loss = 0.5 * np.sum(h ** 2)
    edge = 0.3 * h == 0.3 * h
    dw = X.T @ np.where(edge, {edge} * h, h)
    return loss, dw

w, X = np.random.randn(4), np.random.randn(7, 4)
for turn in range(3):
    loss, dw = cost(w, X)
    w -= 0.01 * dw
"""


def test_a_gradient_that_rounding_turns_over_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "knife.py").write_text(KNIFE.format(edge=2))
    (unit,) = recognise(read(tmp_path / "knife.py")).units
    assert judge_unit(unit, examples=8).verdict is Verdict.INCONCLUSIVE
