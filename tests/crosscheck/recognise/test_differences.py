"""Differences of an output from its target, and what is added to a total: which of them is the loss of one bias."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ROWS = """import random
random.seed(2)

def huber(e, d=1.0):
    return 0.5 * e * e if abs(e) <= d else d * (abs(e) - 0.5 * d)

def slope_at(e, d=1.0):
    return e if abs(e) <= d else d * (1 if e > 0 else -1)

rows = []
for _ in range(40):
    row = {"age": random.gauss(0, 1), "size": random.gauss(0, 1)}
    if random.random() < 0.5:
        row["flag"] = 1.0
    rows.append((row, 2 * row["age"] - row["size"] + row.get("flag", 0)))

weights, bias, rate = {}, 0.0, 0.02
for epoch in range(60):
    total = 0
    for row, target in rows:
        score = bias + sum(weights.get(k, 0.0) * v for k, v in row.items())
        e = score - target
        total += huber(e)
        g = slope_at(e)
        bias -= rate * g
        for k, v in row.items():
            weights[k] = weights.get(k, 0.0) - rate * g * v
    print(epoch, total)
"""
VECTORS = """import numpy as np

def minimising_errors(points, rate, b, m):
    N = float(len(points))
    x, y = points[:, 0], points[:, 1]
    b_gradient, m_gradient = 0, 0
    b_gradient += -(2 / N) * (y - ((m * x) + b))
    m_gradient += -(2 / N) * x * (y - ((m * x) + b))
    b_gradientsum = sum(b_gradient)
    m_gradientsum = sum(m_gradient)
    return b - rate * b_gradientsum, m - rate * m_gradientsum

points = np.random.default_rng(0).normal(size=(20, 2))
b, m = 0.0, 0.0
for turn in range(100):
    b, m = minimising_errors(points, 0.1, b, m)
"""


@pytest.mark.parametrize("name", ["slope_at", "huber_slope"])
@pytest.mark.parametrize(
    ("else_", "verdict"),
    [("(1 if e > 0 else -1)", Verdict.AGREE), ("(1 if e > 0 else 1)", Verdict.DISAGREE)],
    ids=["right", "without a sign"],
)
def test_a_difference_is_no_loss_where_a_total_is_shown(
    name: str, else_: str, verdict: Verdict, verdicts: Callable
) -> None:
    program = ROWS.replace("slope_at", name).replace("(1 if e > 0 else -1)", else_)
    assert verdicts(program) == [verdict]


@pytest.mark.parametrize(
    ("wrong", "verdict"), [("b_gradientsum", Verdict.AGREE), ("m_gradientsum", Verdict.DISAGREE)], ids=["right", "swap"]
)
def test_what_minimises_errors_is_no_error(wrong: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(VECTORS.replace("b - rate * b_gradientsum", f"b - rate * {wrong}")) == [verdict]
