"""Numbers that are to be raised, and numbers that are to be lowered: steps that go the other way are wrong."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
STRENGTHS = """
import numpy as np
rng = np.random.default_rng(1)
games = [tuple(rng.choice(5, 2, replace=False)) for _ in range(40)]
s = rng.normal(size=5)
for turn in range(50):
    g = np.zeros(5)
    ll = 0.0
    for winner, loser in games:
        p = 1 / (1 + np.exp(s[loser] - s[winner]))
        ll {total} np.log(p)
        g[winner] += 1 - p
        g[loser] -= 1 - p
    s = s {sign} 0.05 * g
    print(turn, ll)
"""
POLICY = """
import numpy as np
rng = np.random.default_rng(2)
th = rng.normal(size=(3, 4)) * 0.1
for episode in range(30):
    states, actions = rng.normal(size=(6, 3)), rng.integers(0, 4, 6)
    returns = rng.normal(size=6)
    J, g = 0.0, np.zeros_like(th)
    for x, a, gain in zip(states, actions, returns):
        e = np.exp(x @ th)
        p = e / e.sum()
        J += gain * np.log(p[a])
        y = np.zeros(4)
        y[a] = 1
        g += gain * np.outer(x, y - p)
    th {sign} 0.01 * g
    print({label}, J)
"""
LOGGED = """
import numpy as np
rng = np.random.default_rng(6)

class Agent:
    def __init__(self, d, k):
        self.w, self.lr, self.log = np.zeros((d, k)), 0.02, []

    def policy(self, s):
        e = np.exp(s @ self.w)
        return e / e.sum()

    def train(self, path, gamma=0.95):
        g = np.zeros_like(self.w)
        obj, ret = 0.0, 0.0
        for s, a, r in path[::-1]:
            ret = r + gamma * ret
            p = self.policy(s)
            obj += ret * np.log(p[a])
            y = np.zeros(len(p))
            y[a] = 1
            g += ret * np.outer(s, y - p)
        self.w += self.lr * g
        self.log.append(obj)

agent = Agent(3, 2)
for episode in range(20):
    agent.train([(rng.normal(size=3), int(rng.integers(2)), rng.normal()) for step in range(6)])
"""
COUNTS = """
import numpy as np
rng = np.random.default_rng(3)
Z = rng.normal(size=(60, 2)) * 0.4
n = rng.poisson(np.exp(0.2 + Z @ np.array([0.6, -0.4])))
b, b0, ll_hist = np.zeros(2), 0.0, []
for turn in range(30):
    lam = np.exp(b0 + Z @ b)
    ll_hist.append(np.sum(n * np.log(lam) - lam))
    gb = Z.T @ (n - lam)
    g0 = np.sum(n - lam)
    b = b {sign} 0.005 * gb
    b0 = b0 {sign} 0.005 * g0
"""
ARMS = """
import numpy as np
rng = np.random.default_rng(4)
payoff = rng.normal(size=4)
h = np.zeros(4)
for turn in range(100):
    p = np.exp(h - h.max())
    p = p / p.sum()
    J = p @ payoff
    grad = p * (payoff - J)
    h = h {sign} 0.3 * grad
    print(turn, {label}J)
"""
COST = """
import numpy as np
rng = np.random.default_rng(5)
X = rng.normal(size=(30, 3))
y = (X[:, 0] > 0).astype(float)
w = np.zeros(3)
for turn in range(40):
    p = 1 / (1 + np.exp(-X @ w))
    J = {terms}
    dw = {way}X.T @ (p - y) / len(y)
    w {sign} 0.1 * dw
    print(turn, J)
"""
ENTROPY = "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"


def filled(program: str, **parts: str) -> str:
    """Return a program with some parts in their places."""
    for name, part in parts.items():
        program = program.replace("{" + name + "}", part)
    return program


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        (filled(STRENGTHS, total="+=", sign="+"), RIGHT),
        (filled(STRENGTHS, total="+=", sign="-"), WRONG),
        (filled(POLICY, sign="+=", label="'reward'"), RIGHT),
        (filled(POLICY, sign="-=", label="'reward'"), WRONG),
        (filled(POLICY, sign="+=", label="'episode', episode"), RIGHT),
        (LOGGED, RIGHT),
        (filled(COUNTS, sign="+"), RIGHT),
        (filled(COUNTS, sign="-"), WRONG),
        (filled(ARMS, sign="+", label=""), RIGHT),
        (filled(ARMS, sign="-", label="'expected reward', "), WRONG),
        (filled(COST, terms=ENTROPY, way="", sign="-="), RIGHT),
        (filled(COST, terms=ENTROPY, way="", sign="+="), WRONG),
        (filled(COST, terms=ENTROPY, way="-", sign="-="), WRONG),
    ],
)
def test_steps_go_the_way_that_a_number_is_to_go(
    program: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(program)) == {verdict}


VALUES = """
import numpy as np
rng = np.random.default_rng(0)
W, v, c = rng.normal(size=(3, 6)) * 0.3, rng.normal(size=6) * 0.3, 0.0
gamma, lr = 0.9, 0.02

def value(s):
    h = np.tanh(s @ W)
    return h @ v + c, h

for episode in range(20):
    s = rng.normal(size=3)
    for step in range(6):
        behind = 0.8 * s + 0.3 * rng.normal(size=3)
        reward = -np.abs(behind).sum()
        V, h = value(s)
        target = reward + gamma * value(behind)[0]
        delta = target - V
        loss = 0.5 * delta ** 2
        dh = -delta * v {slope}
        v = v - lr * (-delta * h)
        c = c - lr * -delta
        W = W - lr * np.outer(s, dh)
        s = behind
    print(episode, loss)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("slope", "verdict"), [("* (1 - h ** 2)", RIGHT), ("* (1 - h)", WRONG), ("", WRONG)])
def test_nobody_goes_back_through_a_discounted_value(
    slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(VALUES.replace("{slope}", slope))) == {verdict}


OLD = """
import numpy as np

def step(theta, X, a, adv, logp_old):
    Z = X @ theta
    logp = Z - np.log(np.exp(Z).sum(1, keepdims=True))
    n = np.arange(len(a))
    ratio = np.exp(logp[n, a] - logp_old)
    loss = -np.mean(ratio * adv)
    dlogp = -adv * ratio / len(a)
    hot = np.zeros_like(logp)
    hot[n, a] = 1
    return loss, X.T @ (dlogp[:, None] * (hot - {taken}))

rng = np.random.default_rng(0)
theta = rng.normal(size=(4, 3)) * 0.3
for turn in range(10):
    X, a, adv = rng.normal(size=(20, 4)), rng.integers(0, 3, 20), rng.normal(size=20)
    L, g = step(theta, X, a, adv, np.full(20, -1.1))
    theta -= 0.1 * g
"""


@pytest.mark.parametrize(("taken", "verdict"), [("np.exp(logp)", RIGHT), ("logp", WRONG)])
def test_a_gradient_belongs_to_what_it_is_called_after(
    taken: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    """`dlogp` is that of `logp`, which is computed, and not of `logp_old`, which is handed over."""
    assert verdicts(OLD.replace("{taken}", taken)) == [verdict]
