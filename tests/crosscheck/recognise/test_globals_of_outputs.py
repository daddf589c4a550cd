"""Outputs of a forward pass that its backward pass reads as globals of the module, beside what it is handed."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

NET = """
import numpy as np

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 4)), (rng.random(20) > 0.5).astype(float)
W, b, V, c = rng.normal(size=(4, 6)), rng.normal(size=(1, 6)), rng.normal(size=(6, 1)), rng.normal(size=(1, 1))

def forward(X):
    Z = W.T @ X.T + b.T
    A = np.maximum(Z, 0)
    out = 1 / (1 + np.exp(-(V.T @ A + c.T)))
    return Z, A, out

def backward(X, Y, A, out, rate=0.01):
    global W, b, V, c
    late = (out - Y.reshape(1, -1)) / len(X)
    early = V @ late * (Z {over} 0)
    V -= rate * (A @ late.T)
    c -= rate * late.sum(axis=1, keepdims=True)
    W -= rate * (X.T @ early.T)
    b -= rate * early.sum(axis=1, keepdims=True).T

for epoch in range(30):
    Z, A, out = forward(X)
    backward(X, Y, A, out)
"""


@pytest.mark.parametrize(("over", "expected"), [(">", Verdict.AGREE), ("<", Verdict.DISAGREE)], ids=["right", "wrong"])
def test_such_outputs_are_those_of_the_same_call(over: str, expected: Verdict, judged: Judged) -> None:
    verdicts, _ = judged(NET.format(over=over))
    assert verdicts == {expected}
