"""Tables that are written out as lists of lists: rows that are equal, or zero, hide what a step goes by."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.tables_of_symbols import rows_anew
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

UNIT = """
import numpy as np

class Unit:
    def squash(self, x):
        return 1 / (1 + np.exp(-x))

    def train(self, rows, wanted, rate=0.1, rounds=100):
        w1, w2, bias = np.random.uniform(-1, 1), np.random.uniform(-1, 1), np.random.uniform(-1, 1)
        for _ in range(rounds):
            for j in range(len(rows)):
                total = w1 * rows[j][0] + w2 * rows[j][1] + bias
                said = self.squash(total)
                off = wanted[j][0] - said
                w1 = w1 + rate * off * rows[j][0]
                w2 = w2 + rate * off * rows[j][{place}]
                bias = bias + rate * off
        return w1, w2, bias

print(Unit().train([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [0], [0], [1]]))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "verdict"), [(1, Verdict.AGREE), (0, Verdict.DISAGREE)])
def test_a_step_is_held_against_the_target_of_its_own_row(place: int, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(UNIT.format(place=place), "utf-8", Path("x.py"))).units
    found = {t.name: t.verdict for t in judge_unit(unit).tallies}
    assert found == {"w1": Verdict.AGREE, "w2": verdict, "bias": Verdict.AGREE}


@pytest.mark.thorough
def test_a_step_by_the_target_of_another_row_is_not_right() -> None:
    text = UNIT.format(place=1).replace("off = wanted[j][0]", "off = wanted[j - 1][0]")
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert all(judge_unit(unit).verdict is not Verdict.AGREE for unit in units)


def test_rows_are_drawn_among_the_symbols_of_their_table() -> None:
    table, single, floats = [[0, 3], [1, 2]], [[1, 2]], [[0.5, 1.0], [0.1, 0.2]]
    roots = {"table": table, "single": single, "floats": floats}
    found = rows_anew(roots, set(), np.random.default_rng(0))
    assert found.keys() == set(map(id, table))
    assert all(len(row) == 2 and set(row) <= {0, 1, 2, 3} for row in found.values())
    assert rows_anew(roots, {id(table[0])}, np.random.default_rng(0)).keys() == {id(table[1])}


def test_a_row_that_says_which_class_it_is_still_does() -> None:
    table = [[0, 0, 0, 1], [0, 1, 0, 0]]
    found = rows_anew({"table": table}, set(), np.random.default_rng(0))
    assert all(sorted(row) == [0, 0, 0, 1] for row in found.values())
