"""Turns that take one row of targets: `back = out - y[j]`, whatever the difference is called."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

ROWS = """
import numpy as np
def squash(z):
    return 1 / (1 + np.exp(-z))
X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array({targets})
W, b, V, c = np.random.randn(2, 5), np.zeros((5, 1)), np.random.randn(5, 1), np.zeros((1, 1))
for i in range(50):
    for j in range(4):
        low = W.T @ X[j][:, None] + b
        hidden = squash(low)
        high = V.T @ hidden + c
        out = squash(high)
        {name} = out - y[j]
        dV, dc = np.outer(hidden, {name}), {name}
        d = np.dot(V, {name}) * squash(low) * {slope}
        dW, db = np.outer(X[j], d), d
        V = V - 0.5 * dV
        c = c - 0.5 * dc
        W = W - 0.5 * dW
        b = b - 0.5 * db
"""


@pytest.mark.parametrize("name", ["dz", "back"])
@pytest.mark.parametrize("targets", ["[[0], [1], [1], [0]]", "[0.0, 1, 1, 0]"])
@pytest.mark.parametrize(("slope", "expected"), [("(1 - squash(low))", Verdict.AGREE), ("(1 - low)", Verdict.DISAGREE)])
def test_the_row_is_what_the_output_is_held_against(
    name: str, targets: str, slope: str, expected: Verdict, judged: Judged
) -> None:
    code = ROWS.replace("{name}", name).replace("{targets}", targets).replace("{slope}", slope)
    assert judged(code) == ({expected}, [])
