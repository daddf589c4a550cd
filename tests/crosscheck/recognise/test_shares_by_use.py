"""Arguments that nobody shows are made up as shares of classes, or as vectors, where use or name says so."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.assembling import drawn_once
from crosscheck.recognise.cases import CallCases
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BY_LOGARITHM = """
import numpy as np

class Reader:
    def __init__(self, inputs, outputs):
        self.M = np.random.randn(outputs, inputs)
        self.c = np.zeros((outputs, 1))

    def cost(self, wanted, made):
        total = 0
        for t in range(wanted.shape[1]):
            total -= np.matmul(wanted[:, t], np.log(made[:, t]))
        return total

    def forward(self, seen):
        scores = self.M @ seen + self.c
        made = np.exp(scores) / np.exp(scores).sum(axis=0)
        return made

    def backward(self, seen, wanted, made):
        dM = {slope}
        dc = (made - wanted).sum(axis=1, keepdims=True)
        return dM, dc
"""
BY_NAME = """
import numpy as np

class Pairs:
    def __init__(self, words, width):
        self.V = np.random.randn(words, width)
        self.U = np.random.randn(width, words)

    def forward(self, one_hot_vector):
        hidden = np.dot(one_hot_vector, self.V)
        scores = np.dot(hidden, self.U)
        return hidden, np.exp(scores) / np.exp(scores).sum()

    def backward(self, one_hot_vector, target_vector, rate=0.1):
        hidden, out = self.forward(one_hot_vector)
        error = out - target_vector
        slope_u = np.outer(hidden, error)
        slope_v = np.outer(one_hot_vector, {slope})
        self.V -= rate * slope_v
        self.U -= rate * slope_u
"""


@pytest.mark.parametrize(
    ("code", "slope", "verdict"),
    [
        (BY_LOGARITHM, "(made - wanted) @ seen.T", Verdict.AGREE),
        (BY_LOGARITHM, "(made - wanted * made) @ seen.T", Verdict.DISAGREE),
        (BY_NAME, "self.U @ error", Verdict.AGREE),
        (BY_NAME, "self.U @ out", Verdict.DISAGREE),
    ],
)
def test_what_weighs_a_logarithm_holds_shares(tmp_path: Path, code: str, slope: str, verdict: Verdict) -> None:
    path = tmp_path / "classes.py"
    path.write_text(code.replace("{slope}", slope))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is verdict


SWITCHED_ON = """
import numpy as np

class Net:
    def __init__(self, width, hidden):
        self.W = np.random.randn(hidden, width)
        self.V = np.random.randn(width, hidden)

    def forward(self, x):
        h = np.tanh(x @ self.W.T)
        return h, h @ self.V.T

    def loss(self, x, wanted):
        return 0.5 * np.sum((self.forward(x)[1] - wanted) ** 2)

    def backward(self, x, wanted):
        h, out = self.forward(x)
        dout = out - wanted
        dV = dout.T @ h
        dh = (dout @ self.V) * (1 - h ** 2)
        dW = np.zeros(self.W.shape)
        for i in range(len(x)):
            for k in np.nonzero(x[i])[0]:
                dW[:, k] += dh[i]{slip}
        return dW, dV
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_where_only_what_is_not_zero_counts_it_is_one(tmp_path: Path, slip: str, verdict: Verdict) -> None:
    path = tmp_path / "switches.py"
    path.write_text(SWITCHED_ON.format(slip=slip))
    assert [judge_unit(unit, examples=6).verdict for unit in recognise(read(path)).units] == [verdict]


@pytest.mark.parametrize("distinct", [frozenset(), frozenset({"others"})])
def test_what_is_drawn_once_is_not_repeated(distinct: frozenset[str]) -> None:
    data = {"others": np.array([3, 0, 2, 5]), "all": np.array([1, 2, 4])}
    cases = CallCases({"C": np.ones((7, 2))}, data, {"others": 7, "all": 7}, distinct=distinct)
    drawn = [cases.build(cases.draw(0, number)).arguments[1] for number in range(40)]
    counts = {len(set(one["others"].tolist())) for one in drawn}
    assert counts == {4} if distinct else 4 in counts and len(counts) > 1
    assert len({len(set(one["all"].tolist())) for one in drawn}) > 1
    assert {symbol for one in drawn for symbol in one["others"].tolist()} == set(range(7))


def test_knows_what_is_drawn_once() -> None:
    code = "a = rng.choice(9, 3, replace=False)\nb = rng.choice(9, 3)\nc = rng.choice(9, 3, replace=True)"
    assert set(drawn_once(ast.parse(code))) == {"a"}
