"""Costs and gradients that are handed the same strength of a penalty, which both may leave out."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

REGULARIZED = """import numpy as np

def predict(X, w, b):
    return 1 / (1 + np.exp(-(X @ w + b)))

def compute_cost(X, y, w, b):
    p = predict(X, w, b)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

def compute_gradient(X, y, w, b):
    e = predict(X, w, b) - y
    return X.T @ e / len(y), np.sum(e) / len(y)

def compute_cost_regularized(X, y, w, b, lambda_=1.0):
    return compute_cost(X, y, w, b) + lambda_ / (2 * len(y)) * np.sum(w ** 2)

def compute_gradient_regularized(X, y, w, b, lambda_=1.0):
    dj_dw, dj_db = compute_gradient(X, y, w, b)
    dj_dw = dj_dw + (lambda_ / len(y)) * w
    return dj_dw, dj_db

def descend(X, y, lambda_=1.0, alpha=0.1, iterations=50):
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    for _ in range(iterations):
        dj_dw, dj_db = compute_gradient_regularized(X, y, w, b, lambda_)
        w -= alpha * dj_dw
        b -= alpha * dj_db
        history.append(compute_cost_regularized(X, y, w, b, lambda_))
    return w, b, history
"""


def test_a_gradient_is_held_against_the_cost_with_its_own_strength(
    verdicts: Callable[[str], list[Verdict]],
) -> None:
    assert set(verdicts(REGULARIZED)) == {Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.parametrize("wrong", ["lambda_ * w", "(lambda_ / len(y)) * b"])
def test_a_penalty_with_a_slip_is_told(verdicts: Callable[[str], list[Verdict]], wrong: str) -> None:
    assert Verdict.DISAGREE in verdicts(REGULARIZED.replace("(lambda_ / len(y)) * w", wrong))
