"""A turn takes its step, wherever it asks whether the training is done."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

TURN = """import numpy as np
np.random.seed(1)
X = np.random.randn(12, 3)
y = np.tanh(X @ np.ones((3, 1)))
w, v = np.random.randn(3, 4), np.random.randn(4, 1)
while True:
    h = np.tanh(X @ w)
    o = h @ v
    e = y - o
    dv = h.T @ e
    dw = X.T @ (e @ v.T * (1 - h * h))
    v += 0.1 * dv
    w += 0.1 * dw
    ENDS
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "end",
    [
        "if np.mean(e ** 2) < 100: break",
        "if 0.5 * np.mean(np.abs(e * e)) <= 0.25: break",
        "if not np.mean(e ** 2) > 0.3:\n        print('done')\n        break",
        "if round(float(np.mean(e ** 2)), 1) == 0.4: break",
    ],
)
def test_a_step_is_taken_before_the_turn_ends(verdicts: Callable[[str], list[Verdict]], end: str) -> None:
    code = TURN.replace("ENDS", end)
    assert verdicts(code) == [Verdict.AGREE]
    assert verdicts(code.replace("(1 - h * h)", "(1 - h)")) == [Verdict.DISAGREE]
