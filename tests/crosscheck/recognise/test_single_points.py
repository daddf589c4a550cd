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
