"""Losses in several terms: what their sum is of is judged, and no term by itself."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

HEADS = """
import numpy as np

class Bag:
    pass

net = Bag()
net.W, net.bh = np.random.randn(4, 3) * 0.4, np.random.randn(4) * 0.4
net.V, net.U = np.random.randn(2, 4) * 0.4, np.random.randn(3, 4) * 0.4
SECOND = 0.25

def forward(net, x):
    h = np.tanh(net.W @ x + net.bh)
    z = net.U @ h
    return net.V @ h, np.exp(z - z.max()) / np.exp(z - z.max()).sum(), h

def losses(value, p, y, label):
    return 0.5 * np.sum((value - y) ** 2), -np.log(p[label])

def backward(net, x, h, value, p, y, label):
    g = Bag()
    dv, dz = value - y, SECOND * (p - np.eye(3)[label])
    g.V, g.U = np.outer(dv, h), np.outer(dz, h)
    g.W, g.bh = np.zeros_like(net.W), np.zeros_like(net.bh)
    da = (net.V.T @ dv + net.U.T @ dz) * (1 - h ** 2)
    g.W += np.outer(da, x)
    g.bh += da
    return g

for x, y, label in [(np.random.randn(3), np.random.randn(2), k % 3) for k in range(9)]:
    value, p, h = forward(net, x)
    first, second = losses(value, p, y, label)
    total = first + SECOND * second
    g = backward(net, x, h, value, p, y, label)
    for name in ("W", "bh", "V", "U"):
        getattr(net, name)[...] -= 0.1 * getattr(g, name)
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [("", "", Verdict.AGREE), ("np.outer(dz, h)", "np.outer(dz / SECOND, h)", Verdict.DISAGREE)],
)
def test_terms_that_are_returned_apart_are_added_up(
    old: str, new: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(HEADS.replace(old, new) if old else HEADS) == [verdict]
