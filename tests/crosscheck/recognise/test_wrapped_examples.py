"""A cost that is handed a table is not tried with a list of that table: of one example, a strength may be right."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

STRENGTH = """
import numpy as np
class Chances:
    def __init__(self, n, C=2.0):
        self.w, self.b, self.C = np.random.randn(n), 0.0, C
    def _loss(self, X, y):
        z = X @ self.w + self.b
        return np.mean(np.logaddexp(0, z) - y * z) + self.w @ self.w / (2 * self.C * len(y))
    def _grad(self, X, y):
        e = 1 / (1 + np.exp(-(X @ self.w + self.b))) - y
        return X.T @ e / len(y) + self.w / {strength}, e.mean()
    def fit(self, X, y):
        for _ in range(20):
            print(self._loss(X, y))
            gw, gb = self._grad(X, y)
            self.w = self.w - 0.1 * gw
            self.b = self.b - 0.1 * gb
X = np.random.randn(30, 4)
Chances(4).fit(X, (X[:, 0] > 0).astype(float))
"""


@pytest.mark.parametrize(("strength", "expected"), [("(self.C * len(y))", Verdict.AGREE), ("self.C", Verdict.DISAGREE)])
def test_a_strength_is_that_of_all_examples(strength: str, expected: Verdict, judged: Judged) -> None:
    assert judged(STRENGTH.replace("{strength}", strength)) == ({expected}, [])
