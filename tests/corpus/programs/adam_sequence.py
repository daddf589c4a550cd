# one-step-ahead forecast of a weather series
import numpy as np
import pandas as pd


class Predictor:
    names = ['A', 'R', 'b', 'o']

    def __init__(self, n_in, n_hid, lr=1e-3):
        self.A = np.random.randn(n_hid, n_in) / np.sqrt(n_in)
        self.R = np.linalg.qr(np.random.randn(n_hid, n_hid))[0]
        self.b = np.zeros(n_hid)
        self.o = np.zeros(n_hid)
        self.lr, self.t = lr, 0
        self.m1 = {n: np.zeros_like(getattr(self, n)) for n in self.names}
        self.m2 = {n: np.zeros_like(getattr(self, n)) for n in self.names}

    def states(self, xs):
        h = [np.zeros(len(self.b))]
        for x in xs:
            h.append(np.tanh(self.A.dot(x) + self.R.dot(h[-1]) + self.b))
        return h

    def predict(self, xs):
        return self.o.dot(self.states(xs)[-1])

    def fit_one(self, xs, y):
        h = self.states(xs)
        err = self.o.dot(h[-1]) - y
        grad = {n: np.zeros_like(getattr(self, n)) for n in self.names}
        grad['o'] = err * h[-1]
        dh = err * self.o
        for k in range(len(xs), 0, -1):
            dz = dh * (1 - h[k] ** 2)
            grad['A'] += np.outer(dz, xs[k - 1])
            grad['R'] += np.outer(dz, h[k - 1])
            grad['b'] += dz
            dh = self.R.T.dot(dz)
        self.adam(grad)
        return 0.5 * err ** 2

    def adam(self, grad, b1=0.9, b2=0.999, eps=1e-8):
        self.t += 1
        for n in self.names:
            g = grad[n]
            self.m1[n] = b1 * self.m1[n] + (1 - b1) * g
            self.m2[n] = b2 * self.m2[n] + (1 - b2) * g ** 2
            mhat = self.m1[n] / (1 - b1 ** self.t)
            vhat = self.m2[n] / (1 - b2 ** self.t)
            w = getattr(self, n)
            w -= self.lr * mhat / (np.sqrt(vhat) + eps)


if __name__ == '__main__':
    table = pd.read_csv('weather.csv', parse_dates=['date']).dropna()
    values = ((table - table.mean(numeric_only=True)) / table.std(numeric_only=True)).to_numpy()[:, 1:]
    p = Predictor(values.shape[1], 32)
    for epoch in range(20):
        total = 0
        for k in np.random.permutation(len(values) - 25):
            total += p.fit_one(values[k:k + 24], values[k + 24, 0])
        print(epoch, total / (len(values) - 25))
