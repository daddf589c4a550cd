# coding: utf-8
import numpy as np
import pickle


class Cell:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(np.dot(h_prev, Wh) + np.dot(x, Wx) + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next ** 2)
        db = np.sum(dt, axis=0)
        dWh = np.dot(h_prev.T, dt)
        dh_prev = np.dot(dt, Wh.T)
        dWx = np.dot(x.T, dt)
        dx = np.dot(dt, Wx.T)
        self.grads[0][...] = dWx
        self.grads[1][...] = dWh
        self.grads[2][...] = db
        return dx, dh_prev


class SequenceLayer:
    def __init__(self, Wx, Wh, b, stateful=False):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.layers = None
        self.h, self.dh = None, None
        self.stateful = stateful

    def forward(self, xs):
        Wx, Wh, b = self.params
        N, T, D = xs.shape
        H = Wh.shape[0]
        self.layers = []
        hs = np.empty((N, T, H), dtype=xs.dtype)
        if not self.stateful or self.h is None:
            self.h = np.zeros((N, H), dtype=xs.dtype)
        for t in range(T):
            layer = Cell(*self.params)
            self.h = layer.forward(xs[:, t, :], self.h)
            hs[:, t, :] = self.h
            self.layers.append(layer)
        return hs

    def backward(self, dhs):
        Wx, Wh, b = self.params
        N, T, H = dhs.shape
        dxs = np.empty((N, T, Wx.shape[0]), dtype=dhs.dtype)
        dh = 0
        grads = [0, 0, 0]
        for t in reversed(range(T)):
            layer = self.layers[t]
            dx, dh = layer.backward(dhs[:, t, :] + dh)
            dxs[:, t, :] = dx
            for i, grad in enumerate(layer.grads):
                grads[i] = grad
        for i, grad in enumerate(grads):
            self.grads[i][...] = grad
        self.dh = dh
        return dxs


class Lookup:
    def __init__(self, W):
        self.params, self.grads = [W], [np.zeros_like(W)]

    def forward(self, xs):
        self.idx = xs
        return self.params[0][xs]

    def backward(self, dout):
        dW = self.grads[0]
        dW[...] = 0
        np.add.at(dW, self.idx, dout)
        return None


class Readout:
    def __init__(self, W, b):
        self.params, self.grads = [W, b], [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        self.x = x
        return np.dot(x, self.params[0]) + self.params[1]

    def backward(self, dout):
        N, T, D = self.x.shape
        flat = dout.reshape(N * T, -1)
        self.grads[0][...] = np.dot(self.x.reshape(N * T, -1).T, flat)
        self.grads[1][...] = np.sum(flat, axis=0)
        return np.dot(flat, self.params[0].T).reshape(N, T, D)


class CrossEntropy:
    def __init__(self):
        self.params, self.grads = [], []

    def forward(self, xs, ts):
        N, T, V = xs.shape
        xs = xs.reshape(N * T, V)
        ts = ts.reshape(N * T)
        xs = xs - xs.max(axis=1, keepdims=True)
        ys = np.exp(xs)
        ys /= ys.sum(axis=1, keepdims=True)
        self.cache = (ts, ys, (N, T, V))
        return -np.sum(np.log(ys[np.arange(N * T), ts])) / (N * T)

    def backward(self, dout=1):
        ts, ys, (N, T, V) = self.cache
        dx = ys
        dx[np.arange(N * T), ts] -= 1
        dx *= dout / (N * T)
        return dx.reshape((N, T, V))


class LanguageModel:
    def __init__(self, vocab_size, embed_size, hidden_size):
        V, D, H = vocab_size, embed_size, hidden_size
        rn = np.random.randn
        self.embed = Lookup(rn(V, D) / 100)
        self.rnn = SequenceLayer(rn(D, H) / np.sqrt(D), rn(H, H) / np.sqrt(H), np.zeros(H), stateful=True)
        self.affine = Readout(rn(H, V) / np.sqrt(H), np.zeros(V))
        self.layers = [self.embed, self.rnn, self.affine]
        self.judge = CrossEntropy()
        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads

    def forward(self, xs, ts):
        for layer in self.layers:
            xs = layer.forward(xs)
        return self.judge.forward(xs, ts)

    def backward(self, dout=1):
        dout = self.judge.backward(dout)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    def reset_state(self):
        self.rnn.h = None


def descend(model, rate):
    for param, grad in zip(model.params, model.grads):
        param -= rate * grad


def columns(ids, n):
    """n readers start at equal distances in the text"""
    return ids[:len(ids) // n * n].reshape(n, -1)


if __name__ == '__main__':
    grid = columns(pickle.load(open('ids.pkl', 'rb')), 10)
    model = LanguageModel(grid.max() + 1, 100, 100)
    for epoch in range(100):
        model.reset_state()
        losses = []
        for k in range(0, grid.shape[1] - 6, 5):
            losses.append(model.forward(grid[:, k:k + 5], grid[:, k + 1:k + 6]))
            model.backward()
            descend(model, 0.1)
        print('epoch', epoch, 'perplexity', np.exp(np.mean(losses)))
