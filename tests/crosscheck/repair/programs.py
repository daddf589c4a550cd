"""A small program in the shape that most people start from, and slips to plant in it."""

from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import oracle_of
from crosscheck.source import read
from crosscheck.trees import flatten

PROGRAM = '''\
"""Predicts the next letter. Größe: klein."""
import numpy as np

text = open('poem.txt').read()
letters = sorted(set(text))
number = {letter: place for place, letter in enumerate(letters)}
vocabulary, hidden, steps = len(letters), 50, 20
U = np.random.randn(hidden, vocabulary) * 0.01
W = np.random.randn(hidden, hidden) * 0.01
V = np.random.randn(vocabulary, hidden) * 0.01
b = np.zeros((hidden, 1))
c = np.zeros((vocabulary, 1))


def cost(inputs, targets, start):
    x, h, p = {}, {}, {}
    h[-1] = np.copy(start)
    loss = 0
    for t in range(len(inputs)):
        x[t] = np.zeros((vocabulary, 1))
        x[t][inputs[t]] = 1
        h[t] = np.tanh(np.dot(U, x[t]) + np.dot(W, h[t - 1]) + b)
        o = np.dot(V, h[t]) + c
        p[t] = np.exp(o) / np.sum(np.exp(o))
        loss -= np.log(p[t][targets[t], 0])
    dU, dW, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V)
    db, dc = np.zeros_like(b), np.zeros_like(c)
    later = np.zeros_like(h[0])
    for t in reversed(range(len(inputs))):
        do = np.copy(p[t])
        do[targets[t]] -= 1
        dV += np.dot(do, h[t].T)
        dc += do
        dh = np.dot(V.T, do) + later  # größer
        dz = (1 - h[t] * h[t]) * dh
        db += dz
        dU += np.dot(dz, x[t].T)
        dW += np.dot(dz, h[t - 1].T)
        later = np.dot(W.T, dz)
    for gradient in [dU, dW, dV, db, dc]:
        np.clip(gradient, -5, 5, out=gradient)
    return loss, dU, dW, dV, db, dc, h[len(inputs) - 1]


place = 0
state = np.zeros((hidden, 1))
while True:
    if place + steps + 1 >= len(text):
        place, state = 0, np.zeros((hidden, 1))
    inputs = [number[letter] for letter in text[place:place + steps]]
    targets = [number[letter] for letter in text[place + 1:place + steps + 1]]
    loss, dU, dW, dV, db, dc, state = cost(inputs, targets, state)
    for parameter, gradient in zip([U, W, V, b, c], [dU, dW, dV, db, dc]):
        parameter -= 0.1 * gradient
    place += steps
'''


def planted(*slips: tuple[str, str]) -> str:
    """Return the program with texts replaced, each of which it must hold."""
    code = PROGRAM
    for right, wrong in slips:
        assert right in code, right
        code = code.replace(right, wrong, 1)
    return code


def line_of(text: str, code: str = PROGRAM) -> int:
    return code[: code.index(text)].count("\n") + 1


KNOWN: dict[bytes, dict[int, Any]] = {}
"""The derivatives of the program's forward, found once for all tests: no slip is planted there.

By the numbers of a first case: the weights of a case are as large as those that the program learned, and what a slip
lets it learn may be something else.
"""


def differentiated_once(unit: Unit) -> Unit:
    """Let a unit of the program share what is known of the forward with those that are tried in the same cases."""
    _, leaves = zip(*flatten(unit.cases.build(unit.cases.draw(0, 0)).arguments), strict=True)
    oracle_of(unit).known = KNOWN.setdefault(b"".join(np.asarray(leaf).tobytes() for leaf in leaves), {})
    return unit


def unit_of(code: str, folder: Path, name: str = "letters.py") -> Unit:
    path = folder / name
    path.write_text(code, encoding="utf-8")
    (unit,) = recognise(read(path)).units
    return differentiated_once(unit)
