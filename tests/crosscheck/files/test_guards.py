"""Constants that guard a logarithm: what is wrong with them is judged once more without."""

from pathlib import Path

import pytest

from crosscheck.files import examine, second_looks
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
        ("", Verdict.AGREE, [CASES, second_looks.FIRST_CASES, CASES]),
        (" * 2", Verdict.DISAGREE, [CASES, second_looks.FIRST_CASES, CASES]),
        (" * (2 + 1e-9)", Verdict.DISAGREE, [CASES, second_looks.FIRST_CASES]),  # the gradient has a guard as well
    ],
)
def test_guards_in_the_loss_alone_are_left_out(
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
    assert (second_looks.GUARDS in known.report.assumptions) is (len(cases) == 3)


def test_what_is_wrong_apart_from_guards_is_told_by_itself(tmp_path: Path) -> None:
    code = LOGISTIC.format(slip="").replace("(w, x, y)", "(w, b, x, y)").replace("-x @ w", "-x @ w - b")
    code = code.replace("dw\n\n", "dw, 2 * np.sum(p - y, keepdims=True)\n\n").replace("loss, dw =", "loss, dw, db =")
    (tmp_path / "logistic.py").write_text(code.replace("w, x =", "b = np.zeros(1)\nw, x =") + "    b -= 0.1 * db\n")
    document = read(tmp_path / "logistic.py")
    (unit,) = recognise(document).units
    known = examine.judged_as_read(unit, examine.read_as_meant(document), (), Options(examples=CASES))
    verdicts = {tally.name: tally.verdict for tally in known.report.tallies}
    assert (verdicts["w"], verdicts["b"]) == (Verdict.AGREE, Verdict.DISAGREE)
    assert second_looks.GUARDS in known.report.assumptions


BOUNDED = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -{bound}, {bound})))

def loss_and_gradient(w, x, y):
    p = sigmoid(20 * x @ w)
    loss = 0.5 * np.sum((p - y) ** 2)
    dw = {factor} * x.T @ ((p - y) * p * (1 - p))
    return loss, dw

w, x, y = np.random.randn(3), np.random.randn(5, 3), np.random.randn(5)
for turn in range(3):
    loss, dw = loss_and_gradient(w, x, y)
    w -= 0.1 * dw
"""


@pytest.mark.parametrize(
    ("bound", "factor", "verdict", "is_left_out"),
    [
        (15, 20, Verdict.AGREE, True),
        (15, 19, Verdict.DISAGREE, False),
        (5, 20, Verdict.DISAGREE, False),  # behind it the derivative is zero, and not 0.007
    ],
)
def test_bounds_of_an_exponent_are_left_out_where_it_is_all_but_constant(
    bound: int, factor: int, verdict: Verdict, is_left_out: bool, tmp_path: Path
) -> None:
    (tmp_path / "bounded.py").write_text(BOUNDED.format(bound=bound, factor=factor))
    document = read(tmp_path / "bounded.py")
    (unit,) = recognise(document).units
    assert examine.judge_unit(unit, examples=CASES).verdict is Verdict.DISAGREE
    known = examine.judged_as_read(unit, examine.read_as_meant(document), (), Options(examples=CASES))
    assert known.report.verdict is verdict
    assert (second_looks.GUARDS in known.report.assumptions) is is_left_out
