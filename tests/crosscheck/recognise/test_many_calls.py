"""A pass that a program calls more often than is remembered, before its way back is asked for."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

TRIPLETS = """
import numpy as np

class Net:
    def __init__(self, d, h):
        self.W, self.b = np.random.randn(d, h), np.zeros((1, h))

    def forward(self, x):
        e = np.dot(x, self.W) + self.b
        n = np.sqrt(np.sum(e * e, axis=1, keepdims=True) + 1e-10)
        return e / n, (x, e, n)

    def backward(self, dout, cache):
        x, e, n = cache
        u = e / n
        de = (dout - u * np.sum(dout * {own}, axis=1, keepdims=True)) / n
        return np.dot(x.T, de), np.sum(de, axis=0, keepdims=True)

def triplet(a, p, n):
    loss = np.sum((a - p) ** 2) - np.sum((a - n) ** 2)
    return loss, 2 * (n - p), -2 * (a - p), 2 * (a - n)

def accuracy(net, X):
    e, _ = net.forward(X)
    return np.mean(e)

def train(net, X):
    for turn in range(50):
        ea, ca = net.forward(X[np.random.choice(40, 3)])
        ep, cp = net.forward(X[np.random.choice(40, 3)])
        en, cn = net.forward(X[np.random.choice(40, 3)])
        loss, da, dp, dn = triplet(ea, ep, en)
        ga, gp, gn = net.backward(da, ca), net.backward(dp, cp), net.backward(dn, cn)
        for i, name in enumerate(["W", "b"]):
            setattr(net, name, getattr(net, name) - 0.1 * (ga[i] + gp[i] + gn[i]))

X, net = np.random.randn(40, 7), Net(7, 5)
print(accuracy(net, X))
train(net, X)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("own", "verdict"), [("u", Verdict.AGREE), ("e", Verdict.DISAGREE)])
def test_it_is_held_against_the_call_whose_cache_it_is_handed(
    own: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(TRIPLETS.format(own=own)) == [Verdict.AGREE, verdict]
