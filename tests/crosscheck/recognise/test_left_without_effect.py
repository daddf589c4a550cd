"""Gradients of what the loss does not depend on as it stands, and ways back that hand nothing on, are told of."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

READER = """
import numpy as np

class Reader:
    names = ("A", "R", "B")

    def __init__(self, n, width):
        self.A, self.R = np.random.randn(n, width) * 0.1, np.random.randn(width, width) * 0.1
        self.B = np.random.randn(width, n) * 0.1
        self.mem = {name: np.zeros_like(getattr(self, name)) for name in self.names}

    def forward(self, x, y, h):
        hs, ps, loss = [h], [], 0.0
        for i, j in zip(x, y):
            {step}
            e = np.exp(h @ self.B)
            hs.append(h)
            ps.append(e / e.sum())
            loss -= np.log(ps[-1][j])
        return loss, hs, ps

    def learn(self, x, y, h):
        loss, hs, ps = self.forward(x, y, h)
        g = {name: np.zeros_like(getattr(self, name)) for name in self.names}
        later = np.zeros_like(h)
        for t in range(len(x) - 1, -1, -1):
            ds = ps[t].copy()
            ds[y[t]] -= 1
            g["B"] += np.outer(hs[t + 1], ds)
            dz = (self.B @ ds + later) * (1 - hs[t + 1] ** 2)
            g["A"][x[t]] += dz
            g["R"] += np.outer(hs[t], dz)
            later = self.R @ dz
        for name in self.names:
            self.mem[name] += g[name] ** 2
            w = getattr(self, name)
            w -= 0.1 * g[name] / np.sqrt(self.mem[name] + 1e-8)
        return loss, hs[-1]

reader, h = Reader(6, 5), np.zeros(5)
for turn in range(4):
    loss, h = reader.learn([0, 3, 2, 5, 1], [3, 2, 5, 1, 0], h)
"""
SCALE = """
import numpy as np

class Scale:
    def __init__(self, n):
        self.gamma = np.random.rand(n)

    def forward(self, x):
        self.x = x
        return self.gamma * np.sin(x)

    def backward(self, d):
        self.dgamma = np.sum(d * np.sin(self.x), axis=0)
        dx = d * self.gamma * np.cos(self.x)
        {end}
"""


def told(code: str) -> tuple[str, set[str]]:
    """Return the verdict on the one unit of a program, and what no gradient was judged of."""
    (unit,) = recognise(read_text(code, "utf-8", Path("program.py"))).units
    return judge_unit(unit, examples=4).verdict.value, set(unit.without)


def test_what_is_moved_and_has_no_part_in_the_loss_is_named() -> None:
    right = "h = np.tanh(self.A[i] + h @ self.R)"
    assert told(READER.replace("{step}", right)) == ("agree", set())
    verdict, without = told(READER.replace("{step}", "pass"))
    assert verdict != "agree"
    assert without == {"A", "R"}


def test_a_gradient_that_is_computed_and_forgotten_is_named() -> None:
    assert told(SCALE.replace("{end}", "return dx")) == ("agree", set())
    assert told(SCALE.replace("{end}", "pass")) == ("inconclusive", {"x"})
