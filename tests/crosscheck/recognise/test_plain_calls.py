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
