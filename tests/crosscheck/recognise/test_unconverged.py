"""Functions that raise where a training has not converged."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.unconverged import without_complaints
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

FIT = """
import numpy as np

def cost(X, y, theta):
    return float(np.sum((theta[0] + theta[1] * X - y) ** 2) / (2 * X.size))

def fit(X, y, rate=0.01, limit=10000):
    if X.shape != y.shape or X.ndim != 1:
        raise ValueError("rows of numbers are wanted")
    theta, history, converged = np.zeros(2), [], False
    for turn in range(limit):
        error = theta[0] + theta[1] * X - y
        slope = np.array([np.mean(error), {second}])
        moved = theta - rate * slope
        history.append(cost(X, y, theta))
        if np.linalg.norm(moved - theta) <= 1e-8:
            {found}
        theta = moved
    {end}

"""
ENDS = [
    ("return moved, history", "raise RuntimeError('no convergence')"),
    ("return moved, history", "else:\n        raise RuntimeError('no convergence')"),
    ("converged = True; break", "if not converged:\n        raise RuntimeError(limit)\n    return theta, history"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("found", "end"), ENDS)
@pytest.mark.parametrize(
    ("second", "verdict"), [("np.mean(error * X)", Verdict.AGREE), ("np.mean(error)", Verdict.DISAGREE)]
)
def test_a_training_that_is_cut_short_is_judged_though_it_would_complain(found, end, second, verdict):
    text = FIT.format(found=found, end=end, second=second)
    found_ = recognise(read_text(text, "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found_.units} == {verdict}


def test_what_looks_something_up_in_vain_complains_as_ever():
    tree = ast.parse(
        "def kind(z, name):\n  for known, f in TABLE:\n    if known == name:\n      return f(z)\n  raise KeyError(name)"
    )
    assert without_complaints(tree) is tree
