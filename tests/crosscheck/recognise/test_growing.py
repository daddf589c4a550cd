"""Trainings that keep every value of a parameter in a list, of which the last one counts."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.growing import with_current_values
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

HISTORY = """
# số liệu được viết tay
import numpy as np
X = np.vstack([np.ones(20), np.linspace(0.5, 5.5, 20)])
y = np.array([0] * 6 + [1, 0] * 4 + [1] * 6)

def squash(s):
    return 1 / (1 + np.exp(-s))

def fit(X, y, start, eta, most=4000):
    w, count = [start], 0
    while count < most:
        for i in np.random.permutation(X.shape[1]):
            x = X[:, i].reshape(-1, 1)
            p = squash(w[-1].T @ x)
            new = w[-1] {sign} eta * (y[i] - p) * x
            count += 1
            if count % 20 == 0 and np.linalg.norm(new - w[-20]) < 1e-4:
                return w
            w.append(new)
    return w

print(fit(X, y, np.random.randn(2, 1), 0.05)[-1])
"""


@pytest.mark.parametrize(("sign", "verdict"), [("+", Verdict.AGREE), ("-", Verdict.DISAGREE)])
def test_the_last_entry_is_what_is_moved(sign: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(HISTORY.format(sign=sign), "utf-8", Path("x.py"))).units
    assert judge_unit(unit).verdict is verdict


@pytest.mark.parametrize(
    "code",
    [
        "for x in xs:\n  new = w[-1] - x\n  w.append(new)\n  w.pop()",
        "for x in xs:\n  new = w[-1] - x\n  w = [new]\n  w.append(new)",
        "for x in xs:\n  new = w[-1] - x\n  v.append(new)",
        "for x in xs:\n  new = w[-1] * x\n  w.append(new)",
        "for x in xs:\n  new = w[0] - x\n  w.append(new)",
    ],
)
def test_other_lists_are_left_as_they_are(code: str) -> None:
    tree = ast.parse(code)
    assert with_current_values(tree) is tree


INLINE = """
import numpy as np
X, labels = np.random.randn(3, 20), np.array([0] * 6 + [1, 0] * 4 + [1] * 6)

def squash(s):
    return 1 / (1 + np.exp(-s))

def fit(X, labels, eta):
    w = np.random.randn(3)
    for turn in range(100):
        for i in range(20):
            x = X[:, i]
            p = squash(w @ x)
            {step}
    return w

print(fit(X, labels, 0.05))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("w = w + eta * (labels[i] - p) * x", Verdict.AGREE),
        ("w -= eta * (p - labels[i]) * x", Verdict.AGREE),
        ("off_error = labels[i] - p; w = w + eta * off_error * x", Verdict.AGREE),
        ("off_error = labels[i] - squash(w @ x); w = w + eta * off_error * x", Verdict.AGREE),
        ("w = w - eta * (labels[i] - p) * x", Verdict.DISAGREE),
    ],
)
def test_the_entry_of_an_array_is_a_target_where_it_is_subtracted(step: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(INLINE.format(step=step), "utf-8", Path("x.py"))).units
    assert judge_unit(unit).verdict is verdict


def test_the_target_of_another_example_is_taken_for_none() -> None:
    text = INLINE.format(step="w = w + eta * (labels[i - 1] - p) * x")
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert all(judge_unit(unit).verdict is not Verdict.AGREE for unit in units)
