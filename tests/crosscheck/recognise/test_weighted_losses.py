"""Losses that are multiplied by what somebody is rewarded for, or that count some examples for more."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

BATCH = """import numpy as np

class Policy:
    def __init__(self):
        self.W, self.V = np.random.randn(4, 6) * 0.5, np.random.randn(6, 3) * 0.5

    def gradients(self, X, actions, advantages):
        h = np.tanh(X @ self.W)
        z = h @ self.V
        e = np.exp(z - z.max(1, keepdims=True))
        probs = e / e.sum(1, keepdims=True)
        d = probs.copy()
        d[np.arange(len(X)), actions] -= 1
        d *= advantages[:, None]
        return X.T @ (d @ self.V.T * (1 - h * h)), h.T @ d

np.random.seed(0)
policy = Policy()
for turn in range(10):
    X, actions, advantages = np.random.randn(12, 4), np.random.randint(0, 3, 12), np.random.randn(12)
    dW, dV = policy.gradients(X, actions, advantages)
    policy.W -= 0.01 * dW
    policy.V -= 0.01 * dV
"""
BANDIT = """import numpy as np
rng = np.random.default_rng(0)
paid = rng.normal(size=(4, 3))
theta = np.zeros((4, 3))
for turn in range(100):
    s = rng.integers(4)
    e = np.exp(theta[s] - theta[s].max())
    p = e / e.sum()
    a = rng.choice(3, p=p)
    reward = paid[s, a]
    grad_log = -p
    grad_log[a] += 1
    theta[s] += 0.1 * reward * grad_log
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [(BATCH, "(1 - h * h)", "(1 - h)"), (BANDIT, "theta[s] += 0.1", "theta[s] -= 0.1")],
)
def test_a_policy_is_judged_by_its_rewards(
    verdicts: Callable[[str], list[Verdict]], code: str, right: str, wrong: str
) -> None:
    assert verdicts(code) == [Verdict.AGREE]
    assert verdicts(code.replace(right, wrong)) == [Verdict.DISAGREE]


def test_weights_that_only_some_gradients_hold_are_a_slip(verdicts: Callable[[str], list[Verdict]]) -> None:
    once = BATCH.replace("        d *= advantages[:, None]\n", "").replace(
        "h.T @ d\n", "h.T @ (d * advantages[:, None])\n"
    )
    assert verdicts(once) == [Verdict.DISAGREE]
