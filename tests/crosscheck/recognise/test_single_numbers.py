"""Biases that are single numbers are judged, however their steps are written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

SCRIPT = """
import numpy as np
X = np.random.randn(40, 3)
y = X[:, 0] - 0.5
w = np.zeros(3)
b = 0
eta = 0.1
for epoch in range(200):
    p = X @ w + b
    loss = np.mean((p - y) ** 2) / 2
    w = w - 0.1 * X.T @ (p - y) / len(y)
    b = b - 0.1 * np.mean(p - y)
"""
STEP = "b = b - 0.1 * np.mean(p - y)"
CLASS = """
import numpy as np

class Line:
    def __init__(self, turns=100):
        self.turns = turns

    def forward(self, X):
        return X @ self.w + self.b

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0
        for _ in range(self.turns):
            e = self.forward(X) - y
            self.w = self.w - X.T @ e / len(y) / 10
            self.b = self.b - e.mean() / 10

X = np.random.randn(20, 3)
Line().fit(X, X[:, 0])
"""
RETURNED = """
import numpy as np

def step(X, y, w, b):
    p = X.dot(w) + b
    w = w - 0.1 * X.T.dot(p - y) / len(y)
    b = b - 0.1 * np.mean(p - y)
    return w, b

X = np.random.randn(20, 3)
y = X[:, 0]
w, b = np.zeros(3), 0
for i in range(100):
    w, b = step(X, y, w, b)
"""
PLAIN = """
xs = [1.0, 2.0, 3.0, 4.0]
ys = [2.0, 4.1, 6.2, 7.9]
m = 0
c = 0
for epoch in range(1000):
    for x, y in zip(xs, ys):
        e = y - (m * x + c)
        m = m + e * x * 0.01
        c = c + e * 0.01
"""

Verdicts = Callable[[str], list[Verdict]]
BOTH = [[Verdict.AGREE], [Verdict.DISAGREE]]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (STEP, "b = b + 0.1 * np.mean(p - y)"),
        ("b -= np.mean(p - y) * 0.1", "b += np.mean(p - y) * 0.1"),
        ("b = b - (p - y).mean() / 10", "b = b + (p - y).mean() / 10"),
        ("b = 0.1 * np.mean(y - p) + b", "b = 0.1 * np.mean(p - y) + b"),
        ("s = np.mean(p - y); b = b - s * eta", "s = np.sum(p - y); b = b - s * eta"),
    ],
)
def test_a_bias_that_begins_at_nought_is_judged(verdicts: Verdicts, right: str, wrong: str) -> None:
    assert [verdicts(SCRIPT.replace(STEP, step)) for step in (right, wrong)] == BOTH


@pytest.mark.parametrize(("program", "names"), [(SCRIPT, ["b", "w"]), (PLAIN, ["c", "m"]), (CLASS, ["b", "w"])])
def test_it_is_one_of_the_parameters(tmp_path: Path, program: str, names: list[str]) -> None:
    path = tmp_path / "program.py"
    path.write_text(program)
    assert [sorted(unit.names) for unit in recognise(read(path)).units] == [names]


def test_a_bias_may_have_a_rate_of_its_own(verdicts: Verdicts) -> None:
    assert verdicts(SCRIPT.replace("b = b - 0.1", "b = b - 0.2")) == [Verdict.AGREE]


def test_a_bias_that_only_a_method_reads_is_judged(verdicts: Verdicts) -> None:
    assert [verdicts(text) for text in (CLASS, CLASS.replace("self.b - e", "self.b + e"))] == BOTH


def test_what_a_function_moves_and_returns_is_judged(verdicts: Verdicts) -> None:
    assert [verdicts(text) for text in (RETURNED, RETURNED.replace("b = b - ", "b = b + "))] == BOTH


@pytest.mark.parametrize("wrong", [("c + e", "c - e"), ("e * x * 0.01", "e * 0.01")])
def test_numbers_of_a_line_are_judged(verdicts: Verdicts, wrong: tuple[str, str]) -> None:
    assert [verdicts(PLAIN), verdicts(PLAIN.replace(*wrong))] == BOTH
