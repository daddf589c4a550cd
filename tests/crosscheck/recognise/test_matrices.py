"""Data as `np.matrix`: its products are those of matrices, and its means keep their axes."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAYERS = """
import numpy as np

class Prog:
    def naprzod(self, dane):
        return np.maximum(0, dane)

    def wstecz(self, dane, gradient):
        for idx, x in np.ndenumerate(dane > 0):
            gradient[idx] = gradient[idx] * x
        return gradient

class Liniowa:
    def __init__(self, n, m):
        self.wagi = np.random.randn(n, m)
        self.bias = np.zeros(m)

    def naprzod(self, dane):
        return np.dot(dane, self.wagi) + self.bias

    def wstecz(self, dane, gradient):
        gradient_wstecz = np.dot(gradient, self.wagi.T)
        gradient_wagi = np.dot(dane.T, gradient)
        gradient_bias = gradient.mean(axis=0)
        self.wagi = self.wagi - 0.1 * gradient_wagi
        self.bias = self.bias - 0.1 * gradient_bias
        return gradient_wstecz

siec = [Liniowa(7, 5), Prog(), Liniowa(5, 3)]
for krok in range(100):
    wyjscia = [np.matrix(np.random.randn(7))]
    for warstwa in siec:
        wyjscia.append(warstwa.naprzod(wyjscia[-1]))
    gradient = 2 * (wyjscia[-1] - 1)
    for idx in range(2, -1, -1):
        gradient = siec[idx].wstecz(wyjscia[idx], gradient)
"""


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("slip", "wrong"),
    [(("", ""), set()), (("self.wagi.T", "abs(self.wagi.T)"), {"Liniowa"}), (("gradient[idx] * x", "x"), {"Prog"})],
)
def test_layers_that_are_handed_matrices_are_judged(slip: tuple[str, str], wrong: set[str], tmp_path: Path) -> None:
    path = tmp_path / "siec.py"
    path.write_text(LAYERS.replace(*slip) if slip[0] else LAYERS)
    found = {unit.name.partition(".")[0]: judge_unit(unit, examples=12) for unit in recognise(read(path)).units}
    assert found.keys() == {"Liniowa", "Prog"}
    assert {name for name, report in found.items() if report.verdict is Verdict.DISAGREE} == wrong
