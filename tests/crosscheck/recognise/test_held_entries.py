"""Entries of gradients that a program sets to zero so that they stay as they are."""

from pathlib import Path

import pytest

from crosscheck.explanations import explain
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

WORDS = """
import numpy as np

HELD, keep = (np.arange(7) > 0)[:, None], np.ones(3)
E, V = np.random.randn(7, 4) * 0.3, np.random.randn(4, 3) * 0.3

def loss_and_grads(words, label):
    h = np.tanh(E[words].sum(axis=0))
    z = h @ V
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    loss = -np.log(p[label])
    d = p.copy()
    d[label] -= 1
    grads = {{"V": np.outer(h, d), "E": np.zeros_like(E)}}
    np.add.at(grads["E"], words, (V @ d) * (1 - h ** 2))
    {held}
    return loss, grads

for words, label in [([0, 1, 2, 0], 1), ([0, 3, 4, 0], 0), ([0, 5, 6, 0], 2)]:
    loss, grads = loss_and_grads(words, label)
    E -= 0.1 * grads["E"]
    V -= 0.1 * grads["V"]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ("pass", Verdict.AGREE),
        ('grads["E"][0] = 0', Verdict.INCONCLUSIVE),
        ('grads["E"][:6] = 0', Verdict.INCONCLUSIVE),  # often all of what a case touches
        ('grads["E"][:] = 0', Verdict.DISAGREE),
        ('grads["E"][0] = 0; grads["E"] *= 2', Verdict.DISAGREE),
        ('d *= keep; grads["E"] = grads["E"] * HELD', Verdict.DISAGREE),
        ('grads["E"] = grads["E"] * (np.arange(7) > 0)[:, None]', Verdict.DISAGREE),  # nothing says that it is meant
    ],
)
def test_zeros_that_are_written_may_be_meant(held: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "words.py"
    path.write_text(WORDS.format(held=held))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert report.verdict is verdict
    assert ("entries-held" in [finding.code for finding in report.findings]) == (verdict is Verdict.INCONCLUSIVE)


def test_it_is_explained() -> None:
    assert "padding" in explain("entries-held")
