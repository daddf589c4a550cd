"""Steps that are told by what stands beside them: arrays of one size, rates in a list, totals, other gradients."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

SAMPLED = """import numpy as np
def sigmoid(x): return 1 / (1 + np.exp(-x))
def sampled(v, outside, others, U):
    z, zk = sigmoid(U[outside] @ v), sigmoid(U[others] @ v)
    loss = -np.log(z) - np.log(1 - zk).sum()
    gU = np.zeros_like(U)
    gU[outside] += (z - 1) * v
    for k, n in enumerate(others):
        gU[n] += zk[k] * v
    return loss, (z - 1) * U[outside] + zk @ U[others], gU
rng = np.random.default_rng(0)
V = rng.normal(size=(11, 6)) * 0.3
U = rng.normal(size=(11, 6)) * 0.3
words = rng.integers(0, 11, 80)
for epoch in range(3):
    total = 0
    for i in range(1, 80):
        others = rng.integers(0, 11, 5)
        loss, gv, gU = sampled(V[words[i]], words[i - 1], others, U)
        V[words[i]] -= 0.1 * gv
        U -= 0.1 * gU
        total += loss
    print(epoch, total / 79)
"""


def test_an_array_of_the_same_size_is_no_memory_of_plain_steps(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(SAMPLED) == [Verdict.AGREE]
    assert verdicts(SAMPLED.replace("U -= 0.1 * gU", "U += 0.1 * gU")) == [Verdict.DISAGREE]


RATES = """import numpy as np
nu = [1.0, 2.0, 5.0]
np.random.seed(1)
X, Y = np.random.rand(10, 4), np.random.rand(10, 3)
a, b, c = np.random.randn(4, 6), np.random.randn(6, 5), np.random.randn(5, 3)
for turn in range(50):
    h = 1 / (1 + np.exp(-(X @ a)))
    g = 1 / (1 + np.exp(-(h @ b)))
    o = 1 / (1 + np.exp(-(g @ c)))
    do = -2 * (Y - o) * o * (1 - o)
    dg = do @ c.T * g * (1 - g)
    dh = dg @ b.T * h * (1 - h)
    c -= nu[2] * g.T @ do
    b -= nu[1] * h.T @ dg
    a -= nu[0] * X.T @ dh
"""


@pytest.mark.thorough
def test_each_parameter_may_have_a_rate_of_a_list(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(RATES) == [Verdict.AGREE]
    assert verdicts(RATES.replace("do @ c.T * g * (1 - g)", "do @ c.T")) == [Verdict.DISAGREE]


EXAMPLES = """import numpy as np
X = np.insert(np.random.RandomState(0).rand(20, 3) * 10 + 70, 0, 1, axis=1)
y = X @ np.array([1.0, 2.0, 0.5, 1.0])

def predict(X, w):
    return np.dot(X, w)

def descend(X, y, w, rate):
    for i in np.random.permutation(len(X)):
        error = y[i] - predict(X[i], w)
        w = w + 2 * rate * error * X[i]
    return w

def mean_squared_error(X, y, w):
    return np.mean((y - predict(X, w)) ** 2)

w = np.zeros(4)
for epoch in range(5):
    w = descend(X, y, w, 0.00005)
    print(mean_squared_error(X, y, w))
"""


def test_the_cost_of_all_examples_is_not_that_of_one(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(EXAMPLES) == [Verdict.AGREE]


FLOW = """import numpy as np
np.random.seed(1)
u, w, b = np.random.randn(2) * 0.3, np.random.randn(2) * 0.3, 0.1

def loss_and_grads(z0, u, w, b):
    t = np.tanh(z0 @ w + b)
    z = z0 + np.outer(t, u)
    loss = 0.5 * np.sum(z ** 2) / len(z) + np.sum(u * w)
    gz = z / len(z)
    ga = gz @ u * (1 - t ** 2)
    gu = gz.T @ t
    gu += 1.0 * w
    gw = 1.0 * u
    gw = gw + z0.T @ ga
    return loss, gu, gw, ga.sum()

for turn in range(20):
    z0 = np.random.randn(30, 2)
    loss, gu, gw, gb = loss_and_grads(z0, u, w, b)
    u -= 0.05 * gu
    w -= 0.05 * gw
    b -= 0.05 * gb
"""


@pytest.mark.parametrize("slip", ["gw = z0.T @ ga", "gw = gw - z0.T @ ga"])
def test_a_parameter_that_another_gradient_is_made_of_is_judged(
    verdicts: Callable[[str], list[Verdict]], slip: str
) -> None:
    assert verdicts(FLOW) == [Verdict.AGREE]
    assert verdicts(FLOW.replace("gw = gw + z0.T @ ga", slip)) == [Verdict.DISAGREE]


TREE = """import numpy as np
rng = np.random.RandomState(0)
E, T, paths = rng.randn(7, 4), rng.randn(6, 4), [[(0, 1), (2, 0)], [(0, 0), (1, 1)], [(3, 1), (5, 0)]]

def train_pair(center, context, lr):
    h, dh, loss = E[center], np.zeros(4), 0.0
    for node, code in paths[context]:
        p = 1 / (1 + np.exp(-(T[node] @ h)))
        loss -= np.log(p if code == 1 else 1 - p)
        g = p - code
        dh = g * T[node]
        T[node] -= lr * g * h
    E[center] -= lr * dh
    return loss

for turn in range(20):
    train_pair(turn % 7, turn % 3, 0.05)
"""


def test_what_is_moved_behind_the_loop_that_is_judged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(TREE)
    (unit,) = recognise(read(path)).units
    assert (set(unit.names), unit.without) == ({"T"}, ("E",))
