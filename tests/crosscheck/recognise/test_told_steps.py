"""Objects that are told how many steps there are, and hold a list of states for each."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

TOLD = """import numpy as np


class Told:
    def __init__(self, sizes, steps, rate=0.1):
        self.kept = [[np.zeros((n, 1)) for n in sizes] for t in range(steps + 1)]
        self.inner = np.random.rand(sizes[0], sizes[1])
        self.across = np.random.rand(sizes[1], sizes[1])
        self.outer = np.random.rand(sizes[1], sizes[2])
        self.rate, self.steps = rate, steps

    def forward(self, rows):
        for t, row in enumerate(rows, start=1):
            self.kept[t][0] = np.array(row).reshape(-1, 1)
            self.kept[t][1] = np.tanh(self.inner.T @ self.kept[t][0] + self.across.T @ self.kept[t - 1][1])
        self.kept[t][2] = self.outer.T @ self.kept[t][1]
        return self.kept[t][2]

    def backward(self, dy):
        d_inner, d_across = np.zeros_like(self.inner), np.zeros_like(self.across)
        d_outer = self.kept[self.steps][1] @ dy.T
        da = (self.outer @ dy) * (1 - self.kept[self.steps][1] ** 2)
        for t in range(self.steps, 0, -1):
            d_inner += self.kept[t][0] @ da.T
            d_across += self.kept[t - 1][1] @ da.T
            da = (self.across @ da) * (1 - self.kept[t - 1][1] ** 2)
        self.inner -= self.rate * d_inner
        self.across -= self.rate * d_across
        self.outer -= self.rate * d_outer
"""


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [(("", ""), set()), (("(self.across @ da)", "(self.across.T @ da)"), {"inner", "across"})],
    ids=["right", "transpose"],
)
def test_there_are_as_many_rows_and_the_first_state_needs_no_gradient(
    tmp_path: Path, edit: tuple[str, str], wrong: set[str]
) -> None:
    path = tmp_path / "told.py"
    path.write_text(TOLD.replace(*edit) if edit[0] else TOLD)
    (unit,) = recognise(read(path)).units
    assert (unit.names.keys(), unit.without) == ({"inner", "across", "outer"}, ())
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
