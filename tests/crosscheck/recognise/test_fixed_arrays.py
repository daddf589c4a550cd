"""Arrays that say what they are, fields of classes, masks of criteria, and sizes that are written twice."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

SYMBOLS = """
import numpy as np

text = "mississippi and missouri are rivers"
chars = sorted(set(text))
K, H = len(chars), 20
unit = np.eye(K)
ones = np.ones((1, 9))
A, B, C = np.random.randn(K, H) * 0.1, np.random.randn(H, H) * 0.1, np.random.randn(H, K) * 0.1

def window(inputs, targets, h0):
    h, hs, ps, loss = h0, [], [], 0.0
    for i, j in zip(inputs, targets):
        h = np.tanh(A[i] + h @ B)
        s = np.exp(h @ C)
        ps.append(s / s.sum())
        hs.append(h)
        loss -= np.log(ps[-1][j])
    hs, ps = np.array(hs), np.array(ps)
    off = ps - unit[targets]
    dC = hs.T @ off
    dz, carry = np.zeros_like(hs), np.zeros(H)
    for t in reversed(range(len(inputs))):
        dz[t] = (C @ off[t] + carry) * (1 - hs[t] ** 2)
        carry = B @ dz[t]
    dA = unit[inputs].T @ dz
    dB = {before}.T @ dz
    return loss, dA, dB, dC, hs[-1]

h = np.zeros(H)
for k in range(0, len(text) - 9, 8):
    inputs = [chars.index(c) for c in text[k:k + 8]]
    targets = [chars.index(c) for c in text[k + 1:k + 9]]
    loss, dA, dB, dC, h = window(inputs, targets, h)
    print(loss)
    for p, g in zip((A, B, C), (dA, dB, dC)):
        p -= 0.1 * g
"""
ROW = """
import numpy as np

n, T, H = 40, 5, 7
X = np.random.randn(T, 2, n)
Y = np.tanh(X[0, :1] - X[2, 1:])
ones = np.ones((1, n))
U, W, b = 0.5 * np.random.randn(H, 2), 0.3 * np.random.randn(H, H), np.zeros((H, 1))
V, c = 0.5 * np.random.randn(1, H), np.zeros((1, 1))

for turn in range(1000):
    h = [np.zeros((H, n))]
    for t in range(T):
        h.append(np.tanh(U @ X[t] + W @ h[-1] + b))
    out = V @ h[-1] + c
    cost = 0.5 * np.mean((out - Y) ** 2)
    d = (out - Y) / n
    dV, dc = d @ h[-1].T, d @ ones.T
    dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
    back = V.T @ d
    for t in range(T - 1, -1, -1):
        dz = back * (1 - h[t + 1] ** 2)
        dU += dz @ X[t].T
        dW += dz @ h[{at}].T
        db += dz @ ones.T
        back = W.T @ dz
    for p, g in zip((U, W, b, V, c), (dU, dW, db, dV, dc)):
        p -= 0.1 * g
    print(cost)
"""
FIELDS = """
import numpy as np

class Cell:
    parameters = {{}}

    def __init__(self, wide, deep):
        self.parameters["Wx"] = np.random.randn(deep, wide)
        self.parameters["Wh"] = np.random.randn(deep, deep)

    def forward(self, x, h0):
        h, loss = {{-1: h0}}, 0
        for t in range(len(x)):
            h[t] = np.tanh(self.parameters["Wx"] @ x[t] + self.parameters["Wh"] @ h[t - 1])
            loss += 0.5 * np.sum((h[t] - 1) ** 2)
        return loss, (x, h)

    def backward(self, kept):
        x, h = kept
        grads = {{"dWx": np.zeros_like(self.parameters["Wx"]), "dWh": np.zeros_like(self.parameters["Wh"])}}
        later = np.zeros_like(h[0])
        for t in reversed(range(len(x))):
            draw = (h[t] - 1 + later) * (1 - h[t] ** 2)
            grads["dWx"] += draw @ x[t].T
            grads["dWh"] += draw @ h[{at}].T
            later = self.parameters["Wh"].T @ draw
        return grads

cell = Cell(4, 6)
x = [np.random.randn(4, 1) for _ in range(8)]
loss, kept = cell.forward(x, np.zeros((6, 1)))
grads = cell.backward(kept)
"""
MASKED = """
import numpy as np

class Masked:
    def __call__(self, y, t, mask):
        self.n = mask.sum()
        self.diff = (y - t) * mask[:, :, None]
        return np.sum(self.diff ** 2) / self.n

    def backward(self):
        return {factor} * self.diff / self.n

criterion = Masked()
y, t = np.random.randn(8, 12, 1), np.random.randn(8, 12, 1)
mask = (np.arange(12)[None] < np.random.randint(5, 13, (8, 1))).astype(float)
loss = criterion(y, t, mask)
grad = criterion.backward()
"""
WRITTEN_TWICE = """
import numpy as np

class Steps:
    def __init__(self, params, rate=0.1, keep=0.9):
        self.params, self.rate, self.keep = params, rate, keep
        self.v = [np.zeros_like(p) for p in params]

    def step(self, grads):
        for p, g, v in zip(self.params, grads, self.v):
            v *= self.keep
            v += g
            p {way} self.rate * v

class Tagger:
    def __init__(self, words, tags, wide=8):
        self.E, self.V = np.random.randn(words, wide) * 0.1, np.random.randn(wide, tags)
        self.params = [self.E, self.V]

    def loss(self, tokens, tags):
        x = self.E[tokens]
        s = x @ self.V
        p = np.exp(s - s.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        n = len(tokens)
        cost = -np.sum(np.log(p[np.arange(n), tags])) / n
        ds = p.copy()
        ds[np.arange(n), tags] -= 1
        ds /= n
        dE = np.zeros_like(self.E)
        np.add.at(dE, tokens, ds @ self.V.T)
        return cost, [dE, x.T @ ds]

net = Tagger(20, 4)
steps = Steps(net.params)
for turn in range(600):
    tokens = np.random.randint(1, 20, 9)
    cost, grads = net.loss(tokens, tokens % 4)
    steps.step(grads)
"""
TRIANGLE = """
import numpy as np

T, D, H = 6, 3, 8
tri = np.tril(np.ones((T, T)))
mean = tri / tri.sum(axis=1, keepdims=True)
W, v = np.random.randn(D, H), np.random.randn(H)

def loss_and_gradients(x, y):
    f = np.tanh(x @ W)
    m = np.cumsum(f, axis=0) / np.arange(1, len(x) + 1)[:, None]
    e = m @ v - y
    df = {back} @ np.outer(e, v)
    return 0.5 * np.sum(e ** 2), x.T @ (df * (1 - f ** 2)), m.T @ e

for turn in range(100):
    loss, dW, dv = loss_and_gradients(np.random.randn(T, D), np.random.randn(T))
    W -= 0.02 * dW
    v -= 0.02 * dv
    print(loss)
"""
CALLERS_MEAN = """
import numpy as np

X, Y = np.random.rand(20, 6), np.random.rand(20)

def forward_states(X, wx, wRec):
    S = np.zeros((X.shape[0], X.shape[1] + 1))
    for k in range(X.shape[1]):
        S[:, k + 1] = X[:, k] * wx + S[:, k] * wRec
    return S

def loss(y, t):
    return np.mean((t - y) ** 2)

def output_gradient(y, t):
    # The gradient of the loss with respect to the output y
    return 2.0 * (y - t)

def backward_gradient(X, S, gradient_output, wRec):
    over = np.zeros_like(S)
    over[:, -1] = gradient_output
    wx_grad, wRec_grad = 0, 0
    for k in range(X.shape[1], 0, -1):
        wx_grad += np.mean(over[:, k] * X[:, k - 1])
        wRec_grad += np.mean(over[:, k] * S[:, {at}])
        over[:, k - 1] = over[:, k] * wRec
    return wx_grad, wRec_grad

w = [1.2, 0.9]
S = forward_states(X, w[0], w[1])
gradient_output = output_gradient(S[:, -1], Y)
gradients = backward_gradient(X, S, gradient_output, w[1])
print(loss(S[:, -1], Y), gradients)
"""
RIGHT = {
    "a mean of the caller": CALLERS_MEAN.format(at="k - 1"),
    "triangle": TRIANGLE.format(back="mean.T"),
    "symbols": SYMBOLS.format(before="np.vstack([h0, hs[:-1]])"),
    "a row of ones": ROW.format(at="t"),
    "fields": FIELDS.format(at="t - 1"),
    "mask": MASKED.format(factor="2"),
    "written twice": WRITTEN_TWICE.format(way="-="),
}
WRONG = {
    "a mean of the caller": CALLERS_MEAN.format(at="k"),
    "triangle": TRIANGLE.format(back="mean"),
    "symbols": SYMBOLS.format(before="hs"),
    "a row of ones": ROW.format(at="t + 1"),
    "fields": FIELDS.format(at="t"),
    "mask": MASKED.format(factor="1"),
    "written twice": WRITTEN_TWICE.format(way="+="),
}


@pytest.mark.usefixtures("every_plan")
@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT.keys())
def test_they_agree(code: str, judged: Judged) -> None:
    assert judged(code) == ({Verdict.AGREE}, [])


@pytest.mark.usefixtures("every_plan")
@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG.keys())
def test_slips_beside_them_do_not(code: str, judged: Judged) -> None:
    assert judged(code)[0] == {Verdict.DISAGREE}
