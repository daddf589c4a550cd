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


@pytest.mark.parametrize(("slip", "verdict"), [("", "agree"), (" + w", "disagree")])
def test_derived_data_are_kept_where_drawn_apart_they_disagree(slip, verdict):
    document = read_text(QUADRATIC.replace("G @ w - q", f"G @ w - q{slip}"), "utf-8", Path("x.py"))
    events: list[dict] = []
    examine(document, Options(examples=12, repair=False), events.append)
    assert {event["subject"]["verdict"] for event in events if event["event"] == "judged"} == {verdict}
    assert Verdict.AGREE not in {judge_unit(unit).verdict for unit in recognise(document).units}


def test_a_loop_that_shows_less_acquits_nothing_that_was_wrong():
    """The gradient of an initial state is wrong; the training loop around it uses none."""
    program = Path(__file__).parents[2] / "corpus/programs/initial_state_short.py"
    events: list[dict] = []
    examine(read(program), Options(examples=4, repair=False), events.append)
    (subject,) = [event["subject"] for event in events if event["event"] == "judged"]
    assert subject["verdict"] == "disagree"


def test_an_engine_that_is_wrong_has_no_data_to_look_at_again():
    events: list[dict] = []
    program = Path(__file__).parents[2] / "corpus/programs/engine_scalar_overwritten.py"
    examine(read(program), Options(examples=4, repair=False), events.append)
    assert "disagree" in {event["subject"]["verdict"] for event in events if event["event"] == "judged"}
