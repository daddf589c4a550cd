"""Entries that are moved by way of names, and written back when all of them are known."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

FACTORS = """import numpy as np
np.random.seed(0)
R = np.random.rand(5, 6) + 1
P, Q = np.random.rand(5, 2), np.random.rand(2, 6)
rate, decay = 0.01, 0.02
while True:
    for i in range(5):
        for j in range(6):
            e = R[i, j] - P[i, :] @ Q[:, j]
            for k in range(2):
                p = P[i][k] + rate * (2 * e * Q[k][j] - decay * P[i][k])
                q = Q[k][j] + rate * (2 * e * P[i][k] - decay * Q[k][j])
                P[i][k] = p
                Q[k][j] = q
    if np.mean((R - P @ Q) ** 2) < 0.01:
        break
"""


def test_factors_that_are_written_back_together_move_by_their_own_gradients(
    verdicts: Callable[[str], list[Verdict]],
) -> None:
    assert verdicts(FACTORS) == [Verdict.AGREE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("rate * (2 * e * P[i][k]", "rate * (2 * e * Q[k][j]"),
        ("e * Q[k][j] - decay", "e - decay"),
    ],
)
def test_a_slip_in_one_of_them_is_told(verdicts: Callable[[str], list[Verdict]], before: str, after: str) -> None:
    assert verdicts(FACTORS.replace(before, after)) == [Verdict.DISAGREE]


def test_a_factor_that_is_written_back_too_early_is_told(verdicts: Callable[[str], list[Verdict]]) -> None:
    """What the second one moves by is new already."""
    q = "                q = Q[k][j] + rate * (2 * e * P[i][k] - decay * Q[k][j])\n"
    p = "                P[i][k] = p\n"
    assert verdicts(FACTORS.replace(q + p, p + q)) == [Verdict.DISAGREE]
