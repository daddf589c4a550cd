"""Nesterov's momentum takes its gradient where the step leads without it."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

AHEAD = """import numpy as np
X = np.random.RandomState(0).randn(40, 3)
t = X @ np.array([1.0, 2.0, 3.0])
w, v = np.zeros(3), np.zeros(3)
lr, mu = 0.02, 0.9
for k in range(100):
    ahead = w + mu * v
    r = X @ ahead - t
    loss = r @ r / (2 * len(t))
    g = X.T @ r / len(t)
    v = mu * v - lr * g
    w = w + v
"""


def test_a_look_ahead_goes_where_the_step_goes(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(AHEAD) == [Verdict.AGREE]


def test_it_may_be_written_with_the_other_sign(verdicts: Callable[[str], list[Verdict]]) -> None:
    turned = AHEAD.replace("w + mu * v", "w - mu * v").replace("mu * v - lr * g", "mu * v + lr * g")
    assert verdicts(turned.replace("w = w + v", "w = w - v")) == [Verdict.AGREE]


@pytest.mark.parametrize("astray", ["w - mu * v", "w + 0.5 * v"])
def test_a_look_elsewhere_is_told(verdicts: Callable[[str], list[Verdict]], astray: str) -> None:
    assert verdicts(AHEAD.replace("w + mu * v", astray)) == [Verdict.DISAGREE]


HANDED = """
import numpy as np

X = np.random.randn(60, 4)
y = X @ np.array([1.0, 2.0, -1.0, 0.5])

def loss(w):
    return 0.5 * np.mean((X @ w - y) ** 2)

def grad(w):
    return X.T @ (X @ w - y) / len(y)

w, v = np.zeros(4), np.zeros(4)
mu, rate = 0.9, 0.05
for turn in range(60):
    g = grad({place})
    v = mu * v - rate * g
    w = w + v
    print(loss(w))
"""


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ("w", Verdict.AGREE),
        ("w + mu * v", Verdict.AGREE),
        ("w - mu * v", Verdict.DISAGREE),
        ("w + 0.5 * v", Verdict.DISAGREE),
    ],
)
def test_what_a_function_is_handed_lies_where_the_step_leads(
    verdicts: Callable[[str], list[Verdict]], place: str, verdict: Verdict
) -> None:
    assert verdicts(HANDED.format(place=place)) == [verdict]
