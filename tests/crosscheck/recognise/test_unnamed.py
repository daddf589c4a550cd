"""Losses that are computed without a name: the whole of which a part has one, the sum that a mean is returned of."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

CODER = """
import numpy as np

X = np.random.rand(20, 6)
A, B = np.random.randn(6, 9) * 0.3, np.random.randn(9, 6) * 0.3
{weight} = 0.01
for turn in range(50):
    z = X @ A
    h = z * (z > 0)
    y = h @ B
    cost = 0.5 * np.sum((y - X) ** 2) / len(X)
    dy = (y - X) / len(X)
    dB = h.T @ dy
    dh = dy @ B.T + {slope} / len(X)
    dA = X.T @ (dh * (z > 0))
    A -= 0.1 * dA
    B -= 0.1 * dB
    if turn % 10 == 0:
        print(turn, {shown})
"""
STEPPING = """
import numpy as np

class Ratio:
    def __init__(self):
        self.w = np.random.randn(5)

    def step(self, X, t):
        e = X @ self.w - t
        squares, beyond = 0.5 * np.sum(e ** 2), 0.25 * np.sum(self.w ** 4)
        dw = X.T @ e + {slope}
        {moves}
        return {returned} / len(X)

Ratio().step(np.random.randn(7, 5), np.random.randn(7))
"""


def verdict(path: Path, text: str) -> Verdict:
    (path / "program.py").write_text(text)
    (unit,) = recognise(read(path / "program.py")).units
    return judge_unit(unit, examples=12).verdict


@pytest.mark.parametrize(
    ("weight", "slope", "shown", "expected"),
    [
        ("lam", "lam * np.sign(h)", "cost + lam * np.abs(h).sum() / len(X)", Verdict.AGREE),
        ("lam", "2 * lam * np.sign(h)", "cost + lam * np.abs(h).sum() / len(X)", Verdict.DISAGREE),
        ("lam", "lam * np.sign(h)", "cost", Verdict.DISAGREE),
        ("offset", "offset * np.sign(h)", "cost + offset * np.abs(h).sum() / len(X)", Verdict.DISAGREE),
    ],
)
def test_what_is_shown_with_a_penalty_may_be_the_whole_loss(
    weight: str, slope: str, shown: str, expected: Verdict, tmp_path: Path
) -> None:
    assert verdict(tmp_path, CODER.format(weight=weight, slope=slope, shown=shown)) is expected


@pytest.mark.parametrize(
    ("slope", "moves", "returned", "expected"),
    [
        ("self.w ** 3", "self.w -= 0.1 * dw", "(squares + beyond)", Verdict.AGREE),
        ("self.w ** 2", "self.w -= 0.1 * dw", "(squares + beyond)", Verdict.DISAGREE),
        ("self.w ** 3", "self.w -= 0.1 * dw", "squares", Verdict.DISAGREE),
        ("self.w ** 3", "self.dw = dw", "(squares + beyond)", Verdict.DISAGREE),
    ],
)
def test_who_takes_the_steps_itself_may_report_the_mean_of_what_it_minimises(
    slope: str, moves: str, returned: str, expected: Verdict, tmp_path: Path
) -> None:
    assert verdict(tmp_path, STEPPING.format(slope=slope, moves=moves, returned=returned)) is expected
