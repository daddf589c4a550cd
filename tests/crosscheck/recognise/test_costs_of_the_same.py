"""A cost that is handed just what a gradient is handed is that gradient's own."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

SCRIPT = """import numpy as np
X = np.random.RandomState(0).randn(25, 3)
Y = (X @ np.array([[1.0], [2.0], [-1.0]]) > 0) * 1.0

def cost(w, c):
    z = X @ w + c
    return np.mean(np.log1p(np.exp(-z)) + (1 - Y) * z) + 0.05 * np.sum(w ** 2)

def gradient(w, c):
    z = X @ w + c
    r = 1 / (1 + np.exp(-z)) - Y
    return X.T @ r / len(X) + 0.1 * w, np.mean(r)

w, c = np.zeros((3, 1)), 0.0
for turn in range(50):
    now = cost(w, c)
    gw, gc = gradient(w, c)
    w = w - 0.5 * gw
    c = c - 0.5 * gc
"""


def test_a_penalty_that_only_the_cost_has_is_a_slip(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(SCRIPT) == [Verdict.AGREE]
    assert verdicts(SCRIPT.replace(" + 0.1 * w, np", ", np")) == [Verdict.DISAGREE]


def test_a_penalty_in_the_steps_is_as_good(verdicts: Callable[[str], list[Verdict]]) -> None:
    stepped = SCRIPT.replace(" + 0.1 * w, np", ", np").replace("w - 0.5 * gw", "w - 0.5 * (gw + 0.1 * w)")
    assert Verdict.DISAGREE not in verdicts(stepped)
