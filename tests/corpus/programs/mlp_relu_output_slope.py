from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * np.sqrt(2 / n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class ReLU:
    def forward(self, x):
        self.mask = x <= 0
        return np.maximum(x, 0)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)


class CrossEntropy:
    def forward(self, s, y):
        s = s - s.max(axis=1, keepdims=True)
        self.y = y
        self.p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
        return -np.log(self.p[np.arange(len(y)), y]).mean()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.y)), self.y] -= 1
        return d


class Net:
    def __init__(self, sizes):
        self.layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            self.layers += [Linear(a, b), ReLU()]
        self.layers.pop()
        self.head = CrossEntropy()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, y):
        return self.head.forward(self.predict(x), y)

    def backward(self):
        d = self.head.backward()
        for layer in self.layers[::-1]:
            d = layer.backward(d)
        return d

    def step(self, lr):
        for layer in self.layers:
            if hasattr(layer, 'W'):
                layer.W -= lr * layer.dW
                layer.b -= lr * layer.db


digits = load_digits()
Xtr, Xte, ytr, yte = train_test_split(digits.data / 16, digits.target)
net = Net([64, 100, 50, 10])
for epoch in range(60):
    idx = np.random.permutation(len(Xtr))
    for k in range(0, len(idx), 32):
        b = idx[k:k + 32]
        loss = net.loss(Xtr[b], ytr[b])
        net.backward()
        net.step(.1)
    acc = (net.predict(Xte).argmax(1) == yte).mean()
    print(f'{epoch:3d} loss {loss:.4f} accuracy {acc:.3%}')
assert acc > .9
