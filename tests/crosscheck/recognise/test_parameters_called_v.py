"""A parameter that bears the name of an optimiser's memory: `v` scores attention."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ATTENTION = """
import numpy as np

def forward(xs, params):
    out, kept = [], []
    for x in xs:
        e = np.tanh(x @ params["W"])
        a = np.exp(e @ params["v"])
        a = a / a.sum()
        out.append(a @ x)
        kept.append((x, e, a))
    return np.array(out), kept

def backward(dout, kept, params):
    grads = {k: np.zeros_like(p) for k, p in params.items()}
    for t in range(len(kept)):
        x, e, a = kept[t]
        da = x @ dout[t]
        ds = a * (da - a @ da)
        dv = e.T @ ds
        dW = x.T @ (np.outer(ds, params["v"]) * (1 - e ** 2))
        for k, g in zip(("W", "v"), (dW, dv)):
            grads[k] {adds} g
    return grads

params = {"W": np.random.randn(3, 4), "v": np.random.randn(4)}
xs = np.random.randn(5, 6, 3)
out, kept = forward(xs, params)
grads = backward(np.random.randn(5, 3), kept, params)
"""


@pytest.mark.parametrize(("adds", "verdict"), [("+=", Verdict.AGREE), ("=", Verdict.DISAGREE)])
def test_what_is_returned_for_it_is_its_gradient(
    adds: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(ATTENTION.replace("{adds}", adds)) == [verdict]


WEIGHTS = """
import numpy as np
class Model:
    def __init__(self, n, h):
        self.W, self.d, self.step = np.random.randn(n, h), np.zeros(1), 0
        self.v = np.random.randn(h) / np.sqrt(h)
        self.m1 = [np.zeros_like(p) for p in self.params()]
        self.m2 = [np.zeros_like(p) for p in self.params()]
    def params(self):
        return [self.W, self.v, self.d]
    def cost_and_grads(self, X, y):
        top = np.tanh(X @ self.W)
        err = top @ self.v + self.d - y
        de = 2 * err / len(y)
        dW = X.T @ (np.outer(de, self.v) * (1 - top ** 2))
        return np.mean(err ** 2), [dW, {top}.T @ de, np.array([de.sum()])]
    def adam(self, grads, rate=0.01, b1=0.9, b2=0.999):
        self.step += 1
        for k, (p, g) in enumerate(zip(self.params(), grads)):
            self.m1[k] = b1 * self.m1[k] + (1 - b1) * g
            self.m2[k] = b2 * self.m2[k] + (1 - b2) * g ** 2
            m = self.m1[k] / (1 - b1 ** self.step)
            v = self.m2[k] / (1 - b2 ** self.step)
            p -= rate * m / (np.sqrt(v) + 1e-8)
X = np.random.randn(40, 3)
model, y = Model(3, 6), np.sin(X.sum(1))
for turn in range(20):
    cost, grads = model.cost_and_grads(X, y)
    model.adam(grads)
"""


@pytest.mark.parametrize(("top", "verdict"), [("top", Verdict.AGREE), ("(1 - top)", Verdict.DISAGREE)])
def test_a_variable_of_an_optimiser_is_no_attribute_of_a_model(
    top: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(WEIGHTS.replace("{top}", top)) == [verdict]
