"""Tests of the edits of an engine's closures and of the way back through its graph."""

from pathlib import Path

import pytest

from crosscheck.diagnose import diagnose
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.repair import find_repairs
from crosscheck.source import read
from crosscheck.verdicts import Verdict

ENGINE = """
import math

class Num:
    def __init__(self, v, parents=()):
        self.v, self.parents, self.g = v, parents, 0.0

    def __add__(self, o):
        return Num(self.v + o.v, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        return Num(self.v * o.v, ((self, o.v), (o, self.v)))

    def __pow__(self, n):
        return Num(self.v ** n, ((self, n * self.v ** (n - 1)),))

    def tanh(self):
        t = math.tanh(self.v)
        return Num(t, ((self, 1 - t * t),))

    def backward(self):
        order, seen = [], set()
        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)
        visit(self)
        grads = {self: 1.0}
        for node in reversed(order):
            node.g += grads.get(node, 0.0)
            for parent, local in node.parents:
                grads[parent] = grads.get(parent, 0.0) + local * node.g
"""
SLIPS = [
    ("(self, o.v), (o, self.v)", "(self, self.v), (o, o.v)", "gradients-exchanged"),
    ("n * self.v ** (n - 1)", "self.v ** (n - 1)", "missing-factor"),
    ("reversed(order)", "order", "loop-order"),
    ("grads.get(parent, 0.0) + local * node.g", "local * node.g", "overwritten"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("right", "wrong", "code"), SLIPS)
def test_a_slip_in_an_engine_is_mended_on_its_line(tmp_path: Path, right: str, wrong: str, code: str) -> None:
    path = tmp_path / "engine.py"
    path.write_text(ENGINE.replace(right, wrong))
    line = next(n for n, text in enumerate(ENGINE.split("\n"), 1) if right in text)
    reports = [(unit, judge_unit(unit, examples=12)) for unit in recognise(read(path)).units]
    ((unit, report),) = [(unit, report) for unit, report in reports if report.verdict is Verdict.DISAGREE]
    repairs = find_repairs(unit, report, seconds=20.0, seed=0)
    assert repairs
    assert repairs[0].line == line
    assert code in [found.code for found in diagnose(unit, report, repairs)]
    assert right.replace(" ", "") in repairs[0].after.replace(" ", "") or code == "missing-factor"


def test_without_a_repair_the_line_that_writes_the_wrong_gradient_is_named(tmp_path: Path) -> None:
    path = tmp_path / "engine.py"
    path.write_text(ENGINE.replace("1 - t * t", "math.cos(t + 3)"))
    (unit,) = [one for one in recognise(read(path)).units if one.name == "Num.tanh"]
    (found,) = diagnose(unit, judge_unit(unit, examples=12), [])
    assert found.code == "unexplained"
    assert found.line is None  # the forward stands there as well: two lines
    path.write_text(ENGINE.replace("((self, 1.0), (o, 1.0))", "((self, 1.0), (o, 1.5))"))
    (unit,) = [one for one in recognise(read(path)).units if one.name == "Num.__add__"]
    (found,) = diagnose(unit, judge_unit(unit, examples=12), [])
    assert found.line == 9
