"""Functions that stand beside their gradients, as exercises in going downhill have them, each with a slip as well."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

LATENT = """
import numpy as np
A, prices = np.random.randn(30, 3), np.random.randn(30)
theta = np.random.randn(3)
def cost(t):
    return np.mean((A @ t - prices) ** 2)
def cost_grad(t):
    return 2 * A.T @ (A @ t - prices) / len(prices)
for step in range(30):
    theta -= 0.05 * cost_grad(theta)
print(cost(theta))
"""
TERMS = """
import numpy as np
A, prices = np.random.randn(30, 3), np.random.randn(30)
theta = np.random.randn(3)
terms = [
    (lambda w: np.mean((A @ w - prices) ** 2), lambda w: 2 * A.T @ (A @ w - prices) / len(prices)),
    (lambda w: 0.3 * w @ w, lambda w: 0.6 * w),
]
def total(w):
    return sum(f(w) for f, _ in terms)
def total_grad(w):
    return sum(g(w) for _, g in terms)
for step in range(30):
    theta -= 0.05 * total_grad(theta)
print(total(theta))
"""
VALLEY = """
import numpy as np
def valley(x):
    return np.sum(5.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
def valley_der(x):
    out = np.zeros_like(x)
    out[:-1] = -20 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    out[1:] += 10 * (x[1:] - x[:-1] ** 2)
    return out
x = np.array([1.3, 0.7, 0.8, 1.9])
for turn in range(100):
    x = x - 1e-3 * valley_der(x)
print(valley(x))
"""
SUBSCRIPTS = """
def f(x, y):
    return (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2
def fx(x, y):
    return 4 * x * (x ** 2 + y - 11) + 2 * (x + y ** 2 - 7)
def fy(x, y):
    return 2 * (x ** 2 + y - 11) + 4 * y * (x + y ** 2 - 7)
x, y = -1.0, 2.0
for turn in range(30):
    gx, gy = fx(x, y), fy(x, y)
    x -= 0.01 * gx
    y -= 0.01 * gy
print(f(x, y))
"""
LAMBDAS = """
import numpy as np
f, df = lambda x: (x - 3) ** 2 + 2 * np.sin(x), lambda x: 2 * (x - 3) + 2 * np.cos(x)
x = 0.5
for turn in range(30):
    x = x - 0.05 * df(x)
    print(f(x))
"""
HANDED = """
import numpy as np
from scipy.optimize import minimize
X, counts = np.random.randn(50, 3), np.random.poisson(3.2, size=50)
def neg_log_lik(beta):
    eta = X @ beta
    return np.sum(np.exp(eta) - counts * eta)
def score(beta):
    return X.T @ (np.exp(X @ beta) - counts)
print(minimize(neg_log_lik, np.zeros(3), jac=score).x)
"""
MAP = """
import numpy as np
def strain(Y, D):
    far = Y @ Y.T - D
    return np.sum(far ** 2)
def strain_gradient(Y, D):
    far = Y @ Y.T - D
    return 2 * (far + far.T) @ Y
D = np.random.rand(8, 8)
Y = np.random.randn(8, 2)
for turn in range(20):
    Y -= 0.01 * strain_gradient(Y, D)
print(strain(Y, D))
"""
PARTICLES = """
import numpy as np
class Normal:
    def __init__(self, mu, A):
        self.mu, self.A = mu, A
    def logprob(self, theta):
        d = theta - self.mu
        return -0.5 * np.sum(d @ self.A * d, axis=1)
    def dlogprob(self, theta):
        return -1 * (theta - self.mu) @ self.A
model = Normal(np.array([-0.69, 0.80]), np.array([[0.2260, 0.1652], [0.1652, 0.6779]]))
x = np.random.normal(0, 1, [10, 2])
for turn in range(50):
    x = x + 0.01 * model.dlogprob(x)
print(model.logprob(x))
"""
EXPRESSED = """
import numpy as np
def pinball(y, q, tau):
    e = y - q
    return np.mean(np.maximum(tau * e, (tau - 1) * e))
def pinball_grad(X, y, beta, tau):
    e = y - X @ beta
    return -X.T @ np.where(e > 0, tau, tau - 1) / len(y)
X, y = np.random.randn(40, 2), np.random.randn(40)
beta, tau = np.zeros(2), 0.3
for turn in range(20):
    beta -= 0.01 * pinball_grad(X, y, beta, tau)
print(pinball(y, X @ beta, tau))
"""
DISTANCES = """
import numpy as np
def triplet_loss(L, a, p, n):
    near, far = L @ (a - p), L @ (a - n)
    return max(0.0, near @ near - far @ far + 9.0)
def triplet_grad(L, a, p, n):
    if triplet_loss(L, a, p, n) <= 0:
        return np.zeros_like(L)
    dp, dn = a - p, a - n
    return 2 * (L @ np.outer(dp, dp) - L @ np.outer(dn, dn))
L = np.random.randn(2, 4) * 0.3
for turn in range(30):
    a, p, n = np.random.randn(4), np.random.randn(4), np.random.randn(4)
    L -= 0.02 * triplet_grad(L, a, p, n)
"""
SHARED = PARTICLES.replace("-1 * (theta - self.mu)", "(theta - self.mu)").replace(
    "x = x + 0.01 * model.dlogprob(x)", "model.mu = model.mu + 0.01 * model.dlogprob(x).mean(0)"
)
"""The same rows, by the mean that all of them share"""
PROGRAMS = {
    "its one argument is called like targets": (LATENT, ("2 * A.T", "3 * A.T")),
    "nothing but a common word": (TERMS, ("0.6 * w", "-0.6 * w")),
    "der": (VALLEY, ("out[1:] += 10", "out[1:] += 5")),
    "subscripts": (SUBSCRIPTS, ("4 * y *", "2 * y *")),
    "lambdas": (LAMBDAS, ("+ 2 * np.cos", "- 2 * np.cos")),
    "handed to what minimises": (HANDED, ("- counts)\nprint", "+ counts)\nprint")),
    "moved by its callers": (MAP, ("2 * (far + far.T)", "(far + far.T)")),
    "one for each row": (PARTICLES, ("-1 * (theta", "-2 * (theta")),
    "one for each row, of what they share": (SHARED, ("return (theta", "return 2 * (theta")),
    "of what a caller makes": (EXPRESSED, ("tau, tau - 1) / len", "tau, 1 - tau) / len")),
    "distances within": (DISTANCES, ("- L @ np.outer(dn, dn))", "+ L @ np.outer(dn, dn))")),
}


@pytest.mark.parametrize(("code", "slip"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_is_judged(code: str, slip: tuple[str, str], judged: Judged) -> None:
    assert code.count(slip[0]) == 1
    assert judged(code) == ({Verdict.AGREE}, [])
    verdicts, left = judged(code.replace(*slip))
    assert Verdict.DISAGREE in verdicts
    assert not left


def test_what_a_value_is_handed_and_its_gradient_is_not_may_be_made_of_anything(judged: Judged) -> None:
    """Nothing says what `q` is: by `tau` alone it is no gradient."""
    code = EXPRESSED.replace("X @ beta, tau))", "y + 1, tau))")
    assert judged(code) == (set(), ["pinball_grad"])


RANKED = """
import numpy as np
class Ranking:
    def __init__(self, users, items, k):
        self.P, self.Q = np.random.randn(users, k), np.random.randn(items, k)
    def loss(self, u, i, j):
        return np.log(1 + np.exp(-self.P[u] @ (self.Q[i] - self.Q[j])))
    def update(self, u, i, j):
        s = 1 / (1 + np.exp(self.P[u] @ (self.Q[i] - self.Q[j])))
        p, better, worse = self.P[u].copy(), self.Q[i].copy(), self.Q[j].copy()
        self.P[u] += 0.05 * s * (better - worse)
        self.Q[i] += 0.05 * s * p
        self.Q[j] -= 0.05 * s * p
ranking = Ranking(5, 9, 3)
for u, i, j in [(0, 3, 2), (0, 7, 1), (0, 6, 6)]:
    print(ranking.loss(u, i, j))
    ranking.update(u, i, j)
"""


@pytest.mark.parametrize(
    ("step", "expected"), [("better - worse", Verdict.AGREE), ("worse - better", Verdict.DISAGREE)]
)
def test_a_call_with_the_same_row_twice_shows_less_than_others(step: str, expected: Verdict, judged: Judged) -> None:
    verdicts, left = judged(RANKED.replace("(better - worse)", f"({step})"))
    assert (verdicts, left) == ({expected}, [])
