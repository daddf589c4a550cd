"""Momentum where steps are all that is seen, be the last gradient remembered or the last step."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

NETWORK = """
import numpy as np

class Network:
    def __init__(self, sizes):
        self.layers = [np.ones(sizes[0] + 1)] + [np.ones(size) for size in sizes[1:]]
        self.weights = [np.random.randn(a.size, b.size) for a, b in zip(self.layers, self.layers[1:])]
        self.last = [0,] * len(self.weights)

    def forward(self, data):
        self.layers[0][:-1] = data
        for i in range(1, len(self.layers)):
            self.layers[i][...] = np.tanh(self.layers[i - 1] @ self.weights[i - 1])
        return self.layers[-1]

    def backward(self, target, rate=0.1, momentum=0.1):
        error = target - self.layers[-1]
        deltas = [error * (1 - self.layers[-1] ** 2)]
        for i in range(len(self.layers) - 2, 0, -1):
            deltas.insert(0, deltas[0] @ self.weights[i].T * {slope})
        for i in range(len(self.weights)):
            change = np.atleast_2d(self.layers[i]).T @ np.atleast_2d(deltas[i])
            self.weights[i] += rate * change {sign} momentum * self.last[i]
            self.last[i] = change
        return (error ** 2).sum()
"""
TRAINED = """
network = Network((2, 4, 3))
for turn in range(40):
    network.forward(np.random.randn(2))
    network.backward(np.random.rand(3))
"""
SCRIPT = """
import numpy as np

rng = np.random.default_rng(0)
X, T = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
W, V = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
mW, mV = np.zeros((3, 4)), np.zeros((4, 2))
for turn in range(50):
    H = np.tanh(X @ W)
    E = H @ V - T
    print(turn, 0.5 * np.sum(E ** 2))
    mV = 0.9 * mV {first} H.T @ E
    mW = 0.9 * mW {second} X.T @ (E @ V.T * (1 - H ** 2))
    V -= 0.01 * mV
    W -= 0.01 * mW
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "sign", "verdict"),
    [
        ("(1 - self.layers[i] ** 2)", "+", Verdict.AGREE),
        ("(1 - self.layers[i] ** 2)", "-", Verdict.DISAGREE),
        ("(1 - self.layers[i])", "+", Verdict.DISAGREE),
    ],
)
@pytest.mark.parametrize("driver", ["", TRAINED])
def test_the_last_gradient_leads_the_same_way(
    slope: str, sign: str, verdict: Verdict, driver: str, verdicts: Callable[[str], list[Verdict]]
) -> None:
    """Memories that begin as plain zeros are arrays from the second step on; a list of layers is no parameter."""
    program = NETWORK.replace("{slope}", slope).replace("{sign}", sign)
    assert set(verdicts(program + driver)) == {verdict}


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [("+", "+", Verdict.AGREE), ("+", "-", Verdict.DISAGREE), ("-", "+", Verdict.DISAGREE)],
)
def test_a_velocity_leads_the_same_way(
    first: str, second: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(SCRIPT.replace("{first}", first).replace("{second}", second)) == [verdict]


LISTS = """
import numpy as np
rng = np.random.default_rng(1)
X, T = rng.normal(size=(30, 4)), rng.normal(size=(30, 2))
W = [rng.normal(size=(a, b)) for a, b in ((4, 6), (6, 2))]
B = [np.zeros((1, b)) for b in (6, 2)]
vW, vB = [0] * len(W), [0] * len(B)
for epoch in range(60):
    acts = [X]
    for w, b in zip(W, B):
        acts.append(np.tanh(acts[-1] @ w + b))
    loss = np.mean((acts[-1] - T) ** 2)
    delta = 2 * (acts[-1] - T) / T.size * (1 - acts[-1] ** 2)
    gW, gB = [0] * len(W), [0] * len(B)
    for l in range(len(W) - 1, -1, -1):
        gW[l] = acts[l].T @ delta
        gB[l] = delta.sum(axis=0, keepdims=True)
        if l > 0:
            delta = (delta @ W[l].T) * (1 - acts[l] ** 2)
    for l in range(len(W)):
        vW[l] = 0.9 * vW[l] - 0.1 * gW[l]
        vB[l] = {kept}-0.1 * gB[l]
        W[l] += vW[l]
        B[l] += vB[l]
    print(epoch, loss)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("kept", "verdict"), [("0.9 * vB[l] ", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_one_memory_that_forgets_beside_others_is_wrong(
    kept: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(LISTS.replace("{kept}", kept))) == {verdict}


LAST = """
import numpy as np
rng = np.random.default_rng(2)
X = rng.normal(size=(40, 6))
t = X @ rng.normal(size=6)
w, before = rng.normal(size=6), np.zeros(6)
for turn in range(60):
    e = X @ w - t
    print("loss", np.mean(e ** 2))
    gw = 2 * X.T @ e / len(t)
    w = w - 0.05 * (gw {sign} 0.5 * before)
    before = gw
"""


@pytest.mark.parametrize(("sign", "verdict"), [("+", Verdict.AGREE), ("-", Verdict.DISAGREE)])
def test_a_share_of_the_last_gradient_is_momentum(
    sign: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(LAST.replace("{sign}", sign)) == [verdict]
