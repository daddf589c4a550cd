"""Activations that a class looks up in a table, by a word that nobody hands to it in the file."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

NET = """
import numpy as np

def tanh(z):
    return np.tanh(z)

def tanh_prime(z):
    return 1 - np.tanh(z) ** 2

def cube(z):
    return z ** 3

def cube_prime(z):
    return 3 * z ** 2

class Net:
    def __init__(self, widths, kind):
        self.W = [np.random.randn(m, n) for m, n in zip(widths, widths[1:])]
        self.b = [np.random.randn(1, n) for n in widths[1:]]
        {table}

    def feedforward(self, x):
        self.a, self.slopes = [x], []
        for W, b in zip(self.W, self.b):
            z = np.dot(self.a[-1], W) + b
            self.a.append(self.f(z))
            self.slopes.append(self.slope(z))
        return self.a[-1]

    def backpropagation(self, wanted, rate):
        d = (self.a[-1] - wanted) * self.slopes[-1]
        for n in range(len(self.W) - 1, -1, -1):
            before = np.dot(d, self.W[n].T) * self.slopes[n - 1] if n else None
            self.W[n] -= rate * self.a[n].T.dot(d){slip}
            self.b[n] -= rate * d.sum(0, keepdims=True)
            d = before

    def train(self, x, y, rate=0.1):
        for turn in range(10):
            self.feedforward(x)
            self.backpropagation(y, rate)
"""
PAIRS = '{"tanh": (tanh, tanh_prime), "cube": (cube, cube_prime)}'


@pytest.mark.thorough
@pytest.mark.parametrize(
    "table", [f"self.known = {PAIRS}; self.f, self.slope = self.known[kind]", f"self.f, self.slope = {PAIRS}.get(kind)"]
)
@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" / 2", Verdict.DISAGREE)])
def test_a_word_is_one_of_those_that_the_table_knows(
    table: str, slip: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdict in verdicts(NET.format(table=table, slip=slip))
