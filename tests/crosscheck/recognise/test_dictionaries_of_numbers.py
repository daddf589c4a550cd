"""Biases of users and of items that are kept in dictionaries, a number for each."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RATINGS = """import random
random.seed(5)
ratings = [(u, i, random.choice([1, 2, 3, 4, 5])) for u in range(6) for i in range(5) if random.random() < 0.7]
P = {u: [random.gauss(0, 0.1) for _ in range(3)] for u in range(6)}
Q = {i: [random.gauss(0, 0.1) for _ in range(3)] for i in range(5)}
bu = {u: 0.0 for u in range(6)}
bi = {i: 0.0 for i in range(5)}
lr, reg = 0.01, 0.02
for epoch in range(30):
    sse = 0.0
    for u, i, r in ratings:
        e = r - (3.0 + bu[u] + bi[i] + sum(a * b for a, b in zip(P[u], Q[i])))
        sse += e * e
        bu[u] += lr * (e - reg * bu[u])
        bi[i] += lr * (e - reg * bi[i])
        for k in range(3):
            p, q = P[u][k], Q[i][k]
            P[u][k] += lr * (e * q - reg * p)
            Q[i][k] += lr * (e * p - reg * q)
"""


@pytest.mark.thorough
def test_they_are_judged_as_parameters(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(RATINGS) == [Verdict.AGREE]


@pytest.mark.thorough
@pytest.mark.parametrize("wrong", ["lr * (-e - reg * bu[u])", "lr * (e + reg * bu[u])", "lr * (e - reg * bi[i])"])
def test_a_slip_in_one_of_them_is_told(verdicts: Callable[[str], list[Verdict]], wrong: str) -> None:
    assert Verdict.DISAGREE in verdicts(RATINGS.replace("lr * (e - reg * bu[u])", wrong))
