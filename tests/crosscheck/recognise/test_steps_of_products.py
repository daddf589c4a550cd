"""Methods that move weights by products of their own, whatever they are called: none of them passes in silence."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

NET = """
import numpy as np

def logistic(x):
    return 1 / (1 + np.exp(-x))

def slope(x):
    return logistic(x) * (1 - logistic(x))

class Net:
    def __init__(self, given, wanted, rate=0.5):
        self.given, self.wanted, self.rate, self.loss = given, wanted, rate, None
        self.inner, self.outer = np.random.randn(given.shape[1], 4), np.random.randn(4, wanted.shape[1])

    def {ahead}(self):
        self.raw = self.given @ self.inner
        self.hidden = logistic(self.raw)
        self.shown = self.hidden @ self.outer
        self.out = logistic(self.shown)

    def {back}(self):
        missed = self.out - self.wanted
        self.loss = np.sum(missed**2) / 2
        late = missed * slope(self.{shown})
        early = slope(self.{raw}) * np.dot(late, self.outer.T)
        self.outer -= np.dot(self.hidden.T, late) * self.rate
        self.inner -= np.dot(self.given.T, early) * self.rate

    def fit(self, turns, until=None):
        if until is not None:
            while self.loss > until:
                self.{ahead}()
                self.{back}()
        else:
            for _ in range(turns):
                self.{ahead}()
                self.{back}()

if __name__ == "__main__":
    Net(np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])).fit(1000)
"""
NAMES = [("passagem_frente", "passagem_tras"), ("ira", "volta")]


@pytest.mark.parametrize(("ahead", "back"), NAMES, ids=["named", "nameless"])
@pytest.mark.parametrize(
    ("shown", "raw", "expected"),
    [("shown", "raw", {Verdict.AGREE}), ("out", "hidden", {Verdict.DISAGREE})],
    ids=["right", "wrong"],
)
def test_such_a_method_is_judged(
    ahead: str, back: str, shown: str, raw: str, expected: set[Verdict], judged: Judged
) -> None:
    verdicts, _ = judged(NET.format(ahead=ahead, back=back, shown=shown, raw=raw))
    assert verdicts == expected
