"""Backward passes that hold the rate: wrong by themselves, and right in the loop that takes away what they return."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

LAYERS = """
import numpy as np

alpha = 0.01

def predict(x, w):
    return x.dot(w.T)

def loss(p, y):
    return ((p - y) ** 2).mean()

def gradient(p, y):
    return p - y

def backward(x, d):
    return d.T.dot(x) * alpha

def tanh(x):
    return np.tanh(x)

def tanh_backward(y, d):
    return d * (1 - y**2)

examples, labels = np.random.randn(7, 3), np.random.rand(7, 2)
inner, outer = np.ones((8, 3)) / 3, np.ones((2, 8)) / 8
for epoch in range(5):
    missed = 0
    for i in range(len(examples)):
        example, label = examples[i : i + 1], labels[i : i + 1]
        hidden = tanh(predict(example, inner))
        prediction = predict(hidden, outer)
        error = loss(prediction, label)
        missed += error
        late = gradient(prediction, label)
        early = tanh_backward({by}, late.dot(outer))
        outer -= backward(hidden, late)
        inner -= backward(example, early)
    print(missed / len(examples))
"""


@pytest.mark.parametrize(("by", "expected"), [("hidden", {Verdict.AGREE}), ("hidden**2", None)], ids=["right", "wrong"])
def test_the_loop_is_judged_beside_such_a_pass(by: str, expected: set[Verdict] | None, judged: Judged) -> None:
    verdicts, skipped = judged(LAYERS.format(by=by))
    if expected:
        assert (verdicts, skipped) == (expected, [])
    else:
        assert Verdict.DISAGREE in verdicts
