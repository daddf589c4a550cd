"""What a loop drops is judged beside it: the gradient of the data that the first layer is handed."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import has_right_one
from crosscheck.source import read

FIRST_AND_LAST = """import numpy as np

class Shift:
    def __init__(self, size):
        self.w, self.c = np.random.randn(size), np.random.randn(size)

    def forward(self, x):
        self.x = x
        return x * self.w + self.c

    def backward(self, d):
        self.dw = (d * self.x).sum(0)
        self.dc = d.sum(0)
        return d * self.w

class Dense:
    def __init__(self, size, to):
        self.W = np.random.randn(size, to)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W.T

np.random.seed(0)
X, Y = np.random.randn(20, 4), np.random.randn(20, 3)
first, last = Shift(4), Dense(4, 3)
for turn in range(30):
    out = last.forward(first.forward(X))
    loss = 0.5 * np.sum((out - Y) ** 2)
    first.backward(last.backward(out - Y))
    for layer, name in ((first, "w"), (first, "c"), (last, "W")):
        setattr(layer, name, getattr(layer, name) - 0.01 * getattr(layer, "d" + name))
"""


def names_of_units(folder: Path, code: str) -> list[str]:
    path = folder / "layers.py"
    path.write_text(code)
    return [unit.name for unit in recognise(read(path)).units]


def test_a_gradient_that_is_thrown_away_is_judged_where_it_is_wrong(tmp_path: Path) -> None:
    whole = names_of_units(tmp_path, FIRST_AND_LAST)
    wrong = names_of_units(tmp_path, FIRST_AND_LAST.replace("return d * self.w", "return d * self.c"))
    assert wrong == [*whole, "Shift.forward/Shift.backward"]


@pytest.mark.parametrize("returned", ["np.tanh(d * self.w)", "np.zeros_like(d)"])
def test_it_is_judged_by_what_is_right_beside_it(tmp_path: Path, returned: str) -> None:
    path = tmp_path / "layers.py"
    path.write_text(FIRST_AND_LAST.replace("return d * self.w", f"return {returned}"))
    units = {unit.name: unit for unit in recognise(read(path)).units}
    assert has_right_one(units["Shift.forward/Shift.backward"])


def test_a_gradient_that_is_handed_on_is_judged_with_the_loop_alone(tmp_path: Path) -> None:
    """What a layer hands on may be of what stands before the one that was given it: a convention."""
    code = FIRST_AND_LAST.replace("self.x = x\n        return x @", "self.x = np.tanh(x)\n        return self.x @")
    before = code.replace("return d @ self.W.T", "return d @ self.W.T * (1 - self.x ** 2)")
    assert names_of_units(tmp_path, before) == names_of_units(tmp_path, FIRST_AND_LAST)
