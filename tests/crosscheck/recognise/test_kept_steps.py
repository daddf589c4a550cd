"""Layers that keep their gradients times a rate, to be taken away after a batch, and what such layers are made with."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

class Base:
    def forward(self, x):
        self.x = x

    def backward(self, grad, lr):
        return grad

class Dense(Base):
    def __init__(self, in_shape{said}, out_shape{said}):
        self.w = np.random.randn(out_shape, in_shape)
        self.b = np.random.randn(out_shape, 1)
        self.w_deltas = np.zeros_like(self.w)
        self.b_deltas = np.zeros_like(self.b)
        self.count = 0

    def forward(self, x):
        super().forward(x)
        return self.w @ x + self.b

    def backward(self, grad, lr):
        self.w_deltas += {w}
        self.b_deltas += {b}
        self.count += 1
        return {x}

    def update(self, lr):
        self.w -= {taken}self.w_deltas / self.count
        self.b -= {taken}self.b_deltas / self.count
"""
W, B, X = "lr * (grad @ self.x.T)", "lr * grad", "self.w.T @ grad"


@pytest.mark.parametrize(
    ("w", "b", "x", "taken", "wrong"),
    [
        (W, B, X, "", set()),
        ("lr * (grad @ self.x.T) ** 2", B, X, "", {"w"}),
        (W, B, f"lr * {X}", "", {"x"}),
        (W, "grad", X, "", {"w"}),
        (W, B, X, "lr * ", {"w", "b"}),
    ],
)
def test_gradients_kept_with_their_rate_are_judged_without_it_if_nothing_takes_it_again(w, b, x, taken, wrong):
    text = LAYER.replace("{w}", w).replace("{b}", b).replace("{x}", x).replace("{taken}", taken).replace("{said}", "")
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.skipped
    (unit,) = found.units
    report = judge_unit(unit, examples=4)
    assert {tally.name for tally in report.tallies if tally.verdict is not Verdict.AGREE} == wrong
    assert any("the rate lr" in stated for stated in unit.assumptions) is (not wrong or (b == B and not taken))


def test_a_size_that_is_called_a_shape_is_a_number_where_it_is_said_to_be_one():
    text = LAYER.replace("np.random.randn(out_shape, in_shape)", "self.drawn([out_shape, in_shape])")
    text = text.replace("np.random.randn(out_shape, 1)", "self.drawn([out_shape, 1])")
    text += "\n    def drawn(self, sizes):\n        return np.random.randn(*sizes)\n"
    text = text.replace("{w}", W).replace("{b}", B).replace("{x}", X).replace("{taken}", "").replace("{said}", ": int")
    assert [unit.name for unit in recognise(read_text(text, "utf-8", Path("x.py"))).units] == [
        "Dense.forward/Dense.backward"
    ]
