"""Gradients that a comprehension takes from a call where it moves what it is called with."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

LAYERS = """
import numpy as np
class Net:
    def __init__(self, sizes):
        self.layers = [(np.random.randn(a, b) * 0.5, np.zeros(b)) for a, b in zip(sizes, sizes[1:])]
    def __call__(self, x):
        self.a = [x]
        for n, (w, b) in enumerate(self.layers):
            z = self.a[-1] @ w + b
            self.a.append(np.tanh(z) if n < len(self.layers) - 1 else z)
        return self.a[-1]
    def gradient(self, d):
        found = []
        for n in range(len(self.layers) - 1, -1, -1):
            found.append((self.a[n].T @ d, d.sum(0)))
            if n:
                d = d @ self.layers[n][0].T * (1 - self.a[n]{power})
        return found[::-1]
net, X, Y = Net([5, 7, 6, 3]), np.random.randn(20, 5), np.random.randn(20, 3)
for turn in range(50):
    out = net(X)
    loss = np.sum((out - Y) ** 2) / len(X)
    net.layers = [
        (w - 0.3 * dw, b - 0.3 * db)
        for (w, b), (dw, db) in zip(net.layers, net.gradient(2 * (out - Y) / len(X)))
    ]
"""


@pytest.mark.parametrize(("power", "expected"), [(" ** 2", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_they_are_judged_as_if_they_had_a_name(power: str, expected: Verdict, judged: Judged) -> None:
    assert judged(LAYERS.replace("{power}", power)) == ({expected}, [])
