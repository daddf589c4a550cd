"""Four rows, and a loss that nobody states: a quarter of it may be its mean, or half of a half."""

from pathlib import Path

import pytest

from crosscheck.files import examine
from crosscheck.files.options import Options
from crosscheck.recognise import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

EXCLUSIVE = """
import numpy as np

c = 0.5

def squash(x):
    return 1 / (1 + np.exp(-x))

inputs = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
targets = np.array([[0], [1], [1], [0]])
w_old, s_old = np.random.uniform(-3, 3, (2, 3)), np.random.uniform(-3, 3, (3, 1))
while True:
    hidden = squash(inputs @ w_old.T)
    hidden = np.hstack([hidden, np.ones((len(hidden), 1))])
    out = squash(hidden @ s_old)
    error = out - targets
    slope_s = hidden.T @ (error * out * (1 - out))
    back = (error * out * (1 - out)) @ s_old.T * hidden * (1 - hidden)
    slope_w = back[:, {units}].T @ inputs
    s_new = s_old - c * slope_s
    w_new = w_old - c * slope_w
    if np.max(np.abs(s_new - s_old)) < 1e-4:
        break
    s_old, w_old = s_new, w_new
"""


@pytest.mark.parametrize(("units", "wrong"), [(":-1", set()), ("1:", {"w_old"})])
def test_a_constant_may_be_what_looks_like_a_mean(tmp_path: Path, units: str, wrong: set[str]) -> None:
    (tmp_path / "exclusive.py").write_text(EXCLUSIVE.replace("{units}", units))
    document = read(tmp_path / "exclusive.py")
    (unit,) = recognise(document).units
    known = examine.judged_as_read(unit, examine.read_as_meant(document), (), Options(examples=12))
    assert {tally.name for tally in known.report.tallies if tally.verdict is Verdict.DISAGREE} == wrong
    assert {tally.name for tally in known.report.tallies} == {"w_old", "s_old"}
    assert any("0.25 times the squared error" in text for text in known.report.assumptions)
