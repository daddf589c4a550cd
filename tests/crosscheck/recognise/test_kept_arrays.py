"""A constructor is given arrays where its class uses as such what it keeps of its arguments, in a pair or alone."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

FACTORS = """import numpy as np


class Factors:
    def __init__(self, tabelle, breite, rate=0.1):
        self.M = tabelle
        self.rate = rate
        self.ziel = np.log(self.M)
        self.A = np.random.randn(self.M.shape[0], breite) * 0.5
        self.B = np.random.randn(self.M.shape[1], breite) * 0.5

    def cost(self, off):
        return np.sum(off ** 2)

    def train(self, rounds=10):
        for _ in range(rounds):
            off = self.A @ self.B.T - self.ziel
            dA, dB = 2 * off @ self.B, 2 * off.T @ self.A
            self.A -= self.rate * dA
            self.B -= self.rate * dB
            print(self.cost(off))
"""

PAIRED = """import numpy as np


class Doux:
    def __init__(self, entree, sortie, apprentissage):
        self.x_app, self.y_app = apprentissage
        self.nombre = len(self.x_app)
        self.W = np.random.randn(sortie, entree) * 0.5

    def forward(self, x):
        self.x = x
        self.a = np.tanh(np.dot(self.W, x))
        return self.a

    def backward(self, y):
        d = 2 * (self.a - y) * (1 - self.a ** 2)
        self.dW = np.dot(d, self.x.T)
        return np.dot(self.W.T, d)
"""


@pytest.mark.parametrize(
    ("source", "right", "bad", "blamed"),
    [
        (FACTORS, "2 * off @ self.B", "2 * off @ (self.B + 0.1)", "A"),
        (PAIRED, "np.dot(self.W.T, d)", "np.dot(self.W.T, d * self.a)", "x"),
    ],
)
def test_what_is_kept_as_an_array_is_made_up_as_one(
    tmp_path: Path, source: str, right: str, bad: str, blamed: str
) -> None:
    assert right in source
    for code, wrong in ((source, set()), (source.replace(right, bad), {blamed})):
        path = tmp_path / "kept.py"
        path.write_text(code)
        found = recognise(read(path))
        assert not found.skipped
        (unit,) = found.units
        assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
