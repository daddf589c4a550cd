"""Gradients that are those of no loss at all, and rules that only look like it."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.no_loss import OF_NO_LOSS, _is_beside_gradients
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.recognise.replay import Result
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

class Net:
    def __init__(self, a, b, c, d):
        self.first, self.second, self.third = np.random.randn(a, b), np.random.randn(b, c), np.random.randn(c, d)

    def forward(self, x):
        self.x = x
        self.h = squash(x @ self.first)
        self.g = squash(self.h @ self.second)
        self.o = squash(self.g @ self.third)
        return self.o

    def backward(self, y, lr=0.1):
        slope = np.tanh(3 * (self.o - y))
        third = slope * self.o * (1 - self.o)
        second = third @ self.third.T * self.g * (1 - self.g)
        first = second @ self.second.T * {derivative}
        self.third -= lr * self.g.T @ third
        self.second -= lr * self.h.T @ second
        self.first -= lr * self.x.T @ first

    def train(self, X, y):
        for turn in range(100):
            self.forward(X)
            self.backward(y)

Net(2, 6, 5, 1).train(np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0]]))
"""
RIGHT, WRONG = "self.h * (1 - self.h)", "(1 - self.h)"
SINGLE = "= [np.random.randn(*s).astype(np.float32) for s in ((a, b), (b, c), (c, d))]"
MACHINE = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

data = np.random.randint(0, 2, (6, 5)).astype(float)
W, b, c = 0.1 * np.random.randn(5, 4), np.zeros(4), np.zeros(5)
for turn in range(500):
    up = squash(data @ W + b)
    down = squash((up > np.random.rand(6, 4)) @ W.T + c)
    again = squash(down @ W + b)
    W += 0.1 * (data.T @ up - down.T @ again) / 6
    b += 0.1 * np.mean(up - again, 0)
    c += 0.1 * np.mean(data - down, 0)
    error = np.sum((data - down) ** 2)
"""


def units_of(path: Path, text: str) -> list:
    (path / "program.py").write_text(text)
    return recognise(read(path / "program.py")).units


@pytest.mark.thorough
def test_gradients_of_no_loss_are_wrong_whatever_the_loss_is(tmp_path: Path) -> None:
    """The slope at the output is that of no loss that is known; the layers above go back from it all the same."""
    (unit,) = units_of(tmp_path, NET.format(derivative=WRONG))
    assert OF_NO_LOSS in unit.assumptions
    assert judge_unit(unit, examples=8).verdict is Verdict.DISAGREE


@pytest.mark.thorough
def test_single_precision_is_no_excuse(tmp_path: Path) -> None:
    text = NET.format(derivative=WRONG).replace(
        "= np.random.randn(a, b), np.random.randn(b, c), np.random.randn(c, d)", SINGLE
    )
    (unit,) = units_of(tmp_path, text)
    assert OF_NO_LOSS in unit.assumptions


BIASED = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

class Net:
    def __init__(self):
        self.W, self.V, self.b = np.random.randn(3, 5), np.random.randn(5, 2), np.zeros(5)

    def forward(self, x):
        self.x = x
        self.h = squash(x @ self.W + self.b)
        self.o = self.h @ self.V
        return self.o

    def backward(self, y, lr=0.05):
        top = np.tanh(2 * (self.o - y)) / len(y)
        low = top @ self.V.T * self.h * (1 - self.h)
        dV, dW, db = self.h.T @ top, self.x.T @ low, low.mean(0)
        self.V -= lr * dV
        self.W -= lr * dW
        self.b -= lr * db

    def train(self, X, Y):
        for turn in range(300):
            self.forward(X)
            self.backward(Y)

Net().train(np.random.randn(7, 3), np.random.randn(7, 2))
"""


@pytest.mark.thorough
def test_helpers_that_a_backward_is_tried_with_hide_no_proof(tmp_path: Path) -> None:
    """`squash` goes before the backward as well, and has nothing that it moves."""
    (unit,) = units_of(tmp_path, BIASED)
    assert OF_NO_LOSS in unit.assumptions
    assert judge_unit(unit, examples=4).verdict is Verdict.DISAGREE


@pytest.mark.thorough
@pytest.mark.parametrize("text", [NET.format(derivative=RIGHT), MACHINE])
def test_gradients_of_an_unknown_loss_and_rules_that_are_none_are_left_alone(text: str, tmp_path: Path) -> None:
    assert not units_of(tmp_path, text)


@pytest.mark.thorough
def test_a_penalty_that_the_words_tell_of_is_no_proof(tmp_path: Path) -> None:
    assert not units_of(tmp_path, NET.format(derivative=WRONG) + "\n# with a sparsity penalty on h\n")


SPREAD = """
import numpy as np

W, M, S = np.random.randn(2, 5), np.random.randn(5, 1) * 0.1, np.random.randn(5, 1) * 0.1

def grads(x, y):
    h = np.tanh(x @ W)
    mu, v = h @ M, h @ S
    shrink = np.exp(-v)
    a = (mu - y) * shrink / len(x)
    c = 0.5 * (1 - (y - mu) ** 2 * shrink) / len(x)
    q = (a @ M.T + c @ S.T) * (1 - h * h)
    return x.T @ q, h.T @ a, h.T @ c

x, y = np.random.randn(9, 2), np.random.randn(9, 1)
for turn in range(100):
    g = grads(x, y)
    for p, d in zip((W, M, S), g):
        p -= 0.05 * d
"""
REPORTED = """
import numpy as np

W, V = np.random.randn(3, 5), np.random.randn(5, 1)

def train(x, y):
    global W, V
    h = np.tanh(x @ W)
    r = h @ V - y
    g = np.clip(r, -1, 1) / len(x)
    dV = h.T @ g
    dW = x.T @ (g @ V.T * (1 - h ** 2))
    W = W - 0.1 * dW
    V = V - 0.1 * dV
    return np.abs(r).mean()

x, y = np.random.randn(9, 3), np.random.randn(9, 1)
for turn in range(100):
    err = train(x, y)
    if turn % 20 == 0:
        print(turn, err)
"""


FORGERS = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

A, B = np.random.randn(2, 4), np.random.randn(4, 2)
C, D = np.random.randn(2, 5), np.random.randn(5, 1)
for turn in range(50):
    true, z = np.random.randn(3, 2), np.random.randn(3, 2)
    g = np.tanh(z @ A)
    made = g @ B
    h, k = np.tanh(true @ C), np.tanh(made @ C)
    p, q = squash(h @ D), squash(k @ D)
    u, v, w = p - 1, q, q - 1
    dD = h.T @ u + k.T @ v
    dC = true.T @ (u @ D.T * (1 - h ** 2)) + made.T @ (v @ D.T * (1 - k ** 2))
    back = (w @ D.T * (1 - k ** 2)) @ C.T
    dB = g.T @ back
    dA = z.T @ (back @ B.T * (1 - g ** 2))
    D -= 0.1 * dD
    C -= 0.1 * dC
    B -= 0.1 * dB
    A -= 0.1 * dA
"""
SMALL = """
import numpy as np

class Net:
    def __init__(self, a, b, lr=0.1, much=0.02):
        self.A, self.B, self.lr, self.much = np.random.randn(a, b), np.random.randn(b, 1), lr, much

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.A)
        self.o = self.h @ self.B
        return self.o

    def backward(self, y):
        e = self.o - y
        d = e * np.exp(-0.5 * e ** 2)
        dB = self.h.T @ d
        dA = self.x.T @ ((d @ self.B.T + self.much * self.h) * {slope})
        self.A -= self.lr * dA
        self.B -= self.lr * dB

net = Net(3, 6)
X, y = np.random.randn(3, 3), np.random.randn(3, 1)
for turn in range(50):
    net.forward(X)
    net.backward(y)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("text", [FORGERS, SMALL.format(slope="(1 - self.h ** 2)")])
def test_two_losses_and_small_activations_are_no_proof(text: str, tmp_path: Path) -> None:
    """One network is to deceive the other, of which the outputs are; activations are kept small beside a loss."""
    assert not units_of(tmp_path, text)


def test_a_slip_beside_small_activations(tmp_path: Path) -> None:
    (unit,) = units_of(tmp_path, SMALL.format(slope="(1 - self.h)"))
    assert judge_unit(unit, examples=8).verdict is Verdict.DISAGREE


@pytest.mark.parametrize("text", [SPREAD, REPORTED])
def test_what_goes_back_is_no_output_and_mean_errors_are_reports(text: str, tmp_path: Path) -> None:
    """Gradients of a likelihood of two outputs, of which a loop holds the last; those of Huber's loss."""
    assert not units_of(tmp_path, text)


def test_what_lies_in_a_list_with_a_gradient_is_no_output() -> None:
    random = np.random.default_rng(1)
    samples = []
    for _ in range(2):
        slopes, o = [random.standard_normal(3), random.standard_normal(1)], random.standard_normal(3)
        samples.append(Sample(Result(None, {"held": slopes, "o": o, "step": 0.1 * slopes[0]}, {}, {})))
    gradients = {"W": Place(LOCAL, ("step",), "step")}
    assert _is_beside_gradients(Place(LOCAL, ("held", 1), "held[1]"), samples, gradients)
    assert not _is_beside_gradients(Place(LOCAL, ("o",), "o"), samples, gradients)
