"""Outputs within gradients that have no name, and differences of outputs whose sigmoid the stated loss is of."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.inner_outputs import inner_outputs
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

REGRESSION = """import numpy as np

def squash(z):
    return 1 / (1 + np.exp(-z))

def cost(X, y, w):
    h = squash(X.dot(w))
    return -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h))

def fit(X, y, w, rate, turns):
    costs = []
    for turn in range(turns):
        w = w - rate * X.T.dot(squash(X.dot(w)) - y) / len(y)
        costs.append(cost(X, y, w))
    return w, costs

X = np.random.randn(20, 3)
y = (X[:, 0] > 0).astype(float)
print(fit(X, y, np.zeros(3), 0.1, 9))
"""
SUMMED = REGRESSION.replace(" / len(y)", "")
SILENT = REGRESSION.replace("        costs.append(cost(X, y, w))\n", "").replace("def cost", "def shown")
FORGOTTEN = REGRESSION.replace("squash(X.dot(w)) - y", "X.dot(w) - y")
NAMED = FORGOTTEN.replace(
    "w = w - rate * X.T.dot(X.dot(w) - y)", "miss = X.dot(w) - y\n        w = w - rate * X.T.dot(miss)"
)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (REGRESSION, Verdict.AGREE),
        (SUMMED, Verdict.AGREE),
        (SILENT, Verdict.AGREE),
        (FORGOTTEN, Verdict.DISAGREE),
        (NAMED, Verdict.DISAGREE),
    ],
)
def test_a_gradient_in_one_line_is_judged_by_its_output(tmp_path: Path, code: str, verdict: Verdict) -> None:
    path = tmp_path / "fit.py"
    path.write_text(code)
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=4).verdict is verdict


@pytest.mark.parametrize(
    "line",
    [
        "w -= 0.1 * x * (1 - np.tanh(x @ w) ** 2)",
        "w -= 0.1 * X.T @ (run(X @ w) - y)",
        "loss = np.sum((X @ w - y) ** 2)",
        "w = W - 0.1 * (X @ w)",
    ],
)
def test_what_is_no_difference_or_may_do_more_than_compute_is_left_alone(line: str) -> None:
    tree = ast.parse(f"def run(z):\n    print(z)\n    return z\nfor turn in range(9):\n    {line}")
    assert not list(inner_outputs(tree, tree.body[1].body))  # pyright: ignore[reportAttributeAccessIssue]


LAYER = """import numpy as np

def scale_forward(x, g):
    return x * g, (x, g)

def scale_backward(output, cache):
    x, g = cache
    dg = np.sum(output * x, axis=0)
    return output * g, dg
"""


@pytest.mark.parametrize(("slip", "verdict"), [("* x", Verdict.AGREE), ("+ x", Verdict.DISAGREE)])
def test_a_gradient_from_above_may_be_called_an_output(tmp_path: Path, slip: str, verdict: Verdict) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER.replace("output * x", f"output {slip}"))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=4).verdict is verdict
