"""Classes that nothing calls, made for data frames: what they are handed is asked for its values."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.plain_values import with_plain_values
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

FRAMES = """
import copy
import numpy as np

class Line:
    def __init__(self, rate=0.1):
        self.rate = rate

    def plain(self, table):
        table = copy.deepcopy(table)
        return {asked}

    def fit(self, X, y):
        X, y = self.plain(X), self.plain(y).reshape(-1, 1)
        self.w = np.zeros((X.shape[1], 1))
        for turn in range(100):
            off = X @ self.w - y
            loss = np.mean(off ** 2)
            dw = {times} * X.T @ off / len(X)
            self.w -= self.rate * dw
"""


@pytest.mark.parametrize("asked", ["table.values", "table.to_numpy(dtype=float)"])
@pytest.mark.parametrize(("times", "verdict"), [("2", Verdict.AGREE), ("3", Verdict.DISAGREE)])
def test_an_array_passes_for_its_own_values(asked: str, times: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(FRAMES.format(asked=asked, times=times), "utf-8", Path("x.py"))).units
    assert judge_unit(unit).verdict is verdict


@pytest.mark.parametrize(
    "code", ["def f(d): return d.values()", "def f(self): return self.values", "x = y.values", "def f(x): x.values = 1"]
)
def test_what_is_no_array_of_a_function_is_left_as_it_is(code: str) -> None:
    tree = ast.parse(code)
    assert ast.unparse(with_plain_values(tree)) == ast.unparse(tree)
