"""The gradient is what a function returns, and not the variable that the better part of it is in."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

SOFTMAX = """
import numpy as np

def loss_of(W, X, y, reg):
    N = len(y)
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(N):
        f = X[i] @ W
        p = np.exp(f - f.max()) / np.exp(f - f.max()).sum()
        loss -= np.log(p[y[i]])
        p[y[i]] -= 1
        dW += np.outer(X[i], p)
    {returned}

np.random.seed(0)
X, y = np.random.randn(30, 4), np.random.randint(3, size=30)
W = 0.01 * np.random.randn(4, 3)
for turn in range(20):
    loss, found = loss_of(W, X, y, 0.1)
    W {used}
"""
LOSS = "return loss / N + reg * np.sum(W * W), "
SUM = "dW / N + 2 * reg * W"
WAYS = {
    "plain": (LOSS + SUM, "-= 0.1 * found"),
    "brackets": ("return (loss + reg * np.sum(W * W)) / N, (dW + 2 * reg * W) / N", "-= 0.1 * found"),
    "named": (f"whole = {SUM}\n    {LOSS}whole", "-= 0.1 * found"),
    "clipped": (f"{LOSS}np.clip({SUM}, -5, 5)", "-= 0.1 * found"),
    "made an array": (f"{LOSS}np.asarray({SUM})", "-= 0.1 * found"),
    "negative": (f"{LOSS}-({SUM})", "+= 0.1 * found"),
    "flat": (f"{LOSS}({SUM}).ravel()", "-= 0.1 * found.reshape(W.shape)"),
    "dictionary": (f"{LOSS}{{'W': {SUM}}}", "-= 0.1 * found['W']"),
    "list": (f"{LOSS}[{SUM}]", "-= 0.1 * found[0]"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("strength", ["reg", "alpha", "learned"])
def test_the_strength_of_a_penalty_is_no_rate(strength: str, verdicts: Callable[[str], list[Verdict]]) -> None:
    code = SOFTMAX.format(returned=WAYS["plain"][0], used=WAYS["plain"][1]).replace("reg", strength)
    assert verdicts(code) == [Verdict.AGREE]
    assert verdicts(code.replace(f"2 * {strength} * W", f"{strength} * W")) == [Verdict.DISAGREE]


@pytest.mark.thorough
@pytest.mark.parametrize("way", WAYS)
def test_a_sum_that_is_returned_is_the_gradient(way: str, verdicts: Callable[[str], list[Verdict]]) -> None:
    returned, used = WAYS[way]
    assert verdicts(SOFTMAX.format(returned=returned, used=used)) == [Verdict.AGREE]


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["plain", "named", "clipped", "dictionary"])
def test_a_wrong_term_of_it_is_found(way: str, verdicts: Callable[[str], list[Verdict]]) -> None:
    returned, used = WAYS[way]
    wrong = returned.replace("2 * reg * W", "reg * W")
    assert wrong != returned
    assert verdicts(SOFTMAX.format(returned=wrong, used=used)) == [Verdict.DISAGREE]


STEP = """
import numpy as np

def step(w, X, y, rate):
    miss = X @ w - y
    loss = np.sum(miss ** 2)
    dw = 2 * X.T @ miss
    return loss, w - rate * dw

w, X, y = np.zeros(3), np.random.randn(9, 3), np.random.randn(9)
for turn in range(9):
    loss, w = step(w, X, y, 0.01)
"""


def test_what_was_moved_is_no_gradient(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert set(verdicts(STEP)) == {Verdict.AGREE}
    assert set(verdicts(STEP.replace("2 * X.T", "X.T"))) == {Verdict.DISAGREE}
