"""Decay in steps of parameters whose first or last entry is the bias, which does not decay."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LOGISTIC = """import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def fit(X, y, alpha=0.1, strength=0.3, turns=50):
    m, n = X.shape
    theta = np.zeros(n)
    for i in range(turns):
        h = sigmoid(X @ theta)
        gradient = {slope} + strength * theta
        gradient[{place}] -= strength * theta[{place}]
        theta -= alpha * gradient / m
    return theta

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 4))
labels = rng.integers(0, 3, 30)
for k in range(3):
    fit(X, np.where(labels == k, 1.0, 0.0))
"""
RIGHT = "X.T @ (h - y)"


@pytest.mark.parametrize("place", ["0", "-1"], ids=["first", "last"])
@pytest.mark.parametrize(
    ("slope", "verdict"), [(RIGHT, Verdict.AGREE), ("X.T @ (y - h)", Verdict.DISAGREE)], ids=["right", "climbs"]
)
def test_a_bias_among_the_weights_need_not_decay(place: str, slope: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(LOGISTIC.format(place=place, slope=slope)) == [verdict]
