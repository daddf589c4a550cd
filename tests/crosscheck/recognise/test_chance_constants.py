"""A rate that makes up for a mean by chance: half of four rows, at a rate of a half."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

XOR = """
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
W1, b1, W2, b2 = np.random.rand(2, 4), np.zeros((1, 4)), np.random.rand(4, 1), np.zeros((1, 1))

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

learning_rate = 0.5
for epoch in range(5000):
    hidden = sigmoid(np.dot(X, W1) + b1)
    output = sigmoid(np.dot(hidden, W2) + b2)
    loss = np.mean((y - output) ** 2)
    output_delta = (y - output) * output * (1 - output)
    hidden_delta = np.dot(output_delta, W2.T) * {slope}
    W2 += learning_rate * np.dot(hidden.T, output_delta)
    b2 += learning_rate * np.sum(output_delta, axis=0, keepdims=True)
    W1 += learning_rate * np.dot(X.T, hidden_delta)
    b1 += learning_rate * np.sum(hidden_delta, axis=0, keepdims=True)
    print(loss)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "verdict"), [("hidden * (1 - hidden)", Verdict.AGREE), ("(1 - hidden)", Verdict.DISAGREE)]
)
def test_a_constant_that_fits_by_chance_is_no_rate(
    slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(XOR.format(slope=slope)) == [verdict]
