"""Losses of what is chosen: policies that are moved by a reward, and choices between two whose loss nobody states."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

BANDIT = """
import numpy as np

class Gambler:
    def __init__(self, arms, rate=0.1):
        self.arms, self.rate = arms, rate
        self.H = np.zeros(arms)
        self.mean, self.count = 0.0, 0

    def policy(self):
        e = np.exp(self.H - self.H.max())
        return e / e.sum()

    def update(self, action, reward):
        self.count += 1
        self.mean += (reward - self.mean) / self.count
        probs = self.policy()
        {step}
"""
AT_ONCE = "self.H += self.rate * (reward - self.mean) * (np.eye(self.arms)[action] - probs)"
ONE_BY_ONE = """for a in range(self.arms):
            if a == action:
                self.H[a] += self.rate * (reward - self.mean) * (1 - probs[a])
            else:
                self.H[a] -= self.rate * (reward - self.mean) * probs[a]"""
PLAYED = """
arms = np.random.randn(4)
player = Gambler(4)
for turn in range(50):
    chosen = np.random.choice(4, p=player.policy())
    player.update(chosen, arms[chosen] + np.random.randn())
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (AT_ONCE, Verdict.AGREE),
        (AT_ONCE.replace(" - probs", " + probs"), None),
        (ONE_BY_ONE, Verdict.AGREE),
        (ONE_BY_ONE.replace("(1 - probs[a])", "probs[a]"), None),
        (ONE_BY_ONE.replace("(1 - probs[a])", "(1 - self.policy()[a])").replace("* probs", "* self.policy()"), None),
    ],
)
@pytest.mark.parametrize("driver", ["", PLAYED])
def test_a_policy_is_moved_by_what_was_gained(
    step: str, expected: Verdict | None, driver: str, found_in: Callable[[str], set[Verdict]]
) -> None:
    found = found_in(BANDIT.replace("{step}", step) + driver)
    assert found == {expected} if expected else Verdict.AGREE not in found


RANKING = """
import numpy as np

class Ranking:
    def __init__(self, users, items, k=6, rate=0.05, reg=0.01):
        self.P, self.Q = np.random.normal(0, 0.1, (users, k)), np.random.normal(0, 0.1, (items, k))
        self.rate, self.reg = rate, reg

    def fit(self, triples, epochs=3):
        for epoch in range(epochs):
            for u, i, j in triples:
                x = self.P[u] @ (self.Q[i] - self.Q[j])
                preferred = 1 / (1 + np.exp({sign}x))
                user = {copy}
                self.P[u] += self.rate * ({share} * (self.Q[i] - self.Q[j]) - self.reg * self.P[u])
                self.Q[i] += self.rate * ({share} * user - self.reg * self.Q[i])
                self.Q[j] += self.rate * ({last} * user - self.reg * self.Q[j])
"""
PAIRS = """
triples = [(u, i, j) for u in range(4) for i in range(5) for j in range(5) if i != j]
Ranking(4, 5).fit(triples)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("-", "self.P[u].copy()", "(1 - preferred)", "-(1 - preferred)"), Verdict.AGREE),
        (("", "self.P[u].copy()", "preferred", "-preferred"), Verdict.AGREE),
        (("-", "self.P[u]", "(1 - preferred)", "-(1 - preferred)"), Verdict.DISAGREE),
        (("-", "self.P[u].copy()", "(1 - preferred)", "(1 - preferred)"), Verdict.DISAGREE),
    ],
)
@pytest.mark.parametrize("driver", ["", PAIRS])
def test_the_likelihood_of_the_preferred_one_is_a_loss(
    parts: tuple[str, str, str, str], expected: Verdict, driver: str, found_in: Callable[[str], set[Verdict]]
) -> None:
    program = RANKING
    for name, part in zip(("sign", "copy", "share", "last"), parts, strict=True):
        program = program.replace("{" + name + "}", part)
    assert found_in(program + driver) == {expected}


@pytest.fixture
def found_in(verdicts: Callable[[str], list[Verdict]]) -> Callable[[str], set[Verdict]]:
    """Return the verdicts on a program; none where something in it is not judged."""

    def of(code: str) -> set[Verdict]:
        try:
            return set(verdicts(code))
        except AssertionError:
            return set()

    return of
