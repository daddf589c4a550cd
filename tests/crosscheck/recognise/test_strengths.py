"""Penalties whose strength is zero where a file is run, and losses that are more than what bears their name inside."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

MARGINS = """
import numpy as np

def loss_and_gradient(w, X, y, lam):
    z = X @ w
    loss = np.mean(np.log(1 + np.exp(-y * z))) + lam * np.sum(w ** 2)
    gradient = -X.T @ (y / (1 + np.exp(y * z))) / len(y) + 2 * lam * w
    return loss, gradient

X, y = np.random.randn(9, 3), np.sign(np.random.randn(9))
for lam in (0, 0.1, 10):
    w = np.zeros(3)
    for turn in range(50):
        loss, gradient = loss_and_gradient(w, X, y, lam)
        w -= 0.1 * gradient
"""
APART = """
import numpy as np
from scipy.optimize import minimize

class Ridge:
    def __init__(self, strength=1e-3):
        self.strength = strength

    def loss(self, w, X, y):
        loss = np.mean((X @ w - y) ** 2)
        return loss + self.strength * np.sum(w ** 2)

    def gradient(self, w, X, y):
        grad = 2 * X.T @ (X @ w - y) / len(y)
        return grad + 2 * self.strength * w

    def fit(self, X, y):
        self.w = minimize(self.loss, np.zeros(X.shape[1]), (X, y), jac=self.gradient).x
"""


@pytest.mark.parametrize(("slope", "verdict"), [("2 * lam * w", Verdict.AGREE), ("lam * w", Verdict.DISAGREE)])
def test_a_penalty_that_is_switched_off_is_judged(
    slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(MARGINS.replace("2 * lam * w", slope)) == [verdict]


def test_it_is_said_which_strength_was_given_a_number(tmp_path: Path) -> None:
    path = tmp_path / "margins.py"
    path.write_text(MARGINS)
    assert any("lam is 0 where the file calls it" in words for words in recognise(read(path)).assumptions)
    path.write_text(MARGINS.replace("(0, 0.1, 10)", "(0.1, 10)"))
    assert not any("where the file calls it" in words for words in recognise(read(path)).assumptions)


@pytest.mark.parametrize(("penalty", "verdict"), [(" + 2 * self.strength * w", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_what_a_loss_returns_is_more_than_a_part_of_it_with_that_name(
    penalty: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(APART.replace(" + 2 * self.strength * w", penalty)) == [verdict]
