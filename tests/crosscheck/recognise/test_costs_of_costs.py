"""Functions that go on from the gradient of a loss that is judged by itself, without a name: `return l, X.T @ ds`."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LINEAR = """
import numpy as np

def hinge(s, y):
    rows = np.arange(len(s))
    margins = np.maximum(0, s - s[rows, y][:, None] + 1.0)
    margins[rows, y] = 0
    dx = (margins > 0).astype(float)
    dx[rows, y] = -dx.sum(axis=1)
    dx /= len(s)
    return margins.sum() / len(s), dx

class Linear:
    def __init__(self, d, c, strength=0.05):
        self.W = 0.1 * np.random.randn(d, c)
        self.strength = strength

    def cost(self, X, y):
        l, ds = hinge(X @ self.W, y)
        l += 0.5 * self.strength * np.sum(self.W * self.W)
        return l, {slope}

    def train(self, X, y, rate=0.1):
        for _ in range(50):
            rows = np.random.choice(len(X), 16)
            l, g = self.cost(X[rows], y[rows])
            self.W -= rate * g
            print(l)

X = np.random.randn(80, 4)
Linear(4, 3).train(X, np.argmax(X[:, :3], 1))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        ("X.T @ ds + self.strength * self.W", Verdict.AGREE),
        ("np.dot(X.T, ds) + self.strength * self.W", Verdict.AGREE),
        ("X.T @ ds + 2 * self.strength * self.W", Verdict.DISAGREE),
        ("X.T.dot(ds)", Verdict.DISAGREE),
    ],
)
def test_both_are_judged(verdicts: Callable[[str], list[Verdict]], slope: str, verdict: Verdict) -> None:
    assert verdicts(LINEAR.format(slope=slope)) == [Verdict.AGREE, verdict]


SMOOTH = """
import numpy as np

class Smooth:
    def __init__(self, k, share=0.1):
        self.k, self.share = k, share

    def loss(self, logits, y):
        z = logits - logits.max(1, keepdims=True)
        logs = z - np.log(np.exp(z).sum(1, keepdims=True))
        q = np.full_like(logs, self.share / self.k)
        q[np.arange(len(y)), y] += 1 - self.share
        self.p, self.q = np.exp(logs), q
        return -(q * logs).sum() / len(y)

    def backward(self):
        return (self.p - self.q) / len(self.p)

W, b = np.random.randn(4, 3) * 0.1, np.zeros(3)
smooth = Smooth(3)
X, y = np.random.randn(40, 4), np.random.randint(0, 3, 40)
for turn in range(30):
    loss = smooth.loss(X @ W + b, y)
    d = smooth.backward()
    g = {"W": X.T @ d, "b": {bias}}
    W -= 0.5 * g["W"]
    b -= 0.5 * g["b"]
    print(loss)
"""


@pytest.mark.parametrize(("bias", "verdict"), [("d.sum(axis=0)", Verdict.AGREE), ("d.mean(axis=0)", Verdict.DISAGREE)])
def test_what_a_loop_makes_of_it_is_judged(
    verdicts: Callable[[str], list[Verdict]], bias: str, verdict: Verdict
) -> None:
    assert verdicts(SMOOTH.replace("{bias}", bias)) == [Verdict.AGREE, verdict]


FEW = """
import numpy as np

def cost(b, m, points):
    return sum((y - (m * x + b)) ** 2 for x, y in points) / len(points)

def step(b, m, points, rate):
    gb = gm = 0
    for x, y in points:
        gb += -(2 / len(points)) * (y - (m * x + b))
    {between}
    for x, y in points:
        gm += -(2 / len(points)) * x * (y - (m * x + b))
    return {b}, m - rate * gm

points = [(1.0, 2.1), (2.0, 3.9), (3.0, 6.2), (4.0, 7.8)]
b = m = 0.0
for turn in range(20):
    b, m = step(b, m, points, 0.01)
print(cost(b, m, points))
"""


@pytest.mark.parametrize(
    ("between", "b", "verdict"),
    [("pass", "b - rate * gb", Verdict.AGREE), ("b = b - rate * gb", "b", Verdict.INCONCLUSIVE)],
)
def test_what_is_returned_with_a_step_and_has_no_gradient_is_named(
    verdicts: Callable[[str], list[Verdict]], between: str, b: str, verdict: Verdict
) -> None:
    assert verdicts(FEW.replace("{between}", between).replace("{b}", b)) == [verdict]
