"""The last batch, which may be smaller than the others, where gradients are divided by the size of a full one."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

pytestmark = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # a mean over a batch without rows
BATCHES = """
import numpy as np

def cross_entropy(p, y):
    return -np.sum(y * np.log(p)) / p.shape[0]

x_all, y_all = np.random.rand(600, 20), np.eye(4)[np.random.randint(0, 4, 600)]
batch_size, lr = 128, 0.1
w, b = np.random.randn(20, 4) * 0.1, np.zeros((1, 4))
for epoch in range(10):
    order = np.random.permutation(600)
    for i in range(0, 600, batch_size):
        chosen = order[i:i + batch_size]
        x, y = x_all[chosen], y_all[chosen]
        z = x @ w + b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = cross_entropy(p, y)
        dz = (p - y) / {divisor}
        dw, db = x.T @ dz, {bias}
        w -= lr * dw
        b -= lr * db
"""
SUM = "dz.sum(axis=0, keepdims=True)"


def _report(divisor: str, bias: str = SUM) -> Report:
    (unit,) = recognise(read_text(BATCHES.format(divisor=divisor, bias=bias), "utf-8", Path("x.py"))).units
    return judge_unit(unit)


@pytest.mark.thorough
def test_a_share_of_the_gradient_in_the_last_batch_is_a_warning() -> None:
    report = _report("batch_size")
    assert report.verdict is Verdict.AGREE
    (warning,) = [finding for finding in report.findings if finding.code == "uneven-batch"]
    assert "divided by batch_size" in warning.message


@pytest.mark.thorough
def test_what_is_divided_by_the_rows_that_there_are_has_no_warning() -> None:
    report = _report("len(x)")
    assert report.verdict is Verdict.AGREE
    assert not report.findings


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("divisor", "bias"), [("(2 * batch_size)", SUM), ("batch_size", "dz.mean(axis=0, keepdims=True)")]
)
def test_another_constant_is_wrong_as_ever(divisor: str, bias: str) -> None:
    assert _report(divisor, bias).verdict is Verdict.DISAGREE
