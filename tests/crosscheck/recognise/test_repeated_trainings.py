"""Loops of which every turn is a training of its own: the turns of that training are judged, and no turn of theirs."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.targets import repeats_trainings
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PROGRAM = """
import numpy as np

class Line:
    def __init__(self):
        self.W = np.random.randn(3, 4)
        self.b = np.zeros((3, 1))

    def fit_one(self, x, y, turns=90):
        for turn in range(turns):
            error = np.sum((self.W @ x + self.b - y) ** 2)
            delta = 2 * (self.W @ x + self.b - y)
            delta_W = delta @ x.T
            delta_b = delta{slip}
            self.W -= 0.01 * delta_W
            self.b -= 0.01 * delta_b
            if error < 1e-4:
                break

    def fit(self, X, Y, rounds=500):
        for turn in range(rounds):
            for x, y in zip(X, Y):
                self.fit_one(x.reshape(-1, 1), y.reshape(-1, 1))

Line().fit(np.random.randn(9, 4), np.random.randn(9, 3))
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * delta", Verdict.DISAGREE)])
def test_the_turns_of_the_inner_training_are_judged(slip: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(PROGRAM.format(slip=slip))
    (unit,) = recognise(read(path)).units
    assert unit.name.startswith("Line.fit_one, the loop in line")
    assert judge_unit(unit, examples=12).verdict is verdict


def test_what_repeats_trainings_is_told_from_what_trains() -> None:
    tree = ast.parse(PROGRAM.format(slip=""))
    nodes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert [name for name, node in nodes.items() if repeats_trainings(node, nodes)] == ["fit"]
