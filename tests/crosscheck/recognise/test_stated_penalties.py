"""A loss that says what large weights cost is not explained away by decay of another strength."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

TURNS = """
import numpy as np
rate, lam = 0.1, 0.3
w, b = np.zeros(4), 0.0
x, y = np.random.randn(6, 4), np.random.randn(6)
for turn in range(9):
    out = np.tanh(x @ w + b)
    cost = 0.5 * np.sum((out - y) ** 2){penalty}
    d = (out - y) * (1 - out ** 2)
    w -= rate * (x.T @ d + {decay} * w)
    b -= rate * np.sum(d)
"""
WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE


@pytest.mark.parametrize(
    ("penalty", "decay", "verdict"),
    [
        (" + 0.5 * lam * np.sum(w ** 2)", "lam", RIGHT),
        (" + 0.5 * lam * np.sum(w ** 2)", "2 * lam", WRONG),
        (" + 0.5 * lam / len(x) * np.sum(w ** 2)", "lam", WRONG),
        ("", "lam", RIGHT),
    ],
)
def test_decay_is_held_against_the_penalty_that_is_stated(penalty, decay, verdict):
    text = TURNS.replace("{penalty}", penalty).replace("{decay}", decay)
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert unit.names.keys() == {"w", "b"}
    report = judge_unit(unit, examples=4)
    assert report.verdict is verdict
    wrong = {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE}
    assert wrong == ({"w"} if verdict is WRONG else set())


ALONE = """
import numpy as np
rate, decay = 0.1, 0.2
x, y = np.random.randn(8, 3), np.random.randn(8)
w = np.random.randn(3)
for turn in range(20):
    miss = x @ w - y
    cost = {cost}
    w -= rate * (2 * x.T @ miss / 8 + {decay} * w)
"""


@pytest.mark.parametrize(
    ("cost", "decay", "verdict"),
    [
        ("np.mean(miss ** 2) + decay * np.sum(w ** 2)", "2 * decay", RIGHT),
        ("np.mean(miss ** 2) + decay * np.sum(w ** 2)", "3 * decay", WRONG),
        ("np.mean(miss ** 2); cost += decay * np.square(w).sum()", "decay", WRONG),
        ("np.mean(miss ** 2); size = np.sum(w ** 2)", "decay", RIGHT),
    ],
)
def test_decay_of_another_strength_is_no_part_of_a_loss_that_has_the_only_weight_squared(cost, decay, verdict):
    text = ALONE.replace("{cost}", cost).replace("{decay}", decay)
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    report = judge_unit(unit, examples=4)
    assert report.verdict is verdict
