"""A formula that divides zero by zero at a single point is not wrong for it; one that does so in the file itself is."""

from dataclasses import replace
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Severity, Verdict

DISTANCES = """
import numpy as np

def loss_and_grad(W, X):
    D = X @ W
    r = np.sqrt((D * D).sum(axis=1))
    return r.sum(), X.T @ (D / r[:, None])

W = np.random.randn(4, 3)
for turn in range(3):
    loss, dW = loss_and_grad(W, np.random.randn(7, 4))
    W -= 0.1 * dW
"""


@pytest.mark.parametrize(
    ("own", "verdict", "severity"),
    [(1.0, Verdict.AGREE, Severity.WARNING), (0.0, Verdict.DISAGREE, Severity.ERROR)],
)
def test_nan_at_zero_is_an_error_where_the_file_itself_has_zeros_alone(
    own: float, verdict: Verdict, severity: Severity, tmp_path: Path
) -> None:
    path = tmp_path / "distances.py"
    path.write_text(DISTANCES)
    (unit,) = recognise(read(path)).units
    parameters, data = unit.example
    report = judge_unit(replace(unit, example=(parameters, {"X": own * data["X"]})), examples=12)
    assert report.verdict is verdict
    assert [finding.severity for finding in report.findings] == [severity]


BELLS = """
import numpy as np

X, y = np.random.randn(8, 2), np.random.randn(8)
centers, sigmas, heights = np.random.randn(3, 2), np.ones(3), np.random.randn(3)
for turn in range(50):
    off = X[:, None] - centers
    square = (off ** 2).sum(axis=2)
    bells = np.exp(-square / (2 * sigmas ** 2))
    total = bells.sum(axis=1, keepdims=True)
    shares = bells / total
    error = shares @ heights - y
    loss = np.sum(error ** 2)
    dheights = 2 * shares.T @ error
    dshares = 2 * error[:, None] * heights
    dbells = dshares / total - (dshares * bells).sum(axis=1, keepdims=True) / total ** 2
    dsigmas = (dbells * bells * square / sigmas ** 3).sum(axis=0)
    dcenters = ((dbells * bells / sigmas ** 2)[:, :, None] * off).sum(axis=0)
    heights -= 0.01 * dheights
    sigmas -= 0.01 * dsigmas
    centers -= 0.01 * dcenters
"""


@pytest.mark.parametrize(("slip", "verdict"), [("sigmas ** 3", Verdict.AGREE), ("sigmas ** 2", Verdict.DISAGREE)])
def test_what_vanishes_for_tiny_widths_is_no_slip(slip: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "bells.py"
    path.write_text(BELLS.replace("square / sigmas ** 3", f"square / {slip}"))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=5)
    assert report.verdict is verdict
    assert ("not-finite-if-tiny" in {finding.code for finding in report.findings}) or verdict is Verdict.DISAGREE
