"""Results that are rounded for whoever reads them, of functions whose arguments are lists by their annotations."""

import ast
import re
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.rounded import said_of_rounding
from crosscheck.source import read
from crosscheck.verdicts import Verdict

TASK = """
import numpy as np
from typing import List

class Answer:
    def forward_and_backward(self, x: List[float], V: List[List[float]], c: List[float], wanted: List[float]) -> dict:
        x, V, c, wanted = np.array(x), np.array(V), np.array(c), np.array(wanted)
        z = x @ V.T + c
        out = np.maximum(0, z)
        count = len(wanted)
        loss = np.mean((out - wanted) ** 2)
        delta = 2 * (out - wanted) / count * {mask}
        dV = delta.reshape(-1, 1) @ x.reshape(1, -1)
        dc = delta
        return {{'loss': round(float(loss), 4), 'dV': np.round(dV, 4).tolist(), 'dc': np.round(dc, 4).tolist()}}
"""
SUM_OVER_EXAMPLES = """
def fitted(xs, ys, rate):
    slope, start = 1.0, 0.0
    while True:
        cost, by_slope, by_start = 0.0, 0.0, 0.0
        for i in range(len(xs)):
            miss = slope * xs[i] + start - ys[i]
            cost += 0.5 * miss ** 2
            by_slope += xs[i] * miss{slip}
            by_start += miss
        cost = cost / len(xs)
        if cost < 0.01:
            break
        slope = slope - rate * (by_slope / len(xs))
        start = start - rate * (by_start / len(xs))
    return slope, start

fitted([0.5, 1.5, 2.0, 3.5], [1.0, 2.5, 4.5, 6.0], 0.01)
"""


def verdict_of(folder: Path, code: str) -> tuple[Verdict, tuple[str, ...], list[str]]:
    path = folder / "task.py"
    path.write_text(code)
    found = recognise(read(path))
    (unit,) = found.units
    report = judge_unit(unit, examples=8)
    return report.verdict, report.oracles, found.assumptions


@pytest.mark.thorough
@pytest.mark.parametrize(("mask", "verdict"), [("(z > 0)", Verdict.AGREE), ("(out - wanted > 0)", Verdict.DISAGREE)])
def test_rounded_results_are_judged_as_they_are_before(tmp_path: Path, mask: str, verdict: Verdict) -> None:
    found, oracles, assumptions = verdict_of(tmp_path, TASK.format(mask=mask))
    assert found is verdict
    assert "complex step" in oracles  # at a kink, where the biases are zero, differences tell more
    assert "rounding to 4 decimals was left out: results were judged as they are before it" in assumptions
    assert recognise(read(tmp_path / "task.py")).units[0].names.keys() == {"V", "c"}
    (called,) = [said for said in assumptions if "made-up" in said]
    assert "x (5,), V (6, 5), c (6,), wanted (6,)" in called


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(round(loss, 4), f'{np.round(w, 3)}')", 0),
        ("loss = round(loss, 4)\nw = w.round(3)", 1),
        ("n = round(count / 2)\nq = np.round(w)\nr = np.round(w, 1)", 0),
    ],
)
def test_what_is_only_shown_rounded_is_no_assumption(code: str, said: int) -> None:
    assert len(said_of_rounding(ast.parse(code))) == said


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_an_update_may_divide_what_was_summed(tmp_path: Path, slip: str, verdict: Verdict) -> None:
    assert verdict_of(tmp_path, SUM_OVER_EXAMPLES.format(slip=slip))[0] is verdict


@pytest.mark.thorough
def test_what_is_counted_by_its_length_is_no_row(tmp_path: Path) -> None:
    bare = re.sub(r": List\[List\[float\]\]|: List\[float\]", "", TASK.format(mask="(z > 0)"))
    assert "(self, x, V, c, wanted)" in bare
    found, _, assumptions = verdict_of(tmp_path, bare)
    assert found is Verdict.AGREE
    assert any("wanted (6,)" in said for said in assumptions)
