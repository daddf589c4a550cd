"""Loops that go over weights and move each of them once: no training, and no output of anything."""

from pathlib import Path

import pytest

from crosscheck.recognise import calls, recognise
from crosscheck.recognise.hooks import fullest
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.loops import loops_of
from crosscheck.recognise.world import World
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

ROWS = """
import math, random
def squash(z):
    return 1 / (1 + math.exp(-z))
def weighted(rows, values):
    return [squash(row[0] + sum(w * v for w, v in zip(row[1:], values))) for row in rows]
def learn(lower, upper, given, wanted, rate):
    mid = weighted(lower, given)
    out = weighted(upper, mid)
    above = [(t - o) * o * (1 - o) for t, o in zip(wanted, out)]
    below = [sum(row[j + 1] * d for row, d in zip(upper, above)) * {slope} for j, m in enumerate(mid)]
    for i, row in enumerate(upper):
        for j in range(len(row)):
            row[j] += rate * above[i] * (1 if j == 0 else mid[j - 1])
    for i, row in enumerate(lower):
        for j in range(len(row)):
            row[j] += rate * below[i] * (1 if j == 0 else given[j - 1])
lower = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(4)]
upper = [[random.uniform(-1, 1) for _ in range(5)] for _ in range(2)]
for turn in range(9):
    for given, wanted in (([0.1, 0.9], [1, 0]), ([0.8, 0.3], [0, 1])):
        learn(lower, upper, given, wanted, 0.5)
"""


def units_of(text):
    return recognise(read_text(text, "utf-8", Path("x.py"))).units


@pytest.mark.parametrize(("slope", "wrong"), [("m * (1 - m)", set()), ("m", {"lower"})])
def test_rows_that_a_loop_goes_over_are_moved_once_and_judged(slope, wrong):
    (unit,) = units_of(ROWS.replace("{slope}", slope))
    assert unit.names.keys() == {"lower", "upper"}
    report = judge_unit(unit, examples=4)
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == wrong


UNITS = """
import random
class Unit:
    def __init__(self):
        self.bias, self.delta = random.uniform(-1, 1), 0.0
units = [Unit(), Unit()]
def update(rate):
    for unit in units:
        unit.bias += rate * unit.delta
for turn in range(9):
    for unit in units:
        unit.delta = 0.3 - unit.bias
    update(0.5)
"""


def test_a_number_that_is_moved_is_no_output_that_a_delta_belongs_to():
    document = read_text(UNITS, "utf-8", Path("x.py"))
    world = World(document).run()
    (name,) = [name for name in world.hooks.entries if name.startswith("update, ")]
    node = loops_of(document.tree, world.tree)[name]
    assert calls.unit_of_loop(document, world, fullest(world.hooks.entries[name]), node) is None
