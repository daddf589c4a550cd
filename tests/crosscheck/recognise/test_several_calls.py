"""Backward passes that a file calls more than once, and functions that only cut gradients off."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read

TWICE = """
import numpy as np

def squash(v):
    return np.tanh(v)

def along(x, U, R):
    h, out, tape = np.zeros(len(R)), [], []
    for t in range(len(x)):
        before, h = h, squash(U @ x[t] + R @ h)
        tape.append((x[t], before, h))
        out.append(h)
    return np.array(out), tape

def along_backward(dout, U, R, tape):
    dU, dR, later = np.zeros_like(U), np.zeros_like(R), 0
    for t in reversed(range(len(tape))):
        x, before, h = tape[t]
        dz = (dout[t] + later) * (1 - h ** 2)
        dU, dR, later = dU + np.outer(dz, x), dR + np.outer(dz, before), R.T @ dz
    return dU, dR

U, R = np.random.randn(6, 3), np.random.randn(6, 6)
out, tape = along(np.random.randn(5, 3), U, R)
along_backward(np.random.randn(5, 6), U, R, tape)
one = np.zeros((60, 6))
one[-1] = 1.0
out, tape = along(np.random.randn(60, 3), U, R)
along_backward(one, U, R, tape)
"""
CUTS = """
import numpy as np

class Line:
    def __init__(self):
        self.w, self.c = np.random.randn(1, 3), np.zeros((1, 1))
        self.dw, self.dc = np.zeros((1, 3)), np.zeros((1, 1))

    def forward(self, xs):
        return [self.w @ x + self.c for x in xs]

    def loss_of(self, made, wanted):
        return sum(0.5 * np.sum((m - w) ** 2) for m, w in zip(made, wanted))

    def backward(self, xs, made, wanted):
        self.dw, self.dc = np.zeros_like(self.w), np.zeros_like(self.c)
        for x, m, w in zip(xs, made, wanted):
            self.dw += (m - w) @ x.T
            self.dc += m - w

    def clip_gradients(self, bound=5.0):
        for grad in [self.dw, self.dc]:
            np.clip(grad, -bound, bound, out=grad)

    def learn(self, xs, wanted, rate):
        made = self.forward(xs)
        loss = self.loss_of(made, wanted)
        self.backward(xs, made, wanted)
        self.clip_gradients()
        self.w -= rate * self.dw
        self.c -= rate * self.dc
        return loss

line = Line()
print(line.learn(list(np.random.randn(5, 3, 1)), list(np.random.randn(5, 1, 1)), 0.1))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "slip", "units"),
    [
        (TWICE, ("", ""), {"along/along_backward": {"U": "agree", "R": "agree"}}),
        (TWICE, ("(dz, before)", "(dz, h)"), {"along/along_backward": {"U": "agree", "R": "disagree"}}),
        (CUTS, ("", ""), {"Line.learn": {"w": "agree", "c": "agree"}}),
    ],
    ids=["right", "wrong", "clips"],
)
def test_one_of_several_calls_is_judged_and_no_clip(
    tmp_path: Path, code: str, slip: tuple[str, str], units: dict[str, dict[str, str]]
) -> None:
    path = tmp_path / "module.py"
    path.write_text(code.replace(*slip))
    found = recognise(read(path)).units
    told = {u.name: {t.name: str(t.verdict) for t in judge_unit(u, examples=6).tallies} for u in found}
    assert {name: {k: v for k, v in own.items() if k != "x"} for name, own in told.items()} == units
