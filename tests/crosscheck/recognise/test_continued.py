"""Real functions of complex numbers: their values, and their slopes by a complex step."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.continued import FUNCTIONS
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.reference import COMPLEX
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

TWO = {"logaddexp", "hypot", "arctan2", "heaviside"}
LOGISTIC = """
import numpy as np

def loss_and_gradient(w, X, y):
    z = X @ w
    loss = np.sum(np.logaddexp(0, z) - y * z) + 0.1 * np.sum(np.abs(w))
    dw = X.T @ (1 / (1 + np.exp(-z)) - y) + 0.1 * np.sign(w)
    return loss, dw

loss_and_gradient(np.random.randn(3), np.random.randn(7, 3), np.random.rand(7))
"""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_slopes_are_those_of_the_real_function(name: str) -> None:
    x, others = np.array([-1.3, -0.4, 0.7, 2.2]), (np.array([0.8, -0.3, -1.1, 0.5]),) * (name in TWO)
    real = getattr(np, name)
    found = FUNCTIONS[name](x + 1e-30j, *others)
    np.testing.assert_allclose(np.real(found), real(x, *others), rtol=1e-14)
    slope = (real(x + 1e-6, *others) - real(x - 1e-6, *others)) / 2e-6
    np.testing.assert_allclose(np.imag(found) / 1e-30, slope, rtol=1e-8, atol=1e-9)


def test_a_logistic_loss_with_absolute_values_takes_a_complex_step() -> None:
    (unit,) = recognise(read_text(LOGISTIC, "utf-8", Path("x.py"))).units
    report = judge_unit(unit)
    assert report.verdict is Verdict.AGREE
    assert report.oracles == (COMPLEX,)
