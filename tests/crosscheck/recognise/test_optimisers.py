"""Updates outside of what was judged, in the loop or by a function: right ones are left alone, wrong ones named."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

MODEL = """
import numpy as np

U, c = np.random.randn(5, 3) * 0.1, np.zeros(5)
mU, mc = np.zeros_like(U), np.zeros_like(c)
rate = 0.1

def loss_and_gradients(x, y):
    h = np.tanh(U @ x + c)
    loss = 0.5 * np.sum((h - y) ** 2)
    dz = (h - y) * (1 - h * h)
    dU, dc = np.outer(dz, x), dz
    return loss, dU, dc

"""
IN_THE_LOOP = """
for turn in range(4):
    x, y = np.random.randn(3), np.random.randn(5)
    loss, dU, dc = loss_and_gradients(x, y)
    for p, d, m in zip([U, c], [dU, dc], [mU, mc]):
        {keep}
        {move}
"""
BY_A_FUNCTION = """
weights, memory = [U, c], [mU, mc]

def update(gradients):
    for p, d, m in zip(weights, gradients, memory):
        {keep}
        {move}

for turn in range(4):
    loss, *gradients = loss_and_gradients(np.random.randn(3), np.random.randn(5))
    update(gradients)
"""
ADAGRAD = "p -= rate * d / np.sqrt(m + 1e-8)"
STEPS = {
    "right": ("m += d * d", ADAGRAD, None),
    "momentum": ("m *= 0.9; m += d", "p -= rate * m", None),
    "plain": ("pass", "p -= rate * d", None),
    "not stored": ("m = m + d * d", ADAGRAD, "never changed"),
    "overwritten": ("m[...] = d * d", ADAGRAD, "overwritten"),
    "climbs": ("m += d * d", "p += rate * d / np.sqrt(m + 1e-8)", "climbs"),
    "climbs plainly": ("pass", "p += rate * d", "climbs"),
}


@pytest.mark.parametrize("way", [IN_THE_LOOP, BY_A_FUNCTION], ids=["in the loop", "by a function"])
@pytest.mark.parametrize("step", STEPS)
def test_tells_right_updates_from_wrong_ones(step: str, way: str, tmp_path: Path) -> None:
    keep, move, words = STEPS[step]
    path = tmp_path / "model.py"
    path.write_text(MODEL + way.format(keep=keep, move=move))
    units = recognise(read(path)).units
    assert units
    reports = [judge_unit(unit, examples=6) for unit in units]
    said = [finding.message for report in reports for finding in report.findings if finding.code == "update-differs"]
    is_told = words is not None and not ("climbs" in words and way is BY_A_FUNCTION)  # a function cannot know
    assert bool(said) is is_told, said
    assert all(str(words) in message for message in said)
    assert (Verdict.DISAGREE in {report.verdict for report in reports}) is is_told
