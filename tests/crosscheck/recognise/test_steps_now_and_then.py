"""Gradients that a loop adds up over some turns before it takes a step: what each turn adds is judged."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

Verdicts = Callable[[str], list[Verdict]]

ADDED_UP = """
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(120, 5))
y = (X @ np.array([1, -1, 0.5, 0, 2.0]) + 0.2 > 0).astype(float)
w, b = np.zeros(5), 0.0
accumulation, size = 4, 10
gw, gb, n = np.zeros(5), 0.0, 0
for epoch in range(5):
    for i in range(0, 120, size):
        xb, yb = X[i:i + size], y[i:i + size]
        p = 1 / (1 + np.exp(-(xb @ w + b)))
        d = (p - yb) / (size * accumulation)
        gw {adds} {slope}
        gb += d.sum()
        n += 1
        if n == accumulation:
            w -= 0.5 * gw
            b -= 0.5 * gb
            gw, gb, n = np.zeros(5), 0.0, 0
"""
BY_EXAMPLE = """
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(60, 3))
t = X @ np.array([1.0, -2.0, 0.5])
w, sums = np.zeros(3), np.zeros(3)
for epoch in range(5):
    for k, (x, target) in enumerate(zip(X, t)):
        error = w @ x - target
        sums += {slope}
        if (k + 1) % 16 == 0:
            w -= 0.05 * sums
            sums[:] = 0
"""


@pytest.mark.parametrize(
    ("program", "slope", "verdict"),
    [
        (ADDED_UP, "xb.T @ d", Verdict.AGREE),
        (ADDED_UP, "xb.T @ (d * p)", Verdict.DISAGREE),
        (BY_EXAMPLE, "error * x", Verdict.AGREE),
    ],
)
def test_what_a_turn_adds_is_judged(verdicts: Verdicts, program: str, slope: str, verdict: Verdict) -> None:
    assert verdicts(program.replace("{slope}", slope).replace("{adds}", "+=")) == [verdict]


def test_the_loss_of_one_turn_is_not_held_against_a_share_of_its_gradient() -> None:
    code = ADDED_UP.replace("{slope}", "xb.T @ d").replace("{adds}", "+=")
    stated = "d = (p - yb) / (size * accumulation)\n        loss = -np.mean(yb * np.log(p) + (1 - yb) * np.log(1 - p))"
    code = code.replace("d = (p - yb) / (size * accumulation)", stated)
    assert recognise(read_text(code, "utf-8", Path("program.py"))).units == []


def test_what_is_overwritten_is_not_taken_for_a_sum() -> None:
    code = ADDED_UP.replace("{slope}", "xb.T @ d").replace("{adds}", "=")
    assert recognise(read_text(code, "utf-8", Path("program.py"))).units == []  # in a single turn it would look right
