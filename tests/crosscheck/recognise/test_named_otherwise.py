"""Losses that have no name of their own, or are handed other names; and what moves but is no parameter."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.steps_of_turns import updates_last
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
SUMMED = """
import numpy as np
X = np.random.randn(20, 3)
Y = (X[:, 0] > 0).astype(float)
w = np.zeros(3)
for epoch in range(30):
    total = 0.0
    for x, y in zip(X, Y):
        p = 1 / (1 + np.exp(-(x @ w)))
        total {added}
        w -= 0.5 * {step} * x
    print(total)
"""
ADDED = "+= -(y * np.log(p) + (1 - y) * np.log(1 - p))", "-= y * np.log(p) + (1 - y) * np.log(1 - p)"


@pytest.mark.parametrize("added", ADDED)
@pytest.mark.parametrize(("step", "verdict"), [("(p - y)", RIGHT), ("(p - y) * p * (1 - p)", WRONG)])
def test_a_sum_of_logarithms_is_a_loss_whatever_it_is_called(added: str, step: str, verdict: Verdict) -> None:
    assert _verdicts(SUMMED.format(added=added, step=step)) == {verdict}


HANDED = """
import math
points = [(0.5, -1.0, 1), (1.5, 0.3, 1), (-0.7, 0.2, 0), (0.1, 1.1, 0)]
train = points
u, v, b = 0.1, -0.2, 0.0
def squash(z):
    return 1.0 / (1.0 + math.exp(-z))
def log_loss(data, u, v, b):
    total = 0.0
    for x1, x2, y in data:
        p = squash(u * x1 + v * x2 + b)
        total -= y * math.log(p) + (1 - y) * math.log(1 - p)
    return total / len(data)
for epoch in range(200):
    du = dv = db = 0.0
    for x1, x2, y in train:
        p = squash(u * x1 + v * x2 + b)
        du += (p - y) * x1
        dv += (p - y) * {factor}
        db += p - y
    n = len(train)
    u -= 0.3 * du / n
    v -= 0.3 * dv / n
    b -= 0.3 * db / n
    print(epoch, log_loss(train, u, v, b))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("factor", "verdict"), [("x2", RIGHT), ("x1", WRONG)])
def test_a_loss_is_handed_what_the_loop_hands_it(factor: str, verdict: Verdict) -> None:
    assert _verdicts(HANDED.format(factor=factor)) == {verdict}


BANDIT = """
import numpy as np
np.random.seed(0)
means, theta, baseline = np.array([0.1, 0.5, 0.9]), np.zeros(3), 0.0
for episode in range(500):
    e = np.exp(theta)
    pi = e / e.sum()
    a = np.random.choice(3, p=pi)
    reward = np.random.normal(means[a], 0.1)
    advantage = reward - baseline
    loss = -advantage * np.log(pi[a])
    grad = pi.copy()
    grad[a] -= {off}
    theta -= 0.1 * advantage * grad
    {follows}
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "follows",
    [
        "baseline += 0.05 * advantage",
        "baseline += 0.05 * (reward - baseline)",
        "baseline = 0.9 * baseline + 0.1 * reward",
    ],
)
def test_a_running_mean_is_no_parameter(follows: str) -> None:
    assert _verdicts(BANDIT.format(off="1", follows=follows)) == {RIGHT}
    assert RIGHT not in _verdicts(BANDIT.format(off="2", follows=follows))


PENALISED = """
import numpy as np
def cost(X, y, theta, rlambda):
    m = len(y)
    off = X @ theta - y
    J = np.sum(off ** 2) / (2 * m) + (rlambda / (2 * m)) * np.sum(theta[1:] ** 2)
    grad = X.T @ off / m
    grad[1:] += {factor} * rlambda / m * theta[1:]
    return J, grad
X, y = np.random.randn(9, 3), np.random.randn(9)
print(cost(X, y, np.zeros(3), 0))
"""


@pytest.mark.parametrize(("factor", "verdict"), [("1", RIGHT), ("2", WRONG)])
def test_a_switched_off_penalty_is_known_by_its_share_and_its_name(factor: str, verdict: Verdict) -> None:
    assert _verdicts(PENALISED.format(factor=factor)) == {verdict}


DEEPER = """
class Line:
    def __init__(self):
        self.w, self.c = [0.1, -0.2, 0.3], 0.0

    def forward(self, x):
        return sum(w * v for w, v in zip(self.w, x)) + self.c

    def loss(self, x, y):
        return 0.5 * (self.forward(x) - y) ** 2

    def train_step(self, x, y, rate):
        e = self.forward(x) - y
        dw, dc = [e * v for v in x], e
        for i in range(3):
            self.w[i] -= rate * dw[i]
        {indent}self.c -= rate * dc
        return 0.5 * e * e

line = Line()
for k in range(20):
    print(line.train_step([1.0, 2.0, k % 3], 2.0, 0.01))
"""


@pytest.mark.parametrize(("indent", "codes"), [("", []), ("    ", ["update-differs"])])
def test_a_step_that_is_taken_for_each_entry_of_another_parameter(indent: str, codes: list[str]) -> None:
    (unit,) = recognise(read_text(DEEPER.format(indent=indent), "utf-8", Path("line.py"))).units
    findings = judge_unit(unit, examples=4).findings
    assert [finding.code for finding in findings] == codes
    assert all("taken once for each of them" in finding.message for finding in findings)


def test_what_a_step_reads_is_not_moved_behind_it() -> None:
    body = ast.parse("s += dw ** 2\nw -= 0.1 * dw / s\nb -= 0.1 * db\nq = X @ w").body
    assert [body.index(statement) for statement in updates_last(body)] == [0, 1, 3, 2]


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("script.py")))
    assert not found.skipped, found.skipped
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
