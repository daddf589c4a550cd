"""Networks that lie in lists of the module: functions bind them anew, and what they are held against is a local."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text

FLOWERS = """
import csv, math, random

sizes = [4, 6, 3]
weights, sums, outs = [], [], []

def load():
    with open("flowers.data") as file:
        return [[float(cell) for cell in row[:4]] for row in csv.reader(file)]

def forward(row):
    global sums, outs
    sums, outs = [row], [row]
    for n in range(2):
        z = [sum(weights[n][i][j] * outs[-1][j] for j in range(sizes[n])) for i in range(sizes[n + 1])]
        sums.append(z)
        outs.append([math.tanh(v) for v in z])

def backward(kind):
    wanted = [-1.0] * 3
    wanted[kind] = 1.0
    last = [(1 - math.tanh(sums[2][i]) ** 2) * (outs[2][i] - wanted[i]) for i in range(3)]
    first = []
    for j in range(6):
        back = sum(weights[1][i][j] * last[i] for i in range(3))
        first.append(back * (1 - math.tanh({where}[1][j]) ** 2))
    for n, delta in enumerate((first, last)):
        for i in range(sizes[n + 1]):
            for j in range(sizes[n]):
                weights[n][i][j] = weights[n][i][j] - 0.02 * delta[i] * outs[n][j]

def main():
    global weights
    rows = load()
    weights = [[[random.random() - 0.5 for _ in range(sizes[n])] for _ in range(sizes[n + 1])] for n in range(2)]
    picked = [50 * k + i for k in range(3) for i in range(20)]
    for turn in range(4000):
        j = random.choice(picked)
        forward(rows[j])
        backward(j // 50)

main()
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("where", "verdict"), [("sums", "agree"), ("outs", "disagree")])
def test_a_network_in_global_lists_is_judged_by_rows_far_down_a_file(where: str, verdict: str) -> None:
    (unit,) = recognise(read_text(FLOWERS.replace("{where}", where), "utf-8", Path("x.py"))).units
    assert unit.name.startswith("main, the loop")
    assert judge_unit(unit, examples=4).verdict.value == verdict
