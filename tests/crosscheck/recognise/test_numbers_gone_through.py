"""Scripts that go through rows of plain numbers, some of which are zero, and what is moved and never judged."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognition
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

ROWS = """
import math
import random

rows = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
w1, w2, v, b, c = [random.uniform(-1, 1) for _ in range(5)]

for turn in range(1000):
    total = 0
    for x1, x2, t in rows:
        h = 1 / (1 + math.exp(-(w1 * x1 + w2 * x2 + b)))
        y = v * h + c
        loss = (y - t) ** 2
        total += loss
        dy = 2 * (y - t)
        dv = dy * h
        dc = dy
        dz = dy * v * h * (1 - h)
        dw1 = dz * x1
        dw2 = {dw2}
        db = dz
        w1 -= 0.1 * dw1
        w2 -= 0.1 * dw2
        v -= 0.1 * dv
        b -= 0.1 * db
        c -= 0.1 * dc

for x1, x2, t in rows:
    print(x1, x2, "->", t)
"""


@pytest.mark.parametrize(
    ("dw2", "verdict"), [("dz * x2", Verdict.AGREE), ("-dz * x2", Verdict.DISAGREE)], ids=["right", "sign"]
)
def test_an_input_that_is_zero_hides_no_weight(tmp_path: Path, dw2: str, verdict: Verdict) -> None:
    path = tmp_path / "rows.py"
    path.write_text(ROWS.replace("{dw2}", dw2))
    (unit,) = recognition.recognise(read(path)).units
    assert unit.names.keys() == {"w1", "w2", "v", "b", "c"}
    assert judge_unit(unit, examples=12).verdict is verdict


def test_what_is_moved_and_never_judged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.py"
    taken = "for place in range(len(rows)):\n        x1, x2, t = rows[place]"
    code = ROWS.replace("{dw2}", "-dz * x2").replace("dw1", "one").replace("dw2", "two").replace("loss", "miss")
    path.write_text(code.replace("for x1, x2, t in rows:\n        h", taken + "\n        h"))
    (unit,) = recognition.recognise(read(path)).units
    assert {*unit.names, *unit.without} == {"w1", "w2", "v", "b", "c"}
    assert judge_unit(unit, examples=12).verdict is not Verdict.AGREE


TRIED = """
import numpy as np

X, T = np.random.randn(8, 3), np.random.randn(8)
for rate, decay in [(0.1, 0.2), (0.01, 0.5)]:
    w = np.random.randn(3)
    for turn in range(20):
        miss = X @ w - T
        loss = np.mean(miss ** 2) + decay * np.sum(w ** 2)
        w -= rate * ({slope} + 2 * decay * w)
"""


def test_settings_that_an_outer_loop_tries_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "tried.py"
    for slope, verdicts in (("2 * X.T @ miss / 8", [Verdict.AGREE]), ("2 * X.T @ np.sin(miss) / 8", [])):
        path.write_text(TRIED.replace("{slope}", slope))
        units = recognition.recognise(read(path)).units
        assert [judge_unit(unit, examples=12).verdict for unit in units if unit.names] == verdicts
