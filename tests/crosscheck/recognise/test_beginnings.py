"""Weights that a method makes before it trains them are there when nothing but the two passes can be called."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.beginnings import with_beginnings
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.unjudged import BEGUN
from crosscheck.source import read
from crosscheck.verdicts import Verdict

GUESSER = """
import numpy as np

class Guesser:
    def __init__(self, width=6, rate=0.05):
        self.width, self.rate = width, rate

    def read(self, verses):
        self.known = sorted({syllable for verse in verses for syllable in verse})
        self.count = len(self.known)

    def learn(self, verses):
        size = (self.count, self.width)
        self.inner = np.random.normal(0, 0.3, size)
        self.outer = np.random.normal(0, 0.3, size[::-1])
        print("begins")
        for first, followers in verses:
            share, h, z = self.forward(first)
            e = sum(share - np.array(each) for each in followers)
            self.backward(e, h, first)
            self.cost = sum(np.log(np.exp(z).sum()) - z[each.index(1)] for each in followers)

    def forward(self, x):
        h = self.inner.T @ x
        z = self.outer.T @ h
        raised = np.exp(z - z.max())
        return raised / raised.sum(), h, z

    def backward(self, e, h, x):
        slope_outer = np.outer(h, e)
        slope_inner = np.outer(x, self.outer @ e)
        self.inner = self.inner - self.rate * slope_inner
        self.outer = self.outer - self.rate * slope_outer
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "slip", "wrong"),
    [("", "", set()), ("self.outer @ e)", "self.outer @ np.abs(e))", {"inner"})],
)
def test_passes_are_judged_with_weights_that_training_begins_with(
    tmp_path: Path, right: str, slip: str, wrong: set[str]
) -> None:
    path = tmp_path / "guesser.py"
    path.write_text(GUESSER.replace(right, slip) if right else GUESSER)
    found = recognise(read(path))
    (unit,) = found.units
    assert unit.names.keys() == {"inner", "outer"}
    report = judge_unit(unit, examples=8)
    assert report.verdict is (Verdict.DISAGREE if wrong else Verdict.AGREE)
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == wrong
    assert [(one.function, one.reason) for one in found.skipped] == [("Guesser.learn", BEGUN)]


def test_a_beginning_is_what_makes_the_weights() -> None:
    (*_, owner) = with_beginnings(ast.parse(GUESSER)).body
    assert isinstance(owner, ast.ClassDef)
    assert ast.unparse(owner.body[-1]).splitlines()[:3] == [
        "def set_up_before_learn(self, count):",
        "    self.count = count",
        "    size = (self.count, self.width)",
    ]
    assert "begins" not in ast.unparse(owner.body[-1])


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("= (self.count, self.width)", "= (len(verses), self.width)"),
        ("self.width, self.rate = width, rate", "self.inner = self.outer = np.zeros((5, width))"),
        ("class Guesser:", "class Guesser(Reader):"),
        ("self.backward(e, h, first)", "pass"),
    ],
)
def test_what_needs_data_or_has_its_weights_already_has_no_beginning(right: str, other: str) -> None:
    assert right in GUESSER
    tree = ast.parse(GUESSER.replace(right, other))
    assert with_beginnings(tree) is tree
