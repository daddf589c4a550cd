"""The gradient that a backward pass is handed is not that of the state it began with, though its name would fit."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

CELL = """
import numpy as np

def cell_forward(p, xs, h0):
    h, cache = h0, []
    for x in xs:
        n = np.tanh(p["W"] @ x + p["U"] @ h)
        cache.append((x, h, n))
        h = 0.5 * h + n
    return h, cache

def cell_backward(p, cache, dh):
    g = {k: np.zeros_like(v) for k, v in p.items()}
    for x, h, n in reversed(cache):
        da = dh * (1 - n ** 2)
        g["W"] += np.outer(da, x)
        g["U"] += np.outer(da, h)
        dh = 0.5 * dh + p["U"].T @ da
    return g

p = {"W": np.random.randn(4, 3) * 0.4, "U": np.random.randn(4, 4) * 0.4}
xs, target, h0 = np.random.randn(5, 3), np.random.randn(4), np.zeros(4)
for step in range(40):
    h, cache = cell_forward(p, xs, h0)
    loss = 0.5 * ((h - target) ** 2).sum()
    grads = cell_backward(p, cache, h - target)
    for k in p:
        p[k] -= 0.1 * grads[k]
"""


@pytest.mark.parametrize(
    ("edit", "verdict"),
    [(("", ""), Verdict.AGREE), (("0.5 * dh + p", "dh + p"), Verdict.DISAGREE)],
    ids=["right", "carry"],
)
def test_what_is_handed_down_belongs_to_the_last_state(edit: tuple[str, str], verdict: Verdict) -> None:
    found = recognise(read_text(CELL.replace(*edit), "utf-8", Path("cell.py")))
    pairs = [unit for unit in found.units if unit.name == "cell_forward/cell_backward"]
    assert [judge_unit(unit, examples=4).verdict for unit in pairs] == [verdict]
    assert "h0" not in pairs[0].subject.gradients
