"""Small programs in the shapes that people write, for the tests of their recognition."""

CHARACTERS = """
import numpy as np
data = open('input.txt', 'r').read()
chars = list(set(data))
vocab_size, hidden_size, seq_length = len(chars), 100, 25
index = {c: i for i, c in enumerate(chars)}
Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
Whh = np.random.randn(hidden_size, hidden_size) * 0.01
Why = np.random.randn(vocab_size, hidden_size) * 0.01
bh, by = np.zeros((hidden_size, 1)), np.zeros((vocab_size, 1))

def lossFun(inputs, targets, hprev):
    xs, hs, ps = {}, {-1: np.copy(hprev)}, {}
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wxh.dot(xs[t]) + Whh.dot(hs[t-1]) + bh)
        e = np.exp(Why.dot(hs[t]) + by)
        ps[t] = e / e.sum()
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy.dot(hs[t].T)
        dby += dy
        dh = Why.T.dot(dy) + dhnext
        dz = (1 - hs[t] * hs[t]) * dh
        dbh += dz
        dWxh += dz.dot(xs[t].T)
        dWhh += dz.dot(hs[t-1].T)
        dhnext = Whh.T.dot(dz)
    for d in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(d, -5, 5, out=d)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]

n, p = 0, 0
while True:
    if p + seq_length + 1 >= len(data) or n == 0:
        hprev, p = np.zeros((hidden_size, 1)), 0
    inputs = [index[c] for c in data[p:p + seq_length]]
    targets = [index[c] for c in data[p + 1:p + seq_length + 1]]
    loss, dWxh, dWhh, dWhy, dbh, dby, hprev = lossFun(inputs, targets, hprev)
    for param, dparam in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby]):
        param += -0.1 * dparam
    p += seq_length
    n += 1
"""

PAIR = """
import numpy as np

def affine_forward(x, W, b):
    out = x.dot(W) + b
    return out, (x, W)

def affine_backward(dout, cache):
    x, W = cache
    return dout.dot(W.T), x.T.dot(dout), dout.sum(axis=0)

x, W, b = np.random.randn(3, 4), np.random.randn(4, 5), np.random.randn(5)
out, cache = affine_forward(x, W, b)
dx, dW, db = affine_backward(np.ones_like(out), cache)
"""

LOOP = """
import numpy as np
x, y = np.random.randn(6, 3), np.random.randn(6, 2)
W1, W2 = np.random.randn(3, 50), np.random.randn(50, 2)
for step in range(100000):
    h = np.tanh(x @ W1)
    out = h @ W2
    loss = 0.5 * np.sum((out - y) ** 2)
    g_out = out - y
    g_W2 = h.T @ g_out
    g_W1 = x.T @ (g_out @ W2.T * (1 - h ** 2))
    W1 -= 0.01 * g_W1
    W2 -= 0.01 * g_W2
"""

METHOD = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hidden):
        self.W = np.random.randn(n_hidden, n_in)
        self.b = np.zeros(n_hidden)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def step(self, x, y):
        h = np.tanh(self.W @ x + self.b)
        loss = np.sum((h - y) ** 2)
        dz = 2 * (h - y) * (1 - h * h)
        self.dW += np.outer(dz, x)
        self.db += dz
        return loss

net = Net(4, 60)
net.step(np.random.randn(4), np.random.randn(60))
"""

TURN = """
import numpy as np

X, Y = np.random.randn(8, 3), np.random.randn(8, 6)
U, a = np.random.randn(3, 6), np.random.randn(6)
V, b = np.random.randn(6, 6), np.random.randn(6)
rate = 0.1
memory = {{name: np.zeros_like(value) for name, value in (("U", U), ("a", a), ("V", V), ("b", b))}}
for turn in range(9):
    h = np.tanh(X @ U + a)
    miss = h @ V + b - Y
    loss = np.mean(miss ** 2)
    out = 2 * miss / miss.size
    dV, db = h.T @ out, out.sum(0)
    dh = out @ V.T * (1 - h ** 2)
    dU, da = X.T @ dh, dh.sum(0)
{steps}
    if turn % 3 == 0:
        print(turn, loss)
"""
