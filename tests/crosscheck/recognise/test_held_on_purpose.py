"""What stays as it is because the program says so: followers, flags that are off, rates of zero."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

FOLLOWED = """
import numpy as np

student = {{"W": np.random.randn(3, 4) * 0.5, "V": np.random.randn(4, 2) * 0.5}}
teacher = {{k: v.copy() for k, v in student.items()}}

def forward(net, x):
    h = np.tanh(x @ net["W"])
    return h @ net["V"], h

def loss(x, y):
    p, q = forward(student, x)[0], forward(teacher, x)[0]
    return 0.5 * np.sum((p - y) ** 2) + 0.5 * np.sum((p - q) ** 2)

def gradient(x, y):
    p, h = forward(student, x)
    d = {seed}
    g = {{k: np.zeros_like(v) for k, v in student.items()}}
    g["V"] += h.T @ d
    g["W"] += x.T @ (d @ student["V"].T * (1 - h ** 2))
    return g

for turn in range(60):
    x, y = np.random.randn(6, 3), np.random.randn(6, 2)
    g = gradient(x, y)
    for k in student:
        student[k] -= 0.01 * g[k]
        {follows}
    if turn % 20 == 0:
        print(loss(x, y))
"""
FLAGGED = """
import numpy as np

class Net:
    def __init__(self, n, h, learns_bias={flag}):
        self.learns_bias = learns_bias
        self.P = {{"W": np.random.randn(n, h) * 0.5, "b": np.random.randn(h) * 0.1, "V": np.random.randn(h, 2) * 0.5}}
        self.rates = {{"W": {rate}, "b": 0.1, "V": 0.1}}

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.P["W"] + self.P["b"])
        return self.h @ self.P["V"]

    def backward(self, d):
        g = {{k: np.zeros_like(v) for k, v in self.P.items()}}
        g["V"] = self.h.T @ d
        dz = d @ self.P["V"].T * (1 - self.h ** 2)
        g["W"] = self.x.T @ dz
        if self.learns_bias:
            g["b"] = dz.sum(axis=0)
        return g

    def step(self, g):
        for k in {keys}:
            self.P[k] -= self.rates[k] * g[k]

net = Net(3, 4)
for turn in range(60):
    x, y = np.random.randn(7, 3), np.random.randn(7, 2)
    net.step(net.backward(net.forward(x) - y))
"""


def judged(path: Path, code: str) -> list[Report]:
    path.write_text(code)
    return [judge_unit(unit, examples=8) for unit in recognise(read(path)).units]


@pytest.mark.parametrize(
    "follows",
    ["teacher[k] = 0.9 * teacher[k] + 0.1 * student[k]", "teacher[k] += 0.1 * (student[k] - teacher[k])", "pass"],
)
@pytest.mark.parametrize(
    ("seed", "verdict"),
    [("2 * p - y - forward(teacher, x)[0]", Verdict.AGREE), ("p - y - forward(teacher, x)[0]", Verdict.DISAGREE)],
)
def test_a_running_mean_of_weights_has_no_gradient(follows: str, seed: str, verdict: Verdict, tmp_path: Path) -> None:
    reports = judged(tmp_path / "followed.py", FOLLOWED.format(follows=follows, seed=seed))
    assert {report.verdict for report in reports} == {verdict}


@pytest.mark.parametrize(
    ("flag", "rate", "keys", "verdict"),
    [
        (True, 0.1, "self.P", Verdict.AGREE),
        (False, 0.1, "self.P", Verdict.INCONCLUSIVE),
        (True, 0.0, "self.P", Verdict.AGREE),
        (True, 0.1, "('b', 'V')", Verdict.DISAGREE),  # nothing says that W is to stay
    ],
)
def test_flags_that_are_off_and_rates_of_zero_may_be_meant(
    flag: bool, rate: float, keys: str, verdict: Verdict, tmp_path: Path
) -> None:
    reports = judged(tmp_path / "flagged.py", FLAGGED.format(flag=flag, rate=rate, keys=keys))
    found = {report.verdict for report in reports}
    assert next(one for one in (Verdict.DISAGREE, Verdict.INCONCLUSIVE, Verdict.AGREE) if one in found) is verdict
    codes = {finding.code for report in reports for finding in report.findings}
    assert ("entries-held" in codes) == (not flag)
