"""A loop that learns is told by what it does, not by what its variables are called."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.moving import moves_weights
from crosscheck.source import read
from crosscheck.verdicts import Verdict


@pytest.mark.parametrize(
    ("body", "learns"),
    [
        ("a = sig(np.dot(x, w)); w += np.dot(x.T, q)", True),
        ("a = sig(x.dot(w)); step = x.T.dot(q); w = w - 0.1 * step", True),
        ("a = np.tanh(self.w @ x); self.w -= r * np.outer(q, x)", True),
        ("a = np.tanh(net['w'] @ x); net['w'] -= r * q @ x.transpose()", True),
        ("h += 0.1 * (w @ h)", False),
        ("p = p + v; v = v - w @ p", False),
        ("a = x @ w; total += a.T @ a", False),
        ("a = x @ w; count += 1", False),
    ],
)
def test_weights_are_multiplied_by_and_moved(body: str, learns: bool) -> None:
    loop = ast.parse("for i in range(9):\n" + "".join(f"    {line}\n" for line in body.split("; ")))
    assert moves_weights(loop) is learns


PAIRS_OF_WORDS = """
import numpy as np

inner = np.random.randn(7, 4) * 0.1
outer = np.random.randn(7, 4) * 0.1

def move(table, rows, step):
    table[rows] = table[rows] - 0.05 * step

def pull(word, rows, labels):
    near = 1 / (1 + np.exp(-outer[rows] @ inner[word]))
    loss = -np.sum(labels * np.log(near) + (1 - labels) * np.log(1 - near))
    off = near - labels
    return loss, off @ outer[rows], {factor} * np.outer(off, inner[word])

for turn in range(5):
    rows = np.random.permutation(7)[:3]
    loss, towards, apart = pull(turn % 7, rows, np.array([1.0, 0.0, 0.0]))
    inner[turn % 7] -= 0.05 * towards
    {step}
"""
SCATTERED = "np.subtract.at(outer, rows, 0.05 * apart)"


@pytest.mark.parametrize(
    ("factor", "step", "verdict"),
    [
        (1, SCATTERED, Verdict.AGREE),
        (2, SCATTERED, Verdict.DISAGREE),
        (1, "move(outer, rows, apart)", Verdict.INCONCLUSIVE),
        (2, "move(outer, rows, apart)", Verdict.INCONCLUSIVE),
    ],
)
def test_what_a_turn_moves_is_judged_or_it_is_said_that_it_was_not(
    factor: int, step: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "words.py"
    path.write_text(PAIRS_OF_WORDS.format(factor=factor, step=step))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=6)
    assert report.verdict is verdict, report
    assert {tally.name for tally in report.tallies} == {"inner", "outer"}


@pytest.mark.parametrize("upstream", ["d", "g", "dout", "error"])
def test_a_layer_that_nothing_calls_is_judged_whatever_its_upstream_is_called(upstream: str, tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER.format(upstream=upstream))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is Verdict.AGREE


LAYER = """
import numpy as np

class Rectifier:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, {upstream}):
        return {upstream} * self.on
"""
