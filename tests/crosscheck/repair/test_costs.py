"""Functions that only say what the loss is: no repair edits them."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.repair import find_repairs
from crosscheck.source import read
from tests.crosscheck.repair.programs import line_of

RIDGE = """
import numpy as np

class Ridge:
    def __init__(self, alpha=1.0, eta=0.01, turns=500):
        self.alpha, self.eta, self.turns = alpha, eta, turns

    def _cost(self, X, y):
        r = y - X @ self.theta
        return r @ r + self.alpha * self.theta[1:] @ self.theta[1:]

    def fit(self, X, y):
        X = np.hstack([np.ones((len(X), 1)), X])
        self.theta = np.zeros(X.shape[1])
        self.costs = []
        for i in range(self.turns):
            r = y - X @ self.theta
            grad = -2 * X.T @ r
            grad[1:] += self.alpha * self.theta[1:]
            self.theta -= self.eta * grad / len(y)
            self.costs.append(self._cost(X, y))

X = np.random.normal(size=(50, 3))
Ridge().fit(X, X @ [1., 2., 3.] + 4)
"""


@pytest.mark.thorough
def test_a_cost_that_a_loop_notes_is_no_backward_pass(tmp_path: Path) -> None:
    """None of its lines is edited, and what is made up of it has no text of its own."""
    (tmp_path / "ridge.py").write_text(RIDGE)
    (unit,) = recognise(read(tmp_path / "ridge.py")).units
    cost = range(line_of("r = y - X @ self.theta", RIDGE), line_of("def fit", RIDGE))
    assert not unit.editable & set(cost)
    best = find_repairs(unit, seconds=30, seed=0)[0]
    assert best.after == "grad[1:] += 2 * self.alpha * self.theta[1:]"
