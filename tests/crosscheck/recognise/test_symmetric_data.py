"""Kernels, adjacencies and affinities of pairs stay what they are in every case that is drawn."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

KERNEL = """import numpy as np
X = np.random.RandomState(0).randn(14, 2)
K = np.exp(-0.5 * ((X[:, None] - X[None]) ** 2).sum(-1))
y = ((X ** 2).sum(1) < 1.2).astype(float)

def loss_grad(alpha, K, y):
    f = K @ alpha
    p = 1 / (1 + np.exp(-f))
    loss = np.mean(np.logaddexp(0, f) - y * f) + 0.005 * alpha @ K @ alpha
    return loss, K @ ((p - y) / len(y) + 0.01 * alpha)

alpha = np.zeros(14)
for turn in range(20):
    loss, grad = loss_grad(alpha, K, y)
    alpha -= 0.1 * grad
"""
GRAPH = """import numpy as np
rng = np.random.default_rng(0)
A = (rng.random((10, 10)) < 0.25).astype(float)
A = np.maximum(A, A.T)
np.fill_diagonal(A, 1)
d = 1 / np.sqrt(A.sum(1))
A = d[:, None] * A * d
X, Y = rng.normal(size=(10, 4)), rng.normal(size=(10, 2))
W, V = rng.normal(size=(4, 6)) * 0.4, rng.normal(size=(6, 2)) * 0.4

def loss_and_grads(A, X, Y, W, V):
    H = np.tanh(A @ X @ W)
    D = A @ H @ V - Y
    dH = A @ D @ V.T * (1 - H ** 2)
    return 0.5 * np.sum(D ** 2), (A @ X).T @ dH, (A @ H).T @ D

for turn in range(20):
    loss, dW, dV = loss_and_grads(A, X, Y, W, V)
    W -= 0.01 * dW
    V -= 0.01 * dV
"""
PAIRS = """import numpy as np
rng = np.random.default_rng(5)
X = rng.normal(size=(9, 4))
P = np.exp(-((X[:, None] - X[None]) ** 2).sum(-1) / 8)
np.fill_diagonal(P, 0)
P = P / P.sum(axis=1, keepdims=True)
P = np.maximum((P + P.T) / 18, 1e-12)

def kl_and_grad(Y):
    num = 1 / (1 + ((Y[:, None] - Y[None]) ** 2).sum(-1))
    np.fill_diagonal(num, 0)
    Q = np.maximum(num / num.sum(), 1e-12)
    PQ = (P - Q) * num
    return np.sum(P * np.log(P / Q)), 4 * (PQ[:, :, None] * (Y[:, None] - Y[None])).sum(1)

Y = rng.normal(size=(9, 2))
for turn in range(20):
    cost, dY = kl_and_grad(Y)
    Y -= 0.5 * dY
"""


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (KERNEL, "K @ ((p - y)", "((p - y)"),
        (GRAPH, "A @ D @ V.T", "D @ V.T"),
        (PAIRS, "4 * (PQ", "2 * (PQ"),
    ],
)
def test_what_their_symmetry_makes_right_is_right(
    verdicts: Callable[[str], list[Verdict]], code: str, right: str, wrong: str
) -> None:
    assert verdicts(code) == [Verdict.AGREE]
    assert verdicts(code.replace(right, wrong)) == [Verdict.DISAGREE]
