"""Backward passes that read what another method keeps, or are handed it, are judged behind that method."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

KEEPING = """
import numpy as np

class Model:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)

    def forward(self, X):
        self.out = X @ self.W
        return self.out

    def loss(self, X, Y):
        return np.mean((self.forward(X) - Y) ** 2)

    def {name}(self, X, Y):
        return X.T @ ({times} * (self.out - Y) / Y.size)

    def fit(self, X, Y):
        for _ in range(5):
            print(self.loss(X, Y))
            dW = self.{name}(X, Y)
            self.W -= 0.1 * dW

Model(3, 2).fit(np.random.randn(20, 3), np.random.randn(20, 2))
"""


@pytest.mark.parametrize("name", ["backward", "gradient", "compute_gradients"])
@pytest.mark.parametrize(("times", "verdict"), [("2", Verdict.AGREE), ("2 * self.out", Verdict.DISAGREE)])
def test_what_the_forward_keeps_is_made_anew_for_other_parameters(name, times, verdict):
    text = KEEPING.replace("{name}", name).replace("{times}", times)
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}


HANDED = """
import numpy as np

class Classes:
    def __init__(self, n_in, n_out, alpha=0.1):
        self.W, self.alpha = np.random.randn(n_in, n_out), alpha

    def forward(self, X):
        e = np.exp(X @ self.W)
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, P, Y):
        return -np.sum(Y * np.log(P)) / len(Y) + 0.5 * self.alpha * np.sum(self.W ** 2)

    def gradient(self, P, X, Y):
        return X.T @ (P - Y) / len(Y) + {decay} * self.W

X, Y = np.random.randn(20, 4), np.eye(3)[np.random.randint(0, 3, 20)]
model = Classes(4, 3)
for _ in range(5):
    P = model.forward(X)
    print(model.loss(P, Y))
    model.W -= 0.5 * model.gradient(P, X, Y)
"""


@pytest.mark.parametrize(("decay", "verdict"), [("self.alpha", Verdict.AGREE), ("2 * self.alpha", Verdict.DISAGREE)])
def test_a_loss_of_what_is_handed_on_depends_on_weights_through_it_as_well(decay, verdict):
    found = recognise(read_text(HANDED.replace("{decay}", decay), "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}


RIDGE = """
import numpy as np

class Ridge:
    def __init__(self, n, lam=0.1):
        self.w, self.lam = np.random.randn(n), lam

    def predict(self, X):
        return X @ self.w

    def loss(self, pred, y):
        return np.mean((pred - y) ** 2) + self.lam * np.sum(self.w ** 2)

    def gradient(self, X, pred, y):
        return 2 * X.T @ (pred - y) / len(y) + {times} * self.lam * self.w

    def fit(self, X, y):
        for _ in range(5):
            pred = self.predict(X)
            self.w -= 0.1 * self.gradient(X, pred, y)
        print(self.loss(self.predict(X), y))

X = np.random.randn(20, 3)
Ridge(3).fit(X, X[:, 0] - X[:, 1])
"""


@pytest.mark.parametrize(("times", "verdict"), [("2", Verdict.AGREE), ("1", Verdict.DISAGREE)])
def test_decay_is_left_in_gradients_where_the_loss_of_the_class_has_it(times, verdict):
    found = recognise(read_text(RIDGE.replace("{times}", times), "utf-8", Path("x.py")))
    (unit,) = found.units
    assert judge_unit(unit, examples=4).verdict is verdict


SMOOTHED = """
import numpy as np

Y = {targets}
X = np.random.randn(20, 4)
W = np.zeros((4, 3))
for _ in range(5):
    e = np.exp(X @ W)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -(Y * np.log(p)).sum() / len(X)
    dW = X.T @ ({miss}) / len(X)
    W -= 0.5 * dW
"""
SOFT = "0.9 * np.eye(3)[np.random.randint(0, 3, 20)] + 0.1 / 3"


@pytest.mark.parametrize(
    ("targets", "miss", "verdict"),
    [
        (SOFT, "p - Y", Verdict.AGREE),
        (SOFT, "p - Y ** 2", Verdict.DISAGREE),
        ("np.random.rand(20, 3)", "p - Y", Verdict.DISAGREE),
    ],
)
def test_targets_that_are_shares_of_one_stay_so(targets, miss, verdict):
    found = recognise(read_text(SMOOTHED.format(targets=targets, miss=miss), "utf-8", Path("x.py")))
    assert {judge_unit(unit, examples=4).verdict for unit in found.units} == {verdict}


CRITIC = """
import numpy as np

class Values:
    def __init__(self, n, k):
        self.W = np.random.randn(n, k)

    def __call__(self, s):
        return s @ self.W

def td_loss(net, target, s, a, r):
    y = r + 0.9 * target(s).max(axis=1)
    return 0.5 * np.mean((net(s)[np.arange(len(a)), a] - y) ** 2)

def train_step(net, target, s, a, r, rate=0.05):
    y = r + 0.9 * target(s).max(axis=1)
    q = net(s)
    dq = np.zeros_like(q)
    rows = np.arange(len(a))
    dq[rows, a] = (q[rows, a] - y) / len(a)
    net.W -= rate * {gradient}

net, target = Values(3, 2), Values(3, 2)
for turn in range(9):
    s, a, r = np.random.randn(8, 3), np.random.randint(0, 2, 8), np.random.randn(8)
    print(td_loss(net, target, s, a, r))
    train_step(net, target, s, a, r)
    if turn % 3 == 0:
        target.W = net.W.copy()
"""


@pytest.mark.parametrize(("gradient", "is_right"), [("s.T @ dq", True), ("s[::-1].T @ dq", False)])
def test_an_object_that_is_meant_to_stay_is_asked_for_no_step(gradient, is_right):
    found = recognise(read_text(CRITIC.replace("{gradient}", gradient), "utf-8", Path("x.py")))
    verdicts = [judge_unit(unit, examples=4).verdict for unit in found.units]
    assert (verdicts == [Verdict.AGREE]) is is_right
    assert {name for unit in found.units for name in unit.names} <= {"W", "net_W"}


FOLLOWING = """
import numpy as np

W, W_slow = np.random.randn(3, 2), np.random.randn(3, 2)
for _ in range(9):
    x, y = np.random.randn(8, 3), np.random.randn(8, 2)
    miss = x @ W - y + 0.1 * x @ W_slow
    loss = np.mean(miss ** 2)
    W -= 0.1 * (x.T @ miss) * 2 / miss.size
    W_slow += 0.01 * (W - W_slow)
"""


def test_a_running_mean_of_weights_goes_by_no_gradient():
    found = recognise(read_text(FOLLOWING, "utf-8", Path("x.py")))
    (unit,) = found.units
    assert unit.names.keys() == {"W"}
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


TWO = """
import numpy as np

def sig(x):
    return 1 / (1 + np.exp(-x))

g_w, d_w = np.random.randn(2, 2), np.random.randn(2)
for _ in range(9):
    real, z = np.random.randn(8, 2) + 3, np.random.randn(8, 2)
    fake = z @ g_w
    d_loss = -np.mean(np.log(sig(real @ d_w))) - np.mean(np.log(1 - sig(fake @ d_w)))
    d_w -= 0.05 * (real.T @ (sig(real @ d_w) - 1) + fake.T @ sig(fake @ d_w)) / 8
    g_loss = -np.mean(np.log(sig(fake @ d_w)))
    g_w -= 0.05 * z.T @ np.outer(sig(fake @ d_w) - 1, d_w) / 8
"""


def test_what_goes_by_a_loss_of_its_own_is_not_held_against_the_one_before():
    found = recognise(read_text(TWO, "utf-8", Path("x.py")))
    assert all(judge_unit(unit, examples=4).verdict is not Verdict.DISAGREE for unit in found.units)


CENTRED = """
import numpy as np

class Dense:
    def __init__(self, n, k):
        self.W, self.b = np.random.randn(n, k), np.zeros(k)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad, rate):
        dW, db = self.x.T @ grad, grad.sum(axis=0)
        dx = grad @ self.W.T
        self.W -= rate * dW
        self.b -= rate * {db}
        return dx

class Centre:
    def forward(self, x):
        return x - x.mean(axis=0)

    def backward(self, grad, rate):
        return grad - grad.mean(axis=0)

X, Y = np.random.randn(12, 4), np.random.randn(12, 2)
layers = [Dense(4, 3), Centre(), Dense(3, 2)]
for _ in range(5):
    out = X
    for layer in layers:
        out = layer.forward(out)
    print(np.mean((out - Y) ** 2))
    grad = 2 * (out - Y) / out.size
    for layer in reversed(layers):
        grad = layer.backward(grad, 0.1)
"""


@pytest.mark.parametrize(("db", "is_right"), [("db", True), ("(-db)", False)])
def test_a_step_along_a_gradient_that_is_zero_but_for_rounding_is_no_slip(db, is_right):
    found = recognise(read_text(CENTRED.replace("{db}", db), "utf-8", Path("x.py")))
    verdicts = {judge_unit(unit, examples=4).verdict for unit in found.units}
    assert (verdicts == {Verdict.AGREE} and not found.skipped) is is_right


HINGE = """
import numpy as np

def hinge_loss(K, y, alpha, C):
    lack = np.maximum(0, 1 - y * (K @ alpha))
    return 0.5 * alpha @ K @ alpha + C * lack.sum()

def hinge_loss_gradient(K, y, alpha, C):
    lack = 1 - y * (K @ alpha)
    return {own} - C * K @ (y * (lack > 0))

def descend(K, y, C=1, rate=0.01, rounds=20):
    alpha = np.zeros(len(K))
    for _ in range(rounds):
        grad = hinge_loss_gradient(K, y, alpha, C)
        alpha = alpha - rate * grad
    return alpha

X = np.random.randn(9, 2)
K = X @ X.T + np.eye(9)
print(descend(K, np.sign(X[:, 0])))
"""


@pytest.mark.parametrize(("own", "is_right"), [("K @ alpha", True), ("alpha", False)])
def test_a_gradient_is_no_output_whose_squares_might_be_the_loss(own, is_right):
    found = recognise(read_text(HINGE.replace("{own}", own), "utf-8", Path("x.py")))
    verdicts = [judge_unit(unit, examples=4).verdict for unit in found.units]
    assert (Verdict.AGREE in verdicts) is is_right


LOSSES = """
import numpy as np

def mse_loss(predictions, targets):
    return float(np.mean((predictions - targets) ** 2))

def huber_loss(predictions, targets, delta=0.5):
    near = np.minimum(np.abs(predictions - targets), delta)
    return float(np.mean(0.5 * near ** 2 + delta * (np.abs(predictions - targets) - near)))

def huber_loss_gradient(predictions, targets, delta=0.5):
    grad = np.where(np.abs(predictions - targets) <= delta, predictions - targets, delta * {sign})
    return grad / len(predictions)
"""


@pytest.mark.parametrize(
    ("sign", "verdict"), [("np.sign(predictions - targets)", Verdict.AGREE), ("1.0", Verdict.DISAGREE)]
)
def test_the_gradient_of_a_loss_is_that_of_its_namesake(sign, verdict):
    found = recognise(read_text(LOSSES.replace("{sign}", sign), "utf-8", Path("x.py")))
    (unit,) = found.units
    assert unit.name == "huber_loss/huber_loss_gradient"
    assert judge_unit(unit, examples=12).verdict is verdict
