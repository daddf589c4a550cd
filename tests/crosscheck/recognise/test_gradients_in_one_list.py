"""Functions that return nothing but gradients, number by number: the first of these is no loss."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

NET = """
import itertools
import numpy as np

class Net:
    def __init__(self, n, h):
        self.W, self.V = np.random.randn(n, h), np.random.randn(h, 1)

    def grads(self, x, t):
        h = np.tanh(x @ self.W)
        d = h @ self.V - t
        dV = h.T @ d
        dW = x.T @ (d @ self.V.T * {slope})
        return [g for g in itertools.chain(np.nditer(dW), np.nditer(dV))]
"""


@pytest.mark.parametrize(
    ("slope", "expected"), [("(1 - h**2)", Verdict.AGREE), ("(1 - h)", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_such_gradients_are_held_against_a_loss(slope: str, expected: Verdict, judged: Judged) -> None:
    verdicts, _ = judged(NET.format(slope=slope))
    assert verdicts == {expected}
