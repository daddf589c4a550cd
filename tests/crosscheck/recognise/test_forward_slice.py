"""What a loss depends on: the rest of a loop's turn is not made for its derivatives."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.forward_slice import sliced
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.reference import COMPLEX
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

LEAVING = "for t in r:\n    if big:\n        break\n    loss += t"
SLICES = {
    "a report": ("z = x @ w\nr = round(z)\nloss = z", "z = x @ w\nloss = z"),
    "what is put into a list": (
        "zs = []\nfor t in range(3):\n    zs.append(t)\n    n += 1\nloss = sum(zs)",
        "zs = []\nfor t in range(3):\n    zs.append(t)\nloss = sum(zs)",
    ),
    "a gradient in between": ("z = w\ndw = z * 2\nif dw:\n    dw = 0\nloss = z", "z = w\nloss = z"),
    "what leaves a loop": (LEAVING, LEAVING),
    "an attribute": ("net.w = 3\nnet.log = 4\nloss = net.run()", "net.w = 3\nnet.log = 4\nloss = net.run()"),
}
LOOP = """
import numpy as np
x, y, seen = np.random.randn(5, 3), np.random.randn(5, 2), np.zeros((5, 2), dtype=int)
w = np.random.randn(3, 2)
for step in range(100):
    out = x @ w
    seen[:] = np.round(out)
    loss = 0.5 * np.sum((out - y) ** 2)
    dw = x.T @ (out - y)
    w -= 0.01 * dw
"""


@pytest.mark.parametrize(("code", "wanted"), SLICES.values(), ids=SLICES.keys())
def test_only_what_a_name_depends_on_stays(code: str, wanted: str) -> None:
    assert ast.unparse(ast.Module(sliced(ast.parse(code).body, {"loss"}), [])) == wanted


def test_a_report_that_takes_no_complex_numbers_costs_no_digits() -> None:
    (unit,) = recognise(read_text(LOOP, "utf-8", Path("x.py"))).units
    report = judge_unit(unit)
    assert report.verdict is Verdict.AGREE
    assert report.oracles == (COMPLEX,)
