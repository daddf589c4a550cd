"""A gradient that is zero in every case, of a weight that the loss never moves with: it is right by being zero."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ONE_STEP = """
import numpy as np

X, labels = np.random.randn(30, 5), np.random.randint(0, 2, 30)
Whh, Wxh, Why = np.random.randn(6, 6) * 0.3, np.random.randn(6, 5) * 0.3, np.random.randn(2, 6) * 0.3
rate = 0.01
for i, row in enumerate(X):
    x = row.reshape(-1, 1)
    h = {0: np.zeros((6, 1))}
    h[1] = np.tanh(Wxh @ x + Whh @ h[0])
    p = np.exp(Why @ h[1]) / np.exp(Why @ h[1]).sum()
    loss = -np.log(p[labels[i]])
    d_y = p.copy()
    d_y[labels[i]] -= 1
    d_Why = d_y @ h[1].T
    d_h = (Why.T @ d_y) * (1 - h[1] ** 2)
    d_Wxh = d_h @ x.T
    d_Whh = d_h @ h[0].T
    Whh -= rate * d_Whh
    Wxh -= rate * d_Wxh
    Why -= rate * d_Why
    print(loss)
"""


@pytest.mark.parametrize(("state", "expected"), [("h[0].T", Verdict.AGREE), ("h[1].T", None)])
def test_a_single_step_from_a_state_of_nought(
    state: str, expected: Verdict | None, verdicts: Callable[[str], list[Verdict]]
) -> None:
    found = verdicts(ONE_STEP.replace("d_h @ h[0].T", f"d_h @ {state}"))
    assert (found == [expected]) if expected else Verdict.AGREE not in found
