"""What a layer adds to its gradients for a penalty is left out of what is judged, where a penalty can have added it."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

class Layer:
    def __init__(self, n_in, n_out, l1w=0, l1b=0, l2w=0, l2b=0):
        self.w, self.b = 0.1 * np.random.randn(n_in, n_out), np.zeros((1, n_out))
        self.l1w, self.l1b, self.l2w, self.l2b = l1w, l1b, l2w, l2b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, dout):
        self.dw = self.x.T @ dout
        if self.l1w > 0:
            dl1w = np.ones_like(self.w)
            dl1w[self.w < 0] = -1
            self.dw += self.l1w * {first}
        if self.l2w > 0:
            self.dw += 2 * self.l2w * {second}
        self.db = dout.sum(axis=0, keepdims=True)
        if self.l1b > 0:
            dl1b = np.ones_like(self.b)
            dl1b[self.b < 0] = -1
            self.db += self.l1b * dl1b
        if self.l2b > 0:
            self.db += 2 * self.l2b * self.b
        return dout @ self.w.T
"""


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("dl1w", "self.w", Verdict.AGREE),
        ("dl1w", "self.b", Verdict.DISAGREE),
        ("dl1w", "self.w ** 2", Verdict.DISAGREE),
        ("dl1w * self.w ** 2", "self.w", Verdict.DISAGREE),
    ],
)
def test_what_is_added_is_a_multiple_of_the_parameter_or_of_its_signs(first, second, verdict):
    text = LAYER.format(first=first, second=second)
    (unit,) = recognise(read_text(text, "utf-8", Path("layer.py"))).units
    assert judge_unit(unit, examples=4).verdict is verdict


MOVED = """
import numpy as np

class Layer:
    def __init__(self, n_in, n_out, l2_lambda=1e-3):
        self.w, self.l2_lambda = 0.1 * np.random.randn(n_in, n_out), l2_lambda

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, dout, optimizer):
        dx = dout @ self.w.T
        dw = {slope} / len(self.x) + self.l2_lambda * self.w
        self.w = optimizer.update(self.w, dw)
        return dx
"""


@pytest.mark.parametrize(
    ("slope", "verdict"), [("self.x.T @ dout", Verdict.AGREE), ("(self.x ** 2).T @ dout", Verdict.DISAGREE)]
)
def test_an_optimiser_that_is_handed_over_is_no_target(slope: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(MOVED.replace("{slope}", slope), "utf-8", Path("layer.py"))).units
    assert judge_unit(unit, examples=8).verdict is verdict
    assert any("self.l2_lambda was set to zero" in said for said in unit.assumptions)
