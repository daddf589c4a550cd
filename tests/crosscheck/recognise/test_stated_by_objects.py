"""Losses that objects say of themselves: handed nothing, of data that a setter kept and of outputs that are left."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Verdicts = Callable[[str], list[Verdict]]

STATEFUL = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hidden, n_out, decay=1e-2):
        self.W = np.random.randn(n_in, n_hidden) * 0.3
        self.V = np.random.randn(n_hidden, n_out) * 0.3
        self.decay = decay

    def take(self, x, t):
        self.x, self.t = x, t

    def forward(self):
        self.h = np.tanh(self.x @ self.W)
        z = self.h @ self.V
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)

    def loss(self):
        entropy = -np.sum(self.t * np.log(self.p)) / len(self.x)
        return entropy + 0.5 * self.decay * ((self.W ** 2).sum() + (self.V ** 2).sum())

    def backward(self):
        d = (self.p - self.t) / len(self.x)
        self.gV = self.h.T @ d + self.decay * self.V
        self.gW = self.x.T @ ((d @ self.V.T){slope}) + self.decay * self.W

    def update(self, rate):
        self.W -= rate * self.gW
        self.V -= rate * self.gV

x = np.random.randn(40, 5)
t = np.eye(3)[np.random.randint(0, 3, 40)]
net = Net(5, 8, 3)
net.take(x, t)
for k in range(100):
    net.forward()
    if k % 25 == 0:
        print(net.loss())
    net.backward()
    net.update(0.5)
"""
SETTER = """
import numpy as np

class Logistic:
    def __init__(self):
        self.X, self.t, self.strength = None, None, 0.05

    def set_data(self, X, t):
        self.X = X
        self.t = t

    def init(self):
        self.w, self.c = np.zeros(self.X.shape[1]), 0.0

    def prob(self, X):
        return 1.0 / (1.0 + np.exp(-(X.dot(self.w) + self.c)))

    def cost(self):
        p = self.prob(self.X)
        fit = -np.mean(self.t * np.log(p) + (1 - self.t) * np.log(1 - p))
        return fit + 0.5 * self.strength * self.w.dot(self.w)

    def grad(self):
        p = self.prob(self.X)
        dw = self.X.T.dot(p - self.t) / len(self.t){decay}
        return dw, np.mean(p - self.t)

    def run(self, turns=100, rate=0.5):
        self.init()
        for turn in range(turns):
            dw, dc = self.grad()
            self.w -= rate * dw
            self.c -= rate * dc
            if turn % 20 == 0:
                print(self.cost())

X = np.random.randn(80, 3)
model = Logistic()
model.set_data(X, (X[:, 0] > X[:, 1]).astype(float))
model.run()
"""
RANKED = """
import numpy as np

class Ranking:
    def __init__(self, width):
        self.v = np.random.randn(width) * 0.3

    def train(self, X, grades, rate=0.05):
        scores = X @ self.v
        slopes, C = np.zeros(len(grades)), 0.0
        for i in range(len(grades)):
            for j in range(len(grades)):
                if grades[i] > grades[j]:
                    d = scores[i] - scores[j]
                    C += np.log(1 + np.exp(-d))
                    l = -1 / (1 + np.exp({sign}d))
                    slopes[i] += l
                    slopes[j] -= l
        dv = X.T @ slopes
        self.v -= rate * dv
        return C

net = Ranking(5)
for turn in range(50):
    X = np.random.randn(6, 5)
    c = net.train(X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0))
print(c)
"""
BATCHES = """
import numpy as np

draw = np.random.default_rng(0)
W, v = draw.normal(size=(3, 8)) * 0.3, draw.normal(size=8) * 0.3

def sample(n):
    x = draw.uniform(-1, 1, (n, 3))
    return x, np.sin(x.sum(1))

for turn in range(200):
    x, y = sample(64)
    h = np.tanh(x @ W)
    out = h @ v
    loss = np.mean((out - y) ** 2)
    d = 2 * (out - y) / 64
    gv = h.T @ d
    gW = x.T @ (np.outer(d, v){slope})
    W -= 0.1 * gW
    v -= 0.1 * gv
    print(loss)
"""
COMPONENT = """
import numpy as np

class First:
    '''The first principal component, by gradient ascent.'''

    def fit(self, X, rate=0.05, steps=200):
        w = np.random.randn(X.shape[1])
        for _ in range(steps):
            p = X @ w
            g = X.T @ p / len(X)
            w = w {sign} rate * g
            w /= np.linalg.norm(w)
        return w

First().fit(np.random.randn(100, 4) * [3, 1, 1, 0.5])
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "verdict"), [(" * (1 - self.h ** 2)", Verdict.AGREE), (" * self.h", Verdict.DISAGREE)]
)
def test_a_loss_of_outputs_that_are_left_is_no_forward_pass(verdicts: Verdicts, slope: str, verdict: Verdict) -> None:
    """By itself it knows of weights nothing but their decay."""
    assert verdicts(STATEFUL.format(slope=slope)) == [verdict]


@pytest.mark.parametrize(("decay", "verdict"), [(" + self.strength * self.w", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_cost_that_is_handed_nothing_is_that_of_gradients_that_are_not_either(
    verdicts: Verdicts, decay: str, verdict: Verdict
) -> None:
    assert verdicts(SETTER.format(decay=decay)) == [verdict]


@pytest.mark.parametrize(("sign", "verdict"), [("", Verdict.AGREE), ("-", Verdict.DISAGREE)])
def test_a_slope_of_one_letter_is_no_loss(verdicts: Verdicts, sign: str, verdict: Verdict) -> None:
    assert verdicts(RANKED.format(sign=sign)) == [verdict]


@pytest.mark.parametrize(("slope", "verdict"), [(" * (1 - h ** 2)", Verdict.AGREE), (" * h", Verdict.DISAGREE)])
def test_who_divides_by_the_size_of_batches_divides_by_ours(verdicts: Verdicts, slope: str, verdict: Verdict) -> None:
    assert verdicts(BATCHES.format(slope=slope)) == [verdict]


def test_who_says_that_something_is_raised_does_not_climb_by_mistake(verdicts: Verdicts) -> None:
    """No loss is stated, and half the squares of the outputs are what an ascent raises."""
    assert verdicts(COMPONENT.format(sign="+")) == [Verdict.AGREE]
    assert verdicts(COMPONENT.replace("ascent", "steps").format(sign="+")) == [Verdict.DISAGREE]


ASKED = """
import numpy as np

class Logistic:
    def __init__(self, X, y, C=0.3):
        self.X, self.y, self.C = X, y, C
        self.w = np.random.randn(X.shape[1]) * 0.1

    def prob(self):
        return 1 / (1 + np.exp(-self.X @ self.w))

    def cost(self):
        p = self.prob()
        return -np.sum(self.y * np.log(p) + (1 - self.y) * np.log(1 - p)){penalty}

    def gradient(self):
        return self.X.T @ (self.prob() - self.y){term}

    def fit(self, rate=0.01):
        for _ in range(60):
            self.w -= rate * self.gradient()
            print(self.cost())

X = np.random.randn(50, 4)
Logistic(X, (X[:, 0] > 0) * 1.0).fit()
"""


@pytest.mark.parametrize(
    ("penalty", "term", "verdict"),
    [
        (" + self.C * np.sum(np.abs(self.w))", " + self.C * np.sign(self.w)", Verdict.AGREE),
        (" + self.C * np.sum(np.abs(self.w))", "", Verdict.DISAGREE),
        ("", "", Verdict.AGREE),
    ],
)
def test_a_penalty_that_a_cost_without_arguments_has_is_in_its_gradient(
    verdicts: Verdicts, penalty: str, term: str, verdict: Verdict
) -> None:
    assert verdicts(ASKED.replace("{penalty}", penalty).replace("{term}", term)) == [verdict]
