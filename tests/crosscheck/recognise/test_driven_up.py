"""What training drives up, by its name; what remembers squares under a gradient's name; sums that look like one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
BOUND = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = X @ [1.0, -1.0, 0.5] + 0.2 * rng.normal(size=20)
m, s = np.zeros(3), np.zeros(3)
for it in range(30):
    spread = np.exp(2 * s)
    r = y - X @ m
    {name} = -0.5 * (r @ r + np.sum((X ** 2) @ spread)) - 0.5 * (m @ m + spread.sum()) + s.sum()
    dm = X.T @ r - m
    ds = -(X ** 2).sum(0) * spread - spread + 1
    m {of_m} 0.001 * dm
    s += 0.001 * ds
    print({name})
"""


@pytest.mark.parametrize(("of_m", "verdict"), [("+=", RIGHT), ("-=", WRONG)])
@pytest.mark.parametrize("name", ["elbo", "ll"])
def test_an_objective_is_driven_up(
    verdicts: Callable[[str], list[Verdict]], name: str, of_m: str, verdict: Verdict
) -> None:
    assert verdicts(BOUND.format(name=name, of_m=of_m)) == [verdict]


STEPS_ALONE = """
import numpy as np
rng = np.random.default_rng(4)
R = rng.normal(0.01, 0.5, (12, 4))
mu, S = R.mean(0), np.cov(R.T)
z, risk = np.zeros(4), 3.0
for i in range(30):
    w = np.exp(z - z.max())
    w /= w.sum()
    utility = mu @ w - risk / 2 * w @ S @ w
    gw = mu - risk * S @ w
    z += 0.5 * (w * (gw - w @ gw))
    print("utility", utility)
"""


def test_steps_that_drive_a_utility_up_climb_on_purpose(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(STEPS_ALONE) == [RIGHT]


LOGARITHMIC = """
import numpy as np
np.random.seed(1)
X = np.random.randn(30, 3)
y = (np.random.rand(30) < 0.5) * 1.0
w, b = np.zeros(3), 0.0
for i in range(40):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    ll = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dw, db = X.T @ (p - y) / 30, np.mean(p - y)
    w -= 0.1 * dw
    b {of_b} 0.1 * db
    print(ll)
"""


@pytest.mark.parametrize(("of_b", "verdict"), [("-=", RIGHT), ("+=", WRONG)])
def test_what_is_called_ll_may_be_minus_that(
    verdicts: Callable[[str], list[Verdict]], of_b: str, verdict: Verdict
) -> None:
    assert verdicts(LOGARITHMIC.format(of_b=of_b)) == [verdict]


REMEMBERED = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = X @ [1.0, -2.0, 0.5] + 0.3
w, b = np.zeros(3), 0.0
{gw}, {gb} = np.full(3, 1e-8), 1e-8
for i in range(40):
    e = X @ w + b - y
    cost = np.mean(e ** 2) / 2
    dw, db = X.T @ e / 20, e.mean()
    {gw} {remembers}
    {gb} {also}
    w -= 0.5 * dw / np.sqrt({gw})
    b -= 0.5 * db / np.sqrt({gb} + 1e-8)
    print(cost)
"""
SUMS = "+= dw ** 2", "+= db ** 2"


@pytest.mark.parametrize(
    ("gw", "gb", "also", "verdict"),
    [("gw", "gb", SUMS[1], RIGHT), ("gw", "gb", "= db ** 2", WRONG), ("grad_sq_w", "grad_sq_b", SUMS[1], RIGHT)],
)
def test_memories_of_squares_are_no_gradients_whatever_they_are_called(
    verdicts: Callable[[str], list[Verdict]], gw: str, gb: str, also: str, verdict: Verdict
) -> None:
    code = REMEMBERED.format(gw=gw, gb=gb, remembers=SUMS[0], also=also)
    assert verdicts(code) == [verdict]


MARGINS = """
import numpy as np
rs = np.random.RandomState(7)
X = np.vstack([rs.randn(10, 2) + 2, rs.randn(10, 2) - 2])
Y = np.hstack([np.ones(10), -np.ones(10)])
w, b, C, lam = np.zeros(2), 0, 1.0, 0.01
for epoch in range(20):
    total = 0
    for i in rs.permutation(20):
        x, t = X[i], Y[i]
        m = t * (w.dot(x) + b)
        total += C * max(0, 1 - m) + 0.5 * lam * w.dot(w)
        if m < 1:
            dw, db = lam * w - C * t * x, {of_b}
        else:
            dw, db = lam * w, 0
        w = w - 0.01 * dw
        b = b - 0.01 * db
    print(epoch, total / 20)
"""


@pytest.mark.parametrize(("of_b", "verdict"), [("-C * t", RIGHT), ("C * t", WRONG)])
def test_a_sum_of_losses_is_no_parameter_though_a_constant_moves_it(
    verdicts: Callable[[str], list[Verdict]], of_b: str, verdict: Verdict
) -> None:
    assert verdicts(MARGINS.format(of_b=of_b)) == [verdict]


ACCUMULATING = """
import numpy as np

class Dense:
    def __init__(self, a, b):
        self.W, self.b = np.random.randn(a, b), np.zeros(b)
        self.gW, self.gb = np.zeros_like(self.W), np.zeros_like(self.b)
        self.params, self.grads = (self.W, self.b), (self.gW, self.gb)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.gW += self.x.T @ g
        self.gb += {of_b}
        return g @ self.W.T

class Net:
    def __init__(self, *layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, g):
        for layer in reversed(self.layers):
            g = layer.backward(g)
        return g
    def zero_grad(self):
        for layer in self.layers:
            for g in layer.grads:
                g.fill(0)
    def step(self, rate):
        for layer in self.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= rate * g

np.random.seed(0)
X, Y = np.random.randn(8, 2), np.random.randn(8, 1)
net = Net(Dense(2, 3), Dense(3, 1))
for epoch in range(10):
    net.zero_grad()
    pred = net.forward(X)
    loss = np.mean((pred - Y) ** 2)
    net.backward(2 * (pred - Y) / pred.size)
    net.step(0.05)
    print(epoch, loss)
"""


@pytest.mark.thorough
def test_gradients_are_added_to_nothing_whatever_leads_to_them(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert set(verdicts(ACCUMULATING.format(of_b="g.sum(axis=0)"))) == {RIGHT}


@pytest.mark.thorough
def test_a_mean_in_place_of_a_sum_is_seen_in_what_is_added_up() -> None:
    found = recognise(read_text(ACCUMULATING.format(of_b="g.mean(axis=0)"), "utf-8", Path("program.py")))
    assert WRONG in {judge_unit(unit, examples=4).verdict for unit in found.units}
