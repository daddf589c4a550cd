"""Turns that move rows of what they read in an inner loop, and what is seen of turns that pass over everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.pairing import added_up_in, update_pairs
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
SAMPLED = """
import numpy as np
rng = np.random.RandomState(3)
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
V, D, K = 9, 5, 4
W = rng.randn(V, D) * 0.2
C = rng.randn(V, D) * 0.2
words = [0, 3, 1, 4, 2, 5, 3, 6, 8, 7, 0, 1]
losses = []
for epoch in range(4):
    loss = 0.0
    for place, centre in enumerate(words):
        for off in range(-2, 3):
            if off == 0 or not 0 <= place + off < len(words):
                continue
            context = words[place + off]
            v = W[centre].copy()
            dv = np.zeros(D)
            s = sigmoid(C[context] @ v)
            loss -= np.log(s)
            dv += (s - 1) * C[context]
            C[context] -= 0.05 * (s - 1) * v
            for n in rng.randint(0, V, K):
                s = sigmoid(C[n] @ v)
                loss -= np.log(1 - s)
                {steps}
            W[centre] -= 0.05 * dv
    losses.append(loss)
"""
BEFORE, BEHIND = "dv += s * C[n]; C[n] -= 0.05 * s * v", "C[n] -= 0.05 * s * v; dv += s * C[n]"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("steps", "verdict"),
    [(BEFORE, RIGHT), (BEFORE.replace("-= 0.05", "= C[n] - 0.05"), RIGHT), (BEHIND, WRONG),
     (BEFORE.replace("s * v", "s"), WRONG)],
)  # fmt: skip
def test_words_that_are_drawn_are_moved_by_what_they_were_before(
    verdicts: Callable[[str], list[Verdict]], steps: str, verdict: Verdict
) -> None:
    assert verdicts(SAMPLED.format(steps=steps)) == [verdict]


def test_what_is_added_up_in_a_turn_is_no_velocity() -> None:
    tree = read_text(SAMPLED.format(steps=BEFORE), "utf-8", Path("x.py")).tree
    assert "dv" in added_up_in(tree)
    assert ("W", "dv") in update_pairs(tree)
    assert ("W", "C") not in update_pairs(tree)


RATED = """
import numpy as np
np.random.seed(7)
X = np.random.poisson(3, (6, 6)).astype(float)
cells = list(zip(*np.nonzero(X)))
W, U = np.random.randn(6, 3) * 0.2, np.random.randn(6, 3) * 0.2
a, c = np.zeros(6), np.zeros(6)
for epoch in range(20):
    cost = 0
    for i, j in cells:
        weight = min(1.0, (X[i, j] / 5) ** 0.75)
        off = W[i] @ U[j] + a[i] + c[j] - np.log(X[i, j])
        cost += 0.5 * weight * off ** 2
        g = weight * off
        dW, dU = g * U[j], g * W[i]
        W[i] -= 0.05 * dW
        U[j] -= 0.05 * dU
        a[i] -= 0.05 * g
        c[j] -= 0.05 * {of_c}
    print(cost)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("of_c", "verdict"), [("g", RIGHT), ("off", WRONG), ("-g", WRONG)])
def test_counts_stay_counts_of_which_logarithms_are_taken(
    verdicts: Callable[[str], list[Verdict]], of_c: str, verdict: Verdict
) -> None:
    assert verdicts(RATED.format(of_c=of_c)) == [verdict]


ENTRIES = """
import numpy as np
np.random.seed(4)
R = np.array([[5, 3, 0, 1], [4, 0, 0, 1], [1, 1, 0, 5], [1, 0, 0, 4], [0, 1, 5, 4]], dtype=float)
P, Q = np.random.rand(5, 3), np.random.rand(4, 3)
lr, reg = 0.01, 0.02
for epoch in range(20):
    for u, i in np.argwhere(R > 0):
        e = R[u, i] - P[u] @ Q[i]
        for f in range(3):
            p, q = P[u, f], Q[i, f]
            P[u, f] = p + lr * (2 * e * q - reg * p)
            Q[i, f] = q + lr * (2 * e * {by} - reg * q)
"""


@pytest.mark.parametrize(("by", "verdict"), [("p", RIGHT), ("q", WRONG)])
def test_entries_that_get_two_names_at_once_are_moved_by_them(
    verdicts: Callable[[str], list[Verdict]], by: str, verdict: Verdict
) -> None:
    assert verdicts(ENTRIES.format(by=by)) == [verdict]
