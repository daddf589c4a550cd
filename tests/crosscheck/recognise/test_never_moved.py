"""A weight whose gradient is computed, and that no step moves, is told of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

SCRIPT = """import numpy as np
rng = np.random.default_rng(6)
X = rng.normal(size=(40, 4))
Y = np.tanh(X @ rng.normal(size=(4, 2)))
A, B = rng.normal(size=(4, 7)) * 0.4, rng.normal(size=(7, 2)) * 0.4
a = np.zeros(7)
b = np.zeros(2)
for k in range(150):
    H = np.tanh(X @ A + a)
    E = H @ B + b - Y
    loss = 0.5 * np.sum(E ** 2) / len(X)
    gO = E / len(X)
    gB, gb = H.T @ gO, gO.sum(0)
    gH = gO @ B.T * (1 - H * H)
    gA, ga = X.T @ gH, gH.sum(0)
    gX = gH @ A.T
    A -= 0.1 * gA
    B -= 0.1 * gB
    a -= 0.1 * ga
    b -= 0.1 * gb
"""


def faults(folder: Path, code: str) -> list[str]:
    path = folder / "script.py"
    path.write_text(code)
    return [fault.parameter or "" for unit in recognise(read(path)).units for fault in unit.faults]


def test_what_is_never_moved_is_told(tmp_path: Path) -> None:
    assert not faults(tmp_path, SCRIPT)
    assert faults(tmp_path, SCRIPT.replace("    a -= 0.1 * ga\n", "")) == ["a"]


@pytest.mark.parametrize(
    "moved",
    ["    if k > 50:\n        a -= 0.1 * ga\n", "    a = a - 0.1 * ga\n", "    np.subtract(a, 0.1 * ga, out=a)\n"],
)
def test_what_is_moved_otherwise_is_not(tmp_path: Path, moved: str) -> None:
    assert not faults(tmp_path, SCRIPT.replace("    a -= 0.1 * ga\n", moved))


CLASSES = """import numpy as np

class Layer:
    def slope(p):
        return p * (1 - p)

    def train():
        x, y = np.random.randn(9, 3), np.random.rand(9, 1)
        w, v = np.random.randn(3, 4), np.random.randn(4, 1)
        for turn in range(1000):
            h = 1 / (1 + np.exp(-(x @ w)))
            p = 1 / (1 + np.exp(-(h @ v)))
            back = (y - p) * Layer.slope(p)
            before = back @ v.T * Layer.slope(h)
            v += h.T @ back
            w += x.T @ before
"""


@pytest.mark.thorough
def test_methods_without_arguments_are_called_of_their_class(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(CLASSES) == [Verdict.AGREE]
    assert verdicts(CLASSES.replace("Layer.slope(h)", "h")) == [Verdict.DISAGREE]
