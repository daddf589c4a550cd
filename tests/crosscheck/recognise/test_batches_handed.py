"""A cost that the program hands all rows is that of a turn with the rows of this turn."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RIDGE = """
import numpy as np

class Ridge:
    def __init__(self, alpha=0.1, rate=0.01, epochs=5, size=16):
        self.alpha, self.rate, self.epochs, self.size = alpha, rate, epochs, size
        self.costs = []

    def cost(self, X, y):
        miss = X @ self.w + self.b - y
        return miss @ miss / (2 * len(y)) + 0.5 * self.alpha * self.w @ self.w

    def fit(self, X, y):
        n, d = X.shape
        self.w, self.b = np.random.randn(d), 0.0
        for epoch in range(self.epochs):
            order = np.random.permutation(n)
            for start in range(0, n, self.size):
                rows = {rows}
                {taken}
                gw = -few.T @ miss / len(miss){decay}
                gb = -miss.mean()
                self.w -= self.rate * gw
                self.b -= self.rate * gb
            self.costs.append(self.cost(X, y))

X = np.random.randn(40, 3)
Ridge().fit(X, X @ np.array([1.0, -2.0, 0.5]) + 3)
"""
ORDER, CHOSEN = "order[start : start + self.size]", "np.random.choice(n, self.size)"
APART = "few, of_few = X[rows], y[rows]; miss = of_few - (few @ self.w + self.b)"
AT_ONCE = "few = X[rows]; miss = y[rows] - (X[rows] @ self.w + self.b)"
DECAY = " + self.alpha * self.w"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("rows", "taken", "decay", "verdict"),
    [
        (ORDER, APART, DECAY, Verdict.AGREE),
        (CHOSEN, APART, DECAY, Verdict.AGREE),
        (ORDER, AT_ONCE, DECAY, Verdict.AGREE),
        (ORDER, APART, " + 2 *" + DECAY[2:], Verdict.DISAGREE),
        (ORDER, APART, "", Verdict.DISAGREE),
        (ORDER, APART.replace("of_few -", "of_few +"), DECAY, Verdict.DISAGREE),
    ],
    ids=["order", "chosen", "at once", "twice the decay", "no decay", "sign"],
)
def test_a_cost_is_handed_the_rows_of_the_turn(
    rows: str, taken: str, decay: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(RIDGE.format(rows=rows, taken=taken, decay=decay)) == [verdict]


MEAN = """
import numpy as np

class Line:
    def __init__(self, d):
        self.p = {{"w": np.random.randn(d), "b": np.zeros(1)}}

    def loss_and_gradients(self, x, y):
        p, g = self.p, {{}}
        miss = x @ p["w"] + p["b"] - y
        g["w"], g["b"] = 2 * x.T @ miss, 2 * miss.sum(keepdims=True)
        return miss @ miss / len(x), g

    def train(self, X, Y, rate=0.01, size=8):
        for start in range(0, len(X), size):
            x, y = X[start : start + size], Y[start : start + size]
            loss, g = self.loss_and_gradients(x, y)
            for name in self.p:
                self.p[name] -= rate * g[name]{factor}
            print(loss)

X = np.random.randn(40, 3)
Line(3).train(X, X.sum(axis=1))
"""


@pytest.mark.parametrize(
    ("factor", "verdict"), [(" / len(x)", Verdict.AGREE), ("", Verdict.DISAGREE), (" / 7", Verdict.DISAGREE)]
)
def test_a_factor_that_gradients_lack_may_be_in_the_steps(
    factor: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(MEAN.format(factor=factor)) == [verdict]
