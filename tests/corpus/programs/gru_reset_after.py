# GRU the way the big libraries define it (gates stacked as r, z, n)
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step_forward(x, h, Wi, Wh, bi, bh):
    """x (N, D), h (N, H), Wi (D, 3H), Wh (H, 3H), biases (3H,)"""
    ai = x @ Wi + bi
    ah = h @ Wh + bh
    i_r, i_z, i_n = np.split(ai, 3, axis=1)
    h_r, h_z, h_n = np.split(ah, 3, axis=1)
    r = sigmoid(i_r + h_r)
    z = sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    h_next = (1 - z) * n + z * h
    return h_next, (x, h, Wi, Wh, r, z, n, h_n)


def gru_step_backward(dh_next, cache):
    x, h, Wi, Wh, r, z, n, h_n = cache
    dn = dh_next * (1 - z)
    dz = dh_next * (h - n)
    da_n = dn * (1 - n ** 2)
    da_z = dz * z * (1 - z)
    dr = da_n * h_n
    da_r = dr * r * (1 - r)
    dai = np.concatenate((da_r, da_z, da_n), axis=1)
    dah = np.concatenate((da_r, da_z, da_n * r), axis=1)
    dx = dai @ Wi.T
    dh = dah @ Wh.T + dh_next * z
    return dx, dh, x.T @ dai, h.T @ dah, dai.sum(axis=0), dah.sum(axis=0)


def gru_forward(x, h0, Wi, Wh, bi, bh):
    hs, caches = [], []
    h = h0
    for t in range(x.shape[1]):
        h, c = gru_step_forward(x[:, t], h, Wi, Wh, bi, bh)
        hs.append(h)
        caches.append(c)
    return np.stack(hs, axis=1), caches


def gru_backward(dhs, caches):
    dx, dWi, dWh, dbi, dbh = [], 0, 0, 0, 0
    dh = 0
    for t in reversed(range(dhs.shape[1])):
        dxt, dh, a, b, c, d = gru_step_backward(dhs[:, t] + dh, caches[t])
        dx.insert(0, dxt)
        dWi, dWh, dbi, dbh = dWi + a, dWh + b, dbi + c, dbh + d
    return np.stack(dx, axis=1), dh, dWi, dWh, dbi, dbh


rng = np.random.default_rng(0)
N, T, D, H = 2, 4, 3, 5
x = rng.normal(size=(N, T, D))
W = [rng.normal(size=s) for s in ((D, 3 * H), (H, 3 * H), (3 * H,), (3 * H,))]
out, caches = gru_forward(x, np.zeros((N, H)), *W)
grads = gru_backward(np.ones_like(out), caches)
print([g.shape for g in grads])
