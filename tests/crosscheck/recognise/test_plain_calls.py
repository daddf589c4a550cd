"""Layers that a program calls with plain numbers, an amount and a price, are judged like those that it hands arrays."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SHOP = """
class Product:
    def forward(self, left, right):
        self.left, self.right = left, right
        return left * right

    def backward(self, grad):
        return grad * {slope}, grad * self.left


class Discount:
    def __init__(self, share):
        self.share = share

    def forward(self, price):
        return price - self.share * price

    def backward(self, grad):
        return grad * {kept}


product, discount = Product(), Discount(0.25)
price = product.forward(3, 40)
paid = discount.forward(price)
d_price = discount.backward(1)
d_count, d_each = product.backward(d_price)
print(paid, d_count, d_each)
"""


@pytest.mark.parametrize(
    ("slope", "kept", "wrong"),
    [
        ("self.right", "(1 - self.share)", set()),
        ("self.left", "(1 - self.share)", {"Product"}),
        ("self.right", "(1 + self.share)", {"Discount"}),
    ],
)
def test_layers_that_are_handed_numbers_are_judged(slope, kept, wrong):
    text = SHOP.replace("{slope}", slope).replace("{kept}", kept)
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.skipped
    verdicts = {unit.name.partition(".")[0]: judge_unit(unit, examples=4).verdict for unit in found.units}
    assert verdicts == {n: Verdict.DISAGREE if n in wrong else Verdict.AGREE for n in ("Product", "Discount")}
    told = {unit.name.partition(".")[0]: "may be fractions" in unit.assumptions[-1] for unit in found.units}
    assert told["Product"]


def test_whole_numbers_that_are_counts_stay_what_they_are():
    text = """
class Power:
    def forward(self, base, times):
        self.base, self.times = base, times
        out = 1.0
        for _ in range(times):
            out *= base
        return out

    def backward(self, grad):
        return grad * self.times * self.base ** (self.times - 1)


power = Power()
print(power.forward(2, 3), power.backward(1))
"""
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.units
    assert [skipped.function for skipped in found.skipped] == ["Power.backward"]


GATED = """
import numpy as np

class Gate:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * {slope}


class Unit:
    def __init__(self, n, k):
        self.W, self.U = np.random.randn(n, k), np.random.randn(k, k)
        self.gate = Gate()

    def forward(self, x, h_t_minus_1, c_t_minus_1):
        self.x, self.h, self.c = x, h_t_minus_1, c_t_minus_1
        self.a = np.tanh(x @ self.W + h_t_minus_1 @ self.U)
        self.g = self.gate.forward(self.a)
        return self.a * self.g, self.c * self.g

    def backward(self, dh, dc):
        da = dh * self.g + (dh * self.a + dc * self.c) * self.gate.backward(1)
        dz = da * (1 - self.a ** 2)
        self.dW, self.dU = self.x.T @ dz, self.h.T @ dz
        return dz @ self.W.T, dz @ {back}.T, dc * self.g

unit = Unit(3, 4)
x, h, c = np.random.randn(2, 3), np.random.randn(2, 4), np.random.randn(2, 4)
unit.forward(x, h, c)
unit.backward(h, c)
"""


@pytest.mark.parametrize(
    ("slope", "back", "is_wrong"),
    [("(1 - self.out)", "self.U", False), ("(1 + self.out)", "self.U", True), ("(1 - self.out)", "self.U.T", True)],
)
def test_gradients_may_be_ones_or_what_the_forward_was_handed(slope, back, is_wrong):
    """`gate.backward(1)` is the slope of a gate, and `unit.backward(h, c)` tries whether it runs."""
    text = GATED.replace("{slope}", slope).replace("{back}", back)
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.skipped
    verdicts = {judge_unit(unit, examples=6).verdict for unit in found.units}
    assert verdicts == {Verdict.DISAGREE if is_wrong else Verdict.AGREE}
    if not is_wrong:
        (unit,) = found.units
        assert unit.names.keys() == {"W", "U", "x", "h_t_minus_1", "c_t_minus_1"}
