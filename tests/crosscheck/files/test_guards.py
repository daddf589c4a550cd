"""Constants that guard a logarithm: what is wrong with them is judged once more without."""

from pathlib import Path

import pytest

from crosscheck.files import examine
from crosscheck.files.options import Options
from crosscheck.recognise import Unit, recognise
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

CASES = 6
LOGISTIC = """
import numpy as np

def loss_and_gradient(w, x, y):
    p = 1 / (1 + np.exp(-x @ w))
    loss = -np.sum(y * np.log(p + 1e-6) + (1 - y) * np.log(1 - p + 1e-6))
    dw = x.T @ (p - y){slip}
    return loss, dw

w, x = np.random.randn(3), np.random.randn(5, 3)
y = (np.random.rand(5) > 0.5) * 1.0
for turn in range(3):
    loss, dw = loss_and_gradient(w, x, y)
    w -= 0.1 * dw
"""


@pytest.mark.parametrize(
    ("slip", "verdict", "cases"),
    [
        ("", Verdict.AGREE, [CASES, examine.FIRST_CASES, CASES]),
        (" * 2", Verdict.DISAGREE, [CASES, examine.FIRST_CASES]),
    ],
)
def test_what_is_wrong_without_guards_as_well_is_judged_no_further(
    slip: str, verdict: Verdict, cases: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logistic.py").write_text(LOGISTIC.format(slip=slip))
    document = read(tmp_path / "logistic.py")
    (unit,) = recognise(document).units
    asked, judge = list[object](), examine.judge_unit

    def judged(unit: Unit, **how: object) -> Report:
        asked.append(how["examples"])
        return judge(unit, **how)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(examine, "judge_unit", judged)
    known = examine.judged_as_read(unit, examine.read_as_meant(document), (), Options(examples=CASES))
    assert (known.report.verdict, asked) == (verdict, cases)
    assert (examine.GUARDS in known.report.assumptions) is (verdict is Verdict.AGREE)
