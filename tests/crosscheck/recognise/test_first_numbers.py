"""A number that a forward pass returns first is a probability where its backward is handed a class besides."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

PROGRAM = """
import numpy as np

params = {{"W": np.random.randn(5, 4) * 0.3, "v": np.random.randn(5) * 0.3}}

def forward(x, params):
    h = np.tanh(params["W"].dot(x))
    prob = 1 / (1 + np.exp(-params["v"].dot(h)))
    return prob, h

def backward(x, {kind}, prob, h, params):
    grads = {{}}
    d = prob - {kind}
    grads["v"] = d * h
    grads["W"] = np.outer({slope}, x)
    return grads

for turn in range(100):
    kind = np.random.randint(2)
    x = np.random.randn(4)
    prob, h = forward(x, params)
    grads = backward(x, kind, prob, h, params)
    for name in params:
        params[name] -= 0.1 * grads[name]
"""


@pytest.mark.parametrize("kind", ["label", "sentiment"])
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [('d * params["v"] * (1 - h ** 2)', Verdict.AGREE), ('d * params["v"]', Verdict.DISAGREE)],
)
def test_a_probability_is_no_loss(
    kind: str, slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(PROGRAM.format(kind=kind, slope=slope))) == {verdict}


NORMALISED = """
import numpy as np

def shift(a, gamma, beta):
    wide = (a - a.mean(1, keepdims=True)) / a.std(1, keepdims=True)
    return gamma * wide + beta, wide

class Cells:
    def __init__(self, d, h):
        self.Wx, self.Wh = np.random.randn(d, h), np.random.randn(h, h) * 0.4
        self.gamma, self.beta = np.ones(h), np.zeros(h)

    def forward(self, X, h0):
        self.X, self.kept, self.H = X, [], [h0]
        for x in X:
            z, wide = shift(x @ self.Wx + self.H[-1] @ self.Wh, self.gamma, self.beta)
            self.kept.append((wide, (x @ self.Wx + self.H[-1] @ self.Wh).std(1, keepdims=True)))
            self.H.append(np.tanh(z))
        return np.array(self.H)[1:]

    def backward(self, dH):
        grads = {"Wx": 0, "Wh": 0, "gamma": 0, "beta": 0}
        dh = np.zeros_like(self.H[0])
        for t in range(len(self.X) - 1, -1, -1):
            wide, std = self.kept[t]
            dz = (dh + dH[t]) * (1 - self.H[t + 1] ** 2)
            dgamma, dbeta, d = np.sum(dz * wide, 0), np.sum(dz, 0), dz * self.gamma
            da = (d - d.mean(1, keepdims=True) - wide * (d * wide).mean(1, keepdims=True)) / std
            grads["gamma"] = SUM dgamma
            grads["beta"] = grads["beta"] + dbeta
            grads["Wx"] = grads["Wx"] + self.X[t].T @ da
            grads["Wh"] = grads["Wh"] + self.H[t].T @ da
            dh = da @ self.Wh.T
        return dh, grads

net = Cells(3, 5)
X = np.random.randn(6, 4, 3)
out = net.forward(X, np.zeros((4, 5)))
net.backward(out - 0.3)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("total", "verdict"), [('grads["gamma"] +', Verdict.AGREE), ("0 +", Verdict.DISAGREE)])
def test_what_is_returned_goes_before_the_share_of_one_step(
    total: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(NORMALISED.replace("SUM", total))) == {verdict}
