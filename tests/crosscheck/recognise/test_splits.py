"""Tables that are split at a row of their own: a part for the training is left where ours have fewer rows."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.world import Plan, World
from crosscheck.repair.finding import find_repairs
from crosscheck.source import read
from crosscheck.verdicts import Verdict

DIGITS = """
import numpy as np
import pandas as pd

table = np.array(pd.read_csv('digits.csv'))
rows, width = table.shape
np.random.shuffle(table)
kept = {kept}.T
labels, pixels = kept[0], kept[1:width] / 255.0

def encoded(labels):
    made = np.zeros((labels.size, labels.max() + 1))
    made[np.arange(labels.size), labels] = 1
    return made.T

def forward(W, b, X):
    Z = W.dot(X) + b
    return np.exp(Z) / sum(np.exp(Z))

def backward(A, X, labels):
    dZ = A - encoded(labels)
    dW = dZ.dot(X.T) / labels.size
    db = {slope} / labels.size
    return dW, db

W = np.random.rand(10, 784) - 0.5
b = np.random.rand(10, 1) - 0.5
for turn in range(500):
    A = forward(W, b, pixels)
    dW, db = backward(A, pixels, labels)
    W = W - 0.1 * dW
    b = b - 0.1 * db
"""
RIGHT = "np.sum(dZ, axis=1, keepdims=True)"


@pytest.mark.parametrize(("kept", "rows"), [("table[1000:rows]", 10), ("table[0:1000]", 2), ("table[:50000]", 10)])
def test_both_parts_of_a_table_have_rows(tmp_path: Path, kept: str, rows: int) -> None:
    path = tmp_path / "digits.py"
    other = "aside = table[50000:]" if "50000" in kept else "aside = table[0:1000], table[1000:rows]"
    path.write_text(DIGITS.format(kept=kept, slope=RIGHT).replace("labels, pixels", f"{other}\nlabels, pixels"))
    world = World(read(path), Plan()).run()
    assert world.names["labels"].shape == (rows,)
    assert world.names["table"].shape[0] == 12


@pytest.mark.thorough
def test_one_bias_for_all_is_wrong_and_the_repair_keeps_the_column(tmp_path: Path) -> None:
    path = tmp_path / "digits.py"
    splits = "aside = table[0:1000]\nlabels, pixels"
    for slope, verdict in ((RIGHT, Verdict.AGREE), ("np.sum(dZ)", Verdict.DISAGREE)):
        path.write_text(DIGITS.format(kept="table[1000:rows]", slope=slope).replace("labels, pixels", splits))
        (unit,) = recognise(read(path)).units
        report = judge_unit(unit, examples=6)
        assert report.verdict is verdict
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == {"b"}
    best = find_repairs(unit, report, seconds=20.0, seed=0)[0]
    assert best.after.strip() == f"db = {RIGHT} / labels.size"
