import numpy as np
import matplotlib.pyplot as plt

# predict the next value of a noisy sine from the last 20
steps = 20
t = np.linspace(0, 60 * np.pi, 3000)
series = np.sin(t) + 0.05 * np.random.randn(len(t))


class SimpleRNN:
    def __init__(self, n_in, n_hidden, n_out):
        s = 1.0 / np.sqrt(n_hidden)
        self.Wx = np.random.uniform(-s, s, (n_in, n_hidden))
        self.Wh = np.random.uniform(-s, s, (n_hidden, n_hidden))
        self.bh = np.zeros((1, n_hidden))
        self.Wy = np.random.uniform(-s, s, (n_hidden, n_out))
        self.by = np.zeros((1, n_out))

    def forward(self, X):
        # X: (batch, time, features)
        self.X = X
        batch, T, _ = X.shape
        self.h = [np.zeros((batch, self.Wh.shape[0]))]
        for t in range(T):
            self.h.append(np.tanh(X[:, t, :] @ self.Wx + self.h[-1] @ self.Wh + self.bh))
        return self.h[-1] @ self.Wy + self.by

    def backward(self, out, target):
        batch, T, _ = self.X.shape
        dout = 2 * (out - target) / out.size
        self.dWy = self.h[-1].T @ dout
        self.dby = dout.sum(axis=0, keepdims=True)
        self.dWx = np.zeros_like(self.Wx)
        self.dWh = np.zeros_like(self.Wh)
        self.dbh = np.zeros_like(self.bh)
        dh = dout @ self.Wy.T
        for t in range(T, 0, -1):
            da = dh * (1 - self.h[t] ** 2)
            self.dWx += self.X[:, t - 1, :].T @ da
            self.dWh += self.h[t - 1].T @ da
            self.dbh += da.sum(axis=0, keepdims=True)
            dh = da @ self.Wh

    def update(self, lr):
        for name in ('Wx', 'Wh', 'bh', 'Wy', 'by'):
            w = getattr(self, name)
            w -= lr * np.clip(getattr(self, 'd' + name), -1, 1)


def make_windows(s, n):
    X = np.stack([s[i:i + n] for i in range(len(s) - n)])
    return X[:, :, None], s[n:, None]


X, Y = make_windows(series, steps)
split = int(0.8 * len(X))
net = SimpleRNN(1, 32, 1)
train_losses = []
for epoch in range(30):
    order = np.random.permutation(split)
    for i in range(0, split, 64):
        b = order[i:i + 64]
        out = net.forward(X[b])
        net.backward(out, Y[b])
        net.update(0.05)
    mse = np.mean((net.forward(X[split:]) - Y[split:]) ** 2)
    train_losses.append(mse)
    print("epoch {:3d}  test mse {:.5f}".format(epoch, mse))

plt.figure(figsize=(10, 3))
plt.plot(Y[split:], label='truth')
plt.plot(net.forward(X[split:]), label='prediction')
plt.legend()
plt.show()
