import numpy as np


def train(series, n_iter=500, lr=0.01, window=20, n=6):
    r = np.random.RandomState(5)
    u = r.randn(n) * .3
    W = r.randn(n, n) * .3
    c = r.randn(n) * .3
    v = r.randn(n) * .3
    record = []
    for it in range(n_iter):
        start = (it * window) % (len(series) - window - 1)
        x = series[start:start + window]
        y = series[start + 1:start + window + 1]

        h = np.zeros((window + 1, n))
        guess = np.zeros(window)
        for t in range(window):
            h[t + 1] = np.tanh(u * x[t] + W @ h[t] + c)
            guess[t] = v @ h[t + 1]
        loss = np.mean((guess - y) ** 2)
        record.append(loss)

        dguess = 2 * (guess - y) / window
        dv = dguess @ h[1:]
        du, dW, dc = np.zeros(n), np.zeros((n, n)), np.zeros(n)
        dh = np.zeros(n)
        for t in range(window, 0, -1):
            dh = dh + dguess[t - 1] * v
            dz = dh * (1 - h[t] ** 2)
            du += dz * x[t - 1]
            dW += np.outer(dz, h[t - 1])
            dc += dz
            dh = W.T @ dz
        u -= lr * du
        W -= lr * dW
        c -= lr * dc
        v -= lr * dv
        if it % 100 == 0:
            print(it, loss)
    return u, W, c, v, record


if __name__ == '__main__':
    import matplotlib.pyplot as plt
    t = np.arange(2000)
    *weights, record = train(np.sin(t / 5) * np.cos(t / 17), 4000)
    plt.plot(record)
    plt.yscale('log')
    plt.show()
