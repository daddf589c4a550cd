"""Trainings that go through a batch call by call, and take one step by the sums that the calls hand on."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

RIDES = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hid, n_out, rate):
        self.weights_inner = np.random.normal(0.0, n_in ** -0.5, (n_in, n_hid))
        self.weights_outer = np.random.normal(0.0, n_hid ** -0.5, (n_hid, n_out))
        self.rate = rate

    def train(self, features, targets):
        delta_inner, delta_outer = np.zeros(self.weights_inner.shape), np.zeros(self.weights_outer.shape)
        for x, y in zip(features, targets):
            out, hidden = self.forward_pass(x)
            delta_inner, delta_outer = self.backpropagation(out, hidden, x, y, delta_inner, delta_outer)
        self.update_weights(delta_inner, delta_outer, features.shape[0])

    def forward_pass(self, x):
        hidden = 1 / (1 + np.exp(-(x @ self.weights_inner)))
        return hidden @ self.weights_outer, hidden

    def backpropagation(self, out, hidden, x, y, delta_inner, delta_outer):
        error = y - out
        sent = (error @ self.weights_outer.T) * hidden * (1 - hidden)
        delta_inner {added} self.rate * x[:, None] * sent
        delta_outer += self.rate * hidden[:, None] * error
        return delta_inner, delta_outer

    def update_weights(self, delta_inner, delta_outer, n):
        self.weights_inner += delta_inner / n
        self.weights_outer += delta_outer / n
"""
PACKED = """
import numpy as np

class Net:
    def __init__(self, n, h):
        self.W, self.U, self.V = np.random.randn(h, n), np.random.randn(h, h), np.random.randn(n, h)
        self.theta = self.roll(self.W, self.U, self.V)

    def roll(self, W, U, V):
        return np.concatenate((W.ravel(), U.ravel(), V.ravel()))

    def unroll(self, theta):
        ends = np.cumsum([self.W.size, self.U.size])
        parts = np.split(theta, ends)
        return [part.reshape(own.shape) for part, own in zip(parts, (self.W, self.U, self.V))]

    def loss_func(self, inputs, targets, h0):
        xs, hs, ps, loss = {{}}, {{-1: h0}}, {{}}, 0
        for t in range(len(inputs)):
            xs[t] = np.zeros((self.V.shape[0], 1))
            xs[t][inputs[t]] = 1
            hs[t] = np.tanh(self.W @ xs[t] + self.U @ hs[t - 1])
            y = self.V @ hs[t]
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][targets[t]])
        dW, dU, dV = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.V)
        later = np.zeros_like(h0)
        for t in reversed(range(len(inputs))):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dV += dy @ hs[t].T
            da = (self.V.T @ dy + later) * (1 - hs[t] ** 2)
            dW += da @ xs[t].T
            dU += da @ hs[{last}].T
            later = self.U.T @ da
        grad = self.roll(dW, dU, dV)
        return loss, grad, hs[len(inputs) - 1]

    def valid_grad(self, theta, inputs, targets, h0, epsilon=1e-5):
        found = np.zeros(theta.size)
        for j in range(theta.size):
            aside = np.zeros(theta.size)
            aside[j] = 1
            self.W, self.U, self.V = self.unroll(theta + epsilon * aside)
            more = self.loss_func(inputs, targets, h0)
            self.W, self.U, self.V = self.unroll(theta - epsilon * aside)
            less = self.loss_func(inputs, targets, h0)
            found[j] = (more[0] - less[0]) / (2 * epsilon)
        return found

text = open("some.txt").read()
chars = sorted(set(text))
net = Net(len(chars), 30)
p, h = 0, np.zeros((30, 1))
while True:
    if p + 21 >= len(text):
        p, h = 0, np.zeros((30, 1))
    inputs = [chars.index(c) for c in text[p:p + 20]]
    targets = [chars.index(c) for c in text[p + 1:p + 21]]
    loss, grad, h = net.loss_func(inputs, targets, h)
    p += 20
"""
DECAYING = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hid, n_out, rate=0.01, kind="tanh", decay=0.0, uses_velocity=False, share=0.9):
        self.A, self.B = np.random.randn(n_in, n_hid), np.random.randn(n_hid, n_out)
        self.rate, self.kind, self.decay, self.uses_velocity, self.share = rate, kind, decay, uses_velocity, share

    def forward(self, X):
        self.h = np.tanh(X @ self.A)
        e = np.exp(self.h @ self.B)
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, X, y):
        m = X.shape[0]
        shown = self.p.copy()
        d = shown
        d[range(m), y] -= 1
        d /= m
        dB = self.h.T @ d + self.decay * self.B
        dA = X.T @ (d @ self.B.T * (1 - self.h ** 2)) + self.decay * self.{own}
        if self.uses_velocity:
            self.vA = self.share * getattr(self, "vA", 0) + (1 - self.share) * dA
            self.vB = self.share * getattr(self, "vB", 0) + (1 - self.share) * dB
            self.A -= self.rate * self.vA
            self.B -= self.rate * self.vB
        else:
            self.A -= self.rate * dA
            self.B -= self.rate * dB

    def fit(self, X, y):
        for turn in range(100):
            self.forward(X)
            self.backward(X, y)
"""
RIGHT = {"sums": RIDES.format(added="+="), "packed": PACKED.format(last="t - 1"), "decay": DECAYING.format(own="A")}
WRONG = {
    "sums": RIDES.format(added="="),
    "packed": PACKED.format(last="t"),
    "decay": DECAYING.format(own="A * self.h.mean()"),
}


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT.keys())
def test_right_ones_agree(code: str, judged: Judged) -> None:
    """Sums over the calls, gradients in one vector beside differences that check them, and decay where weights move."""
    assert judged(code) == ({Verdict.AGREE}, [])


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG.keys())
def test_wrong_ones_do_not(code: str, judged: Judged) -> None:
    """The last example alone, the state of the same step, a decay that goes by something else."""
    assert Verdict.DISAGREE in judged(code)[0]
