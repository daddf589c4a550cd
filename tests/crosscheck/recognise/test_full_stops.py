"""A text has full stops, and they are keys of what counts its letters: no attributes."""

from collections.abc import Callable

import pytest

from crosscheck.recognise.leaves import follow
from crosscheck.verdicts import Verdict

LETTERS = """
import numpy as np
text = "le chat mange . le chien dort . " * 9
letters = sorted(set(text))
number = {{c: k for k, c in enumerate(letters)}}
n, size, L = len(letters), 6, 5
W, U, S = np.random.randn(size, n) / 3, np.random.randn(size, size) / 3, np.random.randn(n, size) / 3
h, place = np.zeros(size), 0
for turn in range(40):
    if place + L + 1 > len(text):
        place, h = 0, np.zeros(size)
    xs = [number[c] for c in text[place : place + L]]
    ys = [number[c] for c in text[place + 1 : place + L + 1]]
    states, cout = [], 0
    for x, y in zip(xs, ys):
        before = h
        h = np.tanh(W[:, x] + U @ before)
        e = np.exp(S @ h)
        p = e / e.sum()
        cout += -np.log(p[y])
        states.append((before, h, p))
    dW, dU, dS = [np.zeros_like(m) for m in (W, U, S)]
    dh = np.zeros(size)
    for t in reversed(range(L)):
        before, after, p = states[t]
        d = p.copy()
        d[ys[t]] -= 1
        dS += np.outer(d, after)
        dh += S.T @ d
        back = dh * {slope}
        dU += np.outer(back, before)
        dW[:, xs[t]] {kept} back
        dh = U.T @ back
    for m, g in zip((W, U, S), (dW, dU, dS)):
        m -= 0.05 * g
    if turn % 20 == 0:
        print(turn, cout / L)
    place += L
"""


RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
SQUARE = "(1 - after * after)"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "kept", "verdict"), [(SQUARE, "+=", RIGHT), ("(1 - after)", "+=", WRONG), (SQUARE, "=", WRONG)]
)
def test_a_script_on_letters_is_judged(
    slope: str, kept: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    """Letters come again in what it cuts out of its text, so that what is overwritten shows.

    Its state goes on to the next turn, which is no step; and its loss may be called `cout`.
    """
    assert verdicts(LETTERS.format(slope=slope, kept=kept)) == [verdict]


def test_a_path_leads_through_a_dictionary_of_letters() -> None:
    assert follow({"number": {".": 3, "a": 4}}, ("number", ".")) == 3
