"""Sentences that a turn takes apart itself are handed over with words that come twice: their rows must add up."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

BAG = """
import numpy as np

reviews = [("lovely quiet room", 1), ("cold food late", 0), ("quiet view lovely food", 1), ("late room", 0)]
number = {{}}
for said, _ in reviews:
    for word in said.split():
        number.setdefault(word, len(number))
rng = np.random.default_rng(0)
E, u = rng.normal(0, 0.1, (len(number), 6)), rng.normal(0, 0.1, 6)
for epoch in range(50):
    total = 0.0
    for said, y in reviews:
        ids = [number[word] for word in said.split()]
        h = E[ids].mean(axis=0)
        p = 1 / (1 + np.exp(-(h @ u)))
        total -= y * np.log(p) + (1 - y) * np.log(1 - p)
        d = p - y
        dE = np.zeros_like(E)
        {add}
        du = d * h
        E -= 0.5 * dE
        u -= 0.5 * du
    print(total)
"""


@pytest.mark.parametrize(
    ("add", "verdict"),
    [
        ("np.add.at(dE, ids, d * u / len(ids))", Verdict.AGREE),
        ("dE[ids] += d * u / len(ids)", Verdict.DISAGREE),
    ],
)
def test_rows_of_words_that_come_again_add_up(
    verdicts: Callable[[str], list[Verdict]], add: str, verdict: Verdict
) -> None:
    assert verdicts(BAG.format(add=add)) == [verdict]
