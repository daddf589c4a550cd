"""Worked examples: steps that give parameters new names, networks of single numbers, and states started off before."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

ON_PAPER = """
import math

i1, i2, goal1, goal2, lr = 0.05, 0.10, 0.01, 0.99, 0.5
w1, w2, w3, w4, b1 = 0.15, 0.20, 0.25, 0.30, 0.35
w5, w6, w7, w8, b2 = 0.40, 0.45, 0.50, 0.55, 0.60

def squash(z):
    return 1 / (1 + math.exp(-z))

h1, h2 = squash(w1 * i1 + w2 * i2 + b1), squash(w3 * i1 + w4 * i2 + b1)
o1, o2 = squash(w5 * h1 + w6 * h2 + b2), squash(w7 * h1 + w8 * h2 + b2)
total = 0.5 * (goal1 - o1) ** 2 + 0.5 * (goal2 - o2) ** 2
e1, e2 = -(goal1 - o1) * o1 * (1 - o1), -(goal2 - o2) * o2 * (1 - o2)
w5_new = w5 - lr * e1 * h1
w6_new = w6 - lr * e1 * h2
w7_new = w7 - lr * e2 * h1
w8_new = w8 - lr * e2 * h2
f1 = (e1 * w5 + e2 * w7) * h1 * (1 - h1)
f2 = (e1 * w6 + e2 * w8) * h2 * (1 - h2)
w1_new = w1 - lr * f1 * i1
w2_new = w2 - lr * f1 * i2
w3_new = w3 - lr * f2 * i1
w4_new = w4 - lr * f2 * i2
print(w1_new, w2_new, w3_new, w4_new, w5_new, w6_new, w7_new, w8_new)
"""

UNROLLED = """
import numpy as np

x1, x2, x3, goal = 0.5, -0.1, 0.8, 0.4
wx, wh, wy = 0.3, 0.7, -0.5
h0 = 0.0
h1 = np.tanh(wx * x1 + wh * h0)
h2 = np.tanh(wx * x2 + wh * h1)
h3 = np.tanh(wx * x3 + wh * h2)
y = wy * h3
L = 0.5 * (y - goal) ** 2
dL_dy = y - goal
dL_dwy = dL_dy * h3
dL_dz3 = dL_dy * wy * (1 - h3 ** 2)
dL_dz2 = dL_dz3 * wh * (1 - h2 ** 2)
dL_dz1 = dL_dz2 * wh * (1 - h1 ** 2)
dL_dwx = dL_dz3 * x3 + dL_dz2 * x2 + dL_dz1 * x1
dL_dwh = dL_dz3 * h2 + dL_dz2 * h1 + dL_dz1 * h0
print(dL_dwx, dL_dwh, dL_dwy)
"""

STARTED_BEFORE = """
import numpy as np

inputs, targets, size = [0, 1, 2, 0, 1], [1, 2, 0, 1, 2], 3
Wx, Wh, b = np.random.randn(4, size) * 0.5, np.random.randn(4, 4) * 0.5, np.zeros(4)
V, c = np.random.randn(size, 4) * 0.5, np.zeros(size)
h_before = np.zeros(4)
states, shares, losses = [], [], []
for t in range(len(inputs)):
    x = np.eye(size)[inputs[t]]
    h = np.tanh(Wx @ x + Wh @ h_before + b)
    p = np.exp(V @ h + c) / np.sum(np.exp(V @ h + c))
    states.append(h)
    shares.append(p)
    losses.append(-np.log(p[targets[t]]))
    h_before = h
loss = sum(losses)
dWx, dWh, db, dV, dc = [np.zeros_like(one) for one in (Wx, Wh, b, V, c)]
later = np.zeros(4)
for t in reversed(range(len(inputs))):
    goal = np.zeros(size)
    goal[targets[t]] = 1
    d = shares[t] - goal
    dV += np.outer(d, states[t])
    dc += d
    dz = (V.T @ d + Wh.T @ later) * (1 - states[t] ** 2)
    dWx += np.outer(dz, np.eye(size)[inputs[t]])
    dWh += np.outer(dz, states[t - 1] if t > 0 else np.zeros(4))
    db += dz
    later = dz
"""


def verdict_of(code):
    (unit,) = recognise(read_text(code, "utf-8", Path("example.py"))).units
    return judge_unit(unit, examples=12).verdict, set(unit.names)


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (ON_PAPER, "(e1 * w6 + e2 * w8)", "(e1 * w6 + e2 * w7)"),
        (ON_PAPER, "w7_new = w7 - lr * e2 * h1", "w7_new = w7 + lr * e2 * h1"),
        (ON_PAPER, "w3_new = w3 - lr * f2 * i1", "w3_new = w2 - lr * f2 * i1"),
        (UNROLLED, "dL_dz2 * h1", "dL_dz2 * h2"),
        (UNROLLED, " + dL_dz1 * x1", ""),
        (STARTED_BEFORE, "later = dz", "later = dz * 0.5"),
        (STARTED_BEFORE, "states[t - 1] if", "states[t] if"),
    ],
)
def test_a_worked_example_is_judged_as_a_turn_of_training(code, right, wrong):
    assert right in code
    names = {"w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"} if code is ON_PAPER else set()
    verdict, judged = verdict_of(code)
    assert verdict is Verdict.AGREE
    assert judged >= names
    assert verdict_of(code.replace(right, wrong))[0] is Verdict.DISAGREE
