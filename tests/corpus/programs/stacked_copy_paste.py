import numpy as np
from tqdm import tqdm

book = open('frankenstein.txt').read()
keys = sorted(set(book))
enc = np.array([keys.index(k) for k in book])
v, n, seq, bs = len(keys), 128, 30, 24

Wx1, Wh1, b1 = np.random.randn(n, v) * .08, np.random.randn(n, n) * .08, np.zeros((n, 1))
Wx2, Wh2, b2 = np.random.randn(n, n) * .08, np.random.randn(n, n) * .08, np.zeros((n, 1))
Wy, by = np.random.randn(v, n) * .08, np.zeros((v, 1))


def one_hot(k):
    m = np.zeros((v, len(k)))
    m[k, np.arange(len(k))] = 1
    return m


def loss_fun(X, Y, h1_0, h2_0):
    """X, Y: (time, batch) of integers"""
    T, B = X.shape
    x, h1, h2, p = {}, {-1: h1_0}, {-1: h2_0}, {}
    loss = 0
    for t in range(T):
        x[t] = one_hot(X[t])
        h1[t] = np.tanh(Wx1 @ x[t] + Wh1 @ h1[t - 1] + b1)
        h2[t] = np.tanh(Wx2 @ h1[t] + Wh2 @ h2[t - 1] + b2)
        o = Wy @ h2[t] + by
        o = np.exp(o - o.max(axis=0))
        p[t] = o / o.sum(axis=0)
        loss -= np.log(p[t][Y[t], np.arange(B)]).sum() / B

    dWx1, dWh1, db1 = np.zeros_like(Wx1), np.zeros_like(Wh1), np.zeros_like(b1)
    dWx2, dWh2, db2 = np.zeros_like(Wx2), np.zeros_like(Wh2), np.zeros_like(b2)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh1_next, dh2_next = np.zeros_like(h1_0), np.zeros_like(h2_0)
    for t in range(T - 1, -1, -1):
        do = (p[t] - one_hot(Y[t])) / B
        dWy += do @ h2[t].T
        dby += do.sum(axis=1, keepdims=True)
        # upper layer
        dh2 = Wy.T @ do + dh2_next
        dz2 = (1 - h2[t] ** 2) * dh2
        dWx2 += dz2 @ h1[t].T
        dWh2 += dz2 @ h2[t - 1].T
        db2 += dz2.sum(axis=1, keepdims=True)
        dh2_next = Wh2.T @ dz2
        # lower layer
        dh1 = Wx2.T @ dz2 + dh1_next
        dz1 = (1 - h1[t] ** 2) * dh1
        dWx1 += dz1 @ x[t].T
        dWh1 += dz1 @ h1[t - 1].T
        db1 = dz1.sum(axis=1, keepdims=True)
        dh1_next = Wh2.T @ dz1
    return loss, [dWx1, dWh1, db1, dWx2, dWh2, db2, dWy, dby], h1[T - 1], h2[T - 1]


params = [Wx1, Wh1, b1, Wx2, Wh2, b2, Wy, by]
avg = [np.zeros_like(q) for q in params]
h1 = h2 = np.zeros((n, bs))
for it in tqdm(range(20000)):
    at = np.random.randint(0, len(enc) - seq - 1, bs)
    X = np.stack([enc[a:a + seq] for a in at], axis=1)
    Y = np.stack([enc[a + 1:a + seq + 1] for a in at], axis=1)
    loss, grads, _, _ = loss_fun(X, Y, np.zeros((n, bs)), np.zeros((n, bs)))
    for q, d, a in zip(params, grads, avg):
        d = np.clip(d, -5, 5)
        a[...] = .99 * a + .01 * d * d     # rmsprop
        q -= 1e-3 * d / (np.sqrt(a) + 1e-8)
    if it % 500 == 0:
        tqdm.write('%d %f' % (it, loss / seq))
