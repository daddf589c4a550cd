"""Weights that begin with whole numbers are weights all the same."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SUPPORT = """
import numpy as np
import random

def margin(w, x, y, b):
    return y * (w.dot(x) + b)

def nabla_q(w, x, y, b, strength):
    if margin(w, x, y, b) < 1:
        return strength * w - y * {slope}
    return strength * w

def descend(x, y, slope, w, b, c=2, eta=0.1, turns=20):
    strength = 2 / (c * len(x))
    for turn in range(turns):
        for xi, yi in random.sample(list(zip(x, y)), len(x)):
            xi = np.array(xi)
            w = w - eta * slope(w, xi, yi, b, strength)
    return w

x = [[1, 2], [2, 3], [3, 3], [2, 1], [3, 2], [4, 3]]
y = [1, 1, 1, -1, -1, -1]
w = np.array([0, 0])
w = descend(x, y, nabla_q, w, 0)
"""


def judged(code: str) -> list[Verdict]:
    """Return the verdicts on a program."""
    return [judge_unit(unit, examples=12).verdict for unit in recognise(read_text(code, "utf-8", Path("x.py"))).units]


def test_a_nabla_of_weights_that_are_whole_numbers_is_judged() -> None:
    """With a slip in the one gradient that there is no loss is found, and nobody acquits it."""
    assert judged(SUPPORT.format(slope="x")) == [Verdict.AGREE]
    assert Verdict.AGREE not in judged(SUPPORT.format(slope="x[::-1]"))
