"""Data that a file computes from other data: found, and kept where they must not be drawn apart."""

import ast
from pathlib import Path

import pytest

from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.recognise import recognise
from crosscheck.recognise.entangled import entangled
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

QUADRATIC = """
import numpy as np
X, y = np.random.randn(9, 3), np.random.randn(9)
G, q = X.T @ X, X.T @ y

def loss(w):
    return 0.5 * np.sum((X @ w - y) ** 2)

def gradient(w):
    return G @ w - q

w = np.zeros(3)
for step in range(100):
    print(loss(w))
    w = w - 0.01 * gradient(w)
"""
FOUND = {
    "Y = np.eye(3)[y]": {"Y", "y"},
    "Z = X @ R\nY = Z + 1": {"X", "Y"},
    "X = (X - X.mean()) / X.std()": set(),
    "W = np.zeros(X.shape[1])": set(),
    "def other():\n    Y = y": set(),
    "def train():\n    Y = y": {"Y", "y"},
}


@pytest.mark.parametrize(("code", "wanted"), FOUND.items())
def test_what_is_computed_from_what(code, wanted):
    assert entangled(ast.parse(code), "train", ["X", "y", "Y", "W"]) == wanted


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("", "agree"), (" + w", "disagree")])
def test_derived_data_are_kept_where_drawn_apart_they_disagree(slip, verdict):
    document = read_text(QUADRATIC.replace("G @ w - q", f"G @ w - q{slip}"), "utf-8", Path("x.py"))
    events: list[dict] = []
    examine(document, Options(examples=12, repair=False), events.append)
    assert {event["subject"]["verdict"] for event in events if event["event"] == "judged"} == {verdict}
    assert Verdict.AGREE not in {judge_unit(unit, examples=12).verdict for unit in recognise(document).units}


@pytest.mark.thorough
def test_a_loop_that_shows_less_acquits_nothing_that_was_wrong():
    """The gradient of an initial state is wrong; the training loop around it uses none."""
    program = Path(__file__).parents[2] / "corpus/programs/initial_state_short.py"
    events: list[dict] = []
    examine(read(program), Options(examples=4, repair=False), events.append)
    (subject,) = [event["subject"] for event in events if event["event"] == "judged"]
    assert subject["verdict"] == "disagree"


EMBEDDED = """
import numpy as np
text = "the quick brown fox jumps over the lazy dog. " * 3
letters = sorted(set(text))
width, steps = 30, 25
data = np.array([letters.index(c) for c in text])
E = np.random.randn(len(letters), width)
V = np.random.randn(width, len(letters))
for turn in range(100):
    last = np.zeros(width)
    for start in range(0, len(data) - steps, steps):
        hs, ps = {-1: last}, {}
        loss = 0
        for t in range(steps):
            hs[t] = np.tanh(E[data[start + t]] + hs[t - 1])
            scores = hs[t] @ V
            ps[t] = np.exp(scores) / np.exp(scores).sum()
            loss -= np.log(ps[t][data[start + t + 1]])
        dE, dV, carry = np.zeros_like(E), np.zeros_like(V), np.zeros(width)
        for t in reversed(range(steps)):
            dy = ps[t].copy()
            dy[data[start + t + 1]] -= 1
            dV += np.outer(hs[t], dy)
            carry = (dy @ V.T + carry) * (1 - hs[t] ** 2)
            dE[data[start + t]] += carry
        E -= 0.1 * dE
        V -= 0.1 * dV
        last = hs[steps - 1]
"""


def test_what_is_computed_in_a_turn_is_left_aside():
    tree = ast.parse("last = begin()\nfor start in range(3):\n    out = run(last)\n    last = data[start]\n")
    assert entangled(tree, "", ["data", "last"]) == {"data", "last"}
    assert entangled(tree, "", ["data", "last"], 2) == frozenset()


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("+= carry", Verdict.AGREE), ("= carry", Verdict.DISAGREE)])
def test_a_state_that_a_turn_leaves_is_no_data_of_the_file(slip, verdict):
    events = []
    code = EMBEDDED.replace("dE[data[start + t]] += carry", f"dE[data[start + t]] {slip}")
    examine(read_text(code, "utf-8", Path("x.py")), Options(examples=12, repair=False), events.append)
    (judged,) = [event["subject"] for event in events if event["event"] == "judged"]
    assert judged["verdict"] == verdict
    assert not any("kept as they are in the file" in said for said in judged["assumptions"])


def test_an_engine_that_is_wrong_has_no_data_to_look_at_again():
    events: list[dict] = []
    program = Path(__file__).parents[2] / "corpus/programs/engine_scalar_overwritten.py"
    examine(read(program), Options(examples=4, repair=False), events.append)
    assert "disagree" in {event["subject"]["verdict"] for event in events if event["event"] == "judged"}


TWICE_TOLD = """
import numpy as np

X = np.random.randn(30, 4)
y = np.random.randint(0, 3, 30)
Y = np.eye(3)[y]
W = np.zeros((4, 3))
for turn in range(50):
    e = np.exp(X @ W)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(Y * np.log(p + 1e-12)) / 30
    d = p.copy()
    d[np.arange(30), y] -= {one}
    dW = X.T @ d / 30
    W -= 0.1 * dW
"""
MADE = """
import numpy as np

np.random.seed(0)
X = np.random.randn(30, 3)
y = X @ np.array([1.0, -2.0, 3.0])
w, v = np.zeros(3), np.zeros(3)
for turn in range(50):
    miss = X @ w - y
    loss = np.mean(miss ** 2)
    dw = 2 * X.T @ miss / 30
    v = 0.9 * v - 0.1 * {step}
    w += v
"""


def _subject(code: str) -> dict:
    events: list[dict] = []
    examine(read_text(code, "utf-8", Path("x.py")), Options(examples=12, repair=False), events.append)
    (judged,) = [event["subject"] for event in events if event["event"] == "judged"]
    return judged


@pytest.mark.thorough
@pytest.mark.parametrize(("one", "verdict"), [("1", Verdict.AGREE), ("0.9", Verdict.DISAGREE)])
def test_own_data_are_kept_where_guards_are_taken_for_zero(one: str, verdict: Verdict) -> None:
    judged = _subject(TWICE_TOLD.format(one=one))
    assert judged["verdict"] == verdict
    told = [said for said in judged["assumptions"] if "kept as they are in the file" in said or "for zero" in said]
    assert len(told) == 2


@pytest.mark.parametrize(("step", "verdict"), [("dw", Verdict.AGREE), ("dw.mean()", Verdict.DISAGREE)])
def test_a_wrong_update_is_so_by_the_data_of_the_file_as_well(step: str, verdict: Verdict) -> None:
    assert _subject(MADE.format(step=step))["verdict"] == verdict
