"""A loss that only reads the output which a pass has kept, whatever that pass is called."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

NET = """
import numpy as np

class Net:
    def __init__(self):
        self.wx, self.wh = np.random.randn(5, 2) * 0.5, np.random.randn(5, 5) * 0.4
        self.wy, self.by = np.random.randn(3, 5), np.zeros((3, 1))

    def {run}(self, xs):
        self.xs, self.h = xs, [np.zeros((5, 1))]
        for x in xs:
            self.h.append(np.tanh(np.dot(self.wx, x) + np.dot(self.wh, self.h[-1])))
        self.y = np.dot(self.wy, self.h[-1]) + self.by
        return self.y

    def loss(self, goal):
        return float(np.mean((self.y - goal) ** 2))

    def backward(self, goal):
        dy = {factor} * (self.y - goal) / goal.size
        dwy, dby = np.dot(dy, self.h[-1].T), dy
        dwx, dwh = np.zeros_like(self.wx), np.zeros_like(self.wh)
        dh = np.dot(self.wy.T, dy)
        for t in reversed(range(len(self.xs))):
            dz = dh * (1.0 - self.h[t + 1] ** 2)
            dwx += np.dot(dz, self.xs[t].T)
            dwh += np.dot(dz, self.h[t].T)
            dh = np.dot(self.wh{carried}, dz)
        grads = [dwx, dwh, dwy, dby]
        norm = np.sqrt(sum([np.sum(g ** 2) for g in grads]))
        if norm > 5.0:
            grads = [g * 5.0 / norm for g in grads]
        for w, g in zip([self.wx, self.wh, self.wy, self.by], grads):
            w -= 0.02 * g

net = Net()
for turn in range(20):
    net.{run}([np.random.randn(2, 1) for _ in range(4)])
    goal = np.random.randn(3, 1)
    total = net.loss(goal)
    net.backward(goal)
    print(total)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("run", ["qianxiang", "forward"])
@pytest.mark.parametrize(("carried", "verdict"), [(".T", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_it_is_held_against_the_gradients_of_that_pass(
    run: str, carried: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(NET.format(run=run, carried=carried, factor="2.0")) == [verdict]


SHARED = """
import numpy as np

class Tagger:
    def __init__(self, d, k):
        self.W, self.b = np.random.randn(d, k) * 0.5, np.zeros(k)

    def forward(self, x):
        self.x = x
        self.y = 1 / (1 + np.exp(-(x @ self.W + self.b)))
        return self.y

    def backward(self, target):
        d = (self.y - target) {slope} / len(target)
        return {{"W": self.x.T @ d, "b": d.sum(0)}}

    def fit(self, x, target):
        seen = []
        for turn in range(20):
            out = self.forward(x)
            loss = 0.5 * ((out - target) ** 2).sum() / len(x)
            seen.append(loss)
            g = self.backward(target)
            self.W -= 0.1 * g["W"]
            self.b -= 0.1 * g["b"]
        return seen

Tagger(3, 2).fit(np.random.randn(8, 3), (np.random.rand(8, 2) > 0.5).astype(float))
"""


@pytest.mark.parametrize(("slope", "verdict"), [("* self.y * (1 - self.y)", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_loss_of_a_loop_may_count_what_the_pass_alone_is_handed(
    slope: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(SHARED.format(slope=slope)) == [verdict]
