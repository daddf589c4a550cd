"""Numbers that nothing is computed from are told from those on the way."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.totals import totals_in
from crosscheck.source import read
from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

TWO_OUTPUTS = """
import math

x, goal, other_goal, rate = 0.3, 0.9, 0.2, 0.5
u, v, p, q = 0.4, -0.7, 0.6, 0.1
for turn in range(1000):
    hidden = 1 / (1 + math.exp(-(u * x + v)))
    first = 1 / (1 + math.exp(-p * hidden))
    second = 1 / (1 + math.exp(-q * hidden))
    together = (goal - first) ** 2 / 2 + (other_goal - second) ** 2 / 2
    d_first = (first - goal) * first * (1 - first)
    d_second = (second - other_goal) * second * (1 - second)
    d_hidden = (d_first * p + d_second * q) * hidden * (1 - hidden)
    dp, dq, du, dv = d_first * hidden, d_second * hidden, d_hidden * x, d_hidden
    p -= rate * dp
    q -= rate * dq
    u -= rate * du
    v -= rate * dv
print(together)
"""


@pytest.mark.parametrize(
    ("body", "totals"),
    [
        ("z = w * x\nsize = (z - y) ** 2\nd = 2 * (z - y)\nw -= d * x\nprint(size)", {"size"}),
        ("z = w * x\nsize = z ** 2\nhistory.append(size)\nif size < 1e-3:\n    break", {"size"}),
        ("size = 0\nfor k in ks:\n    size += k * w\nreturn size", {"size"}),
        ("z = w * x\nsize = z ** 2\nstep(size)", set()),
        ("size = w ** 2\nw -= size * 2", set()),
    ],
)
def test_totals_are_what_nothing_is_computed_from(body: str, totals: set[str]) -> None:
    tree = ast.parse("def step():\n" + "".join(f"    {line}\n" for line in body.split("\n")))
    assert totals_in(tree.body[0]) == totals


@pytest.mark.parametrize("slip", [("", ""), ("(d_first * p + d_second * q)", "(d_first * q + d_second * p)")])
def test_the_sum_of_two_losses_needs_no_name(tmp_path: Path, slip: tuple[str, str]) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(TWO_OUTPUTS.replace(*slip) if slip[0] else TWO_OUTPUTS)
    (unit,) = recognise(read(path)).units
    assert unit.assumptions[0] == "the loss was taken to be together"
    report = judge_unit(unit, examples=6)
    wrong = {one.name for one in report.tallies if one.verdict is Verdict.DISAGREE}
    assert wrong == ({"u", "v"} if slip[0] else set())


PAIRS = """
import numpy as np
W, C = np.random.randn(9, 4) * 0.3, np.random.randn(9, 4) * 0.3
pairs = [(0, 3), (1, 2), (4, 8), (5, 7)]
for epoch in range(9):
    total = 0.0
    for a, b in pairs:
        v, u = W[a], C[b]
        p = 1 / (1 + np.exp(-u @ v))
        total -= np.log(p)
        dv, du = {times} * (p - 1) * u, (p - 1) * v
        C[b] -= 0.1 * du
        W[a] -= 0.1 * dv
    print(epoch, total / len(pairs))
"""


@pytest.mark.parametrize(("times", "expected"), [("1", Verdict.AGREE), ("2 * p", Verdict.DISAGREE)])
def test_what_logarithms_are_added_up_in_is_a_loss_whatever_its_name(
    times: str, expected: Verdict, judged: Judged
) -> None:
    assert judged(PAIRS.replace("{times}", times)) == ({expected}, [])
