"""Methods that set gradients to zero, numbers among them, beside those that add gradients up."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LINEAR = """import numpy as np

class Linear:
    def __init__(self, n):
        self.w, self.b = np.zeros(n), 0.0
        self.reset()

    def reset(self):
        self.dw, self.db = np.zeros_like(self.w), 0.0

    def cost(self, x, y):
        return 0.5 * (self.w @ x + self.b - y) ** 2

    def add(self, x, y):
        e = self.w @ x + self.b - y
        self.dw += e * x
        self.db += e

    def apply(self, rate, n):
        self.w -= rate * self.dw / n
        self.b -= rate * self.db / n
        self.reset()

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
Y = X @ [1.0, 2.0, -1.0] + 0.5
net, total = Linear(3), 0.0
for turn in range(20):
    for start in range(0, 40, 8):
        for x, y in zip(X[start:start + 8], Y[start:start + 8]):
            total += net.cost(x, y)
            net.add(x, y)
        net.apply(0.1, 8)
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [("self.db += e", Verdict.AGREE), ("self.db += 2 * e", Verdict.DISAGREE)],
    ids=["right", "wrong"],
)
def test_numbers_begin_at_zero_as_arrays_do(step: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(LINEAR.replace("self.db += e", step)) == [verdict]
