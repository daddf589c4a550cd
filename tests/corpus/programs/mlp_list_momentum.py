import numpy as np
import random

class MLP:
    def __init__(self, layer_sizes, activation='tanh'):
        self.weights = []
        self.velocity = []
        for i in range(1, len(layer_sizes)):
            w = np.random.randn(layer_sizes[i - 1] + 1, layer_sizes[i]) / np.sqrt(layer_sizes[i - 1])
            self.weights.append(w)
            self.velocity.append(np.zeros_like(w))
        if activation == 'tanh':
            self.act = np.tanh
            self.dact = lambda a: 1.0 - a ** 2
        else:
            self.act = lambda z: 1.0 / (1.0 + np.exp(-z))
            self.dact = lambda a: a * (1.0 - a)

    def _bias(self, a):
        return np.hstack([a, np.ones((a.shape[0], 1))])

    def predict(self, X):
        a = X
        for w in self.weights:
            a = self.act(self._bias(a).dot(w))
        return a

    def gradients(self, X, Y):
        acts = [self._bias(X)]
        for k, w in enumerate(self.weights):
            a = self.act(acts[-1].dot(w))
            acts.append(a if k == len(self.weights) - 1 else self._bias(a))
        delta = (acts[-1] - Y) * self.dact(acts[-1])
        out = [None] * len(self.weights)
        for k in range(len(self.weights) - 1, -1, -1):
            out[k] = acts[k].T.dot(delta) / X.shape[0]
            if k > 0:
                delta = delta.dot(self.weights[k][:-1].T) * self.dact(acts[k][:, :-1])
        return out

    def fit(self, X, Y, epochs=500, lr=0.2, mu=0.9, batch=10):
        for e in range(epochs):
            order = list(range(len(X)))
            random.shuffle(order)
            for s in range(0, len(X), batch):
                rows = order[s:s + batch]
                for k, g in enumerate(self.gradients(X[rows], Y[rows])):
                    self.velocity[k] = mu * self.velocity[k] - lr * g
                    self.weights[k] += self.velocity[k]
            if e % 100 == 0:
                print(e, 0.5 * np.mean(np.sum((self.predict(X) - Y) ** 2, axis=1)))

X = np.random.uniform(-1, 1, (100, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))
MLP([3, 16, 8, 1]).fit(X, Y)
