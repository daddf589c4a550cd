"""Gradients that are added up in globals: each call is judged as if the ones before had left nothing."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LETTERS = """
import numpy as np

text = open("verses.txt").read()
letters = sorted(set(text))
size, hidden = len(letters), 20
U, W = np.random.randn(hidden, size) * 0.1, np.random.randn(hidden, hidden) * 0.1
V = np.random.randn(size, hidden) * 0.1
dU, dW, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V)

def step(inputs, targets, h):
    global dU, dW, dV
    xs, hs, ps, loss = {}, {-1: h}, {}, 0
    for t, k in enumerate(inputs):
        xs[t] = np.eye(size)[:, [k]]
        hs[t] = np.tanh(U @ xs[t] + W @ hs[t - 1])
        ps[t] = np.exp(V @ hs[t]) / np.exp(V @ hs[t]).sum()
        loss -= np.log(ps[t][targets[t], 0])
    later = np.zeros_like(h)
    for t in reversed(range(len(inputs))):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dV += dy @ hs[t].T
        dz = (1 - hs[t] ** 2) * (V.T @ dy + later)
        dU += dz @ xs[t].T
        dW += dz @ hs[t - 1].T
        later = W.T @ dz
    return loss, dU, dW, dV, hs[len(inputs) - 1]

codes, h, squares = [letters.index(c) for c in text], np.zeros((hidden, 1)), [np.zeros_like(w) for w in (U, W, V)]
for place in range(0, 500, 10):
    loss, dU, dW, dV, h = step(codes[place:place + 10], codes[place + 1:place + 11], h)
    for w, d, square in zip([U, W, V], [dU, dW, dV], squares):
        square += d ** 2
        w -= 0.1 * d / np.sqrt(square + 1e-8)
"""


def test_what_earlier_calls_have_left_is_no_part_of_a_gradient(tmp_path: Path) -> None:
    path = tmp_path / "letters.py"
    path.write_text(LETTERS)
    units = {unit.name: unit for unit in recognise(read(path)).units}
    report = judge_unit(units["step"], examples=6)
    assert report.verdict is Verdict.AGREE
    assert "accumulates" in [finding.code for finding in report.findings]
    path.write_text(LETTERS.replace("(V.T @ dy + later)", "(V.T @ dy)"))
    assert judge_unit(recognise(read(path)).units[0], examples=6).verdict is Verdict.DISAGREE
