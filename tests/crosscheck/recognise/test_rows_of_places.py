"""Ratings as rows of two places and a number, gone through in either way, with or without a compiler of loops."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RATED = """
import numpy as np
from numba import jit, prange

@jit(nopython=True)
def predicted(i, j, P, Q, bu):
    return bu[i] + np.dot(P[i, :], Q[:, j])

@jit
def sgd(x, P, Q, bu, alpha, beta):
    {loop}
        e = v - predicted(i, j, P, Q, bu)
        Pi = P[i, :].copy()
        P[i, :] += alpha * (e * Q[:, j] - beta * P[i, :])
        Q[:, j] += alpha * (e * {factor} - beta * Q[:, j])
        bu[i] += alpha * (e - beta * bu[i])
"""
DIRECTLY = "for i, j, v in x:"
BY_PLACE = "for n in prange(len(x)):\n        i, j, v = x[n]"


@pytest.mark.thorough
@pytest.mark.parametrize("loop", [DIRECTLY, BY_PLACE])
@pytest.mark.parametrize(("factor", "verdict"), [("Pi", Verdict.AGREE), ("2 * Pi", Verdict.DISAGREE)])
def test_rows_are_made_up(loop: str, factor: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(RATED.format(loop=loop, factor=factor), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=5).verdict is verdict


def test_what_a_missing_library_makes_of_a_function_is_the_function(tmp_path: Path) -> None:
    code = RATED.format(loop=DIRECTLY, factor="Pi").replace("from numba import jit, prange", "from faster import jit")
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=5).verdict is Verdict.AGREE


def test_what_is_no_function_in_the_end_is_passed_over(tmp_path: Path) -> None:
    code = RATED.format(loop=DIRECTLY, factor="Pi") + "\nimport faster\nsgd = faster.compiled(sgd, 'parallel')\n"
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    assert not recognise(read(tmp_path / "program.py")).units
