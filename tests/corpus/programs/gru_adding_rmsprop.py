import numpy as np
from collections import OrderedDict


def sigm(z):
    return 1.0 / (1.0 + np.exp(-z))


class GRU(object):
    """GRU regressor: reads a sequence (T, B, D), predicts one number at the end."""

    def __init__(self, n_in, n_hid, seed=0):
        r = np.random.RandomState(seed)
        self.p = OrderedDict()
        for g in 'zrc':
            self.p['W' + g] = r.randn(n_in, n_hid) * 0.3
            self.p['U' + g] = r.randn(n_hid, n_hid) * 0.3
            self.p['b' + g] = np.zeros(n_hid)
        self.p['V'] = r.randn(n_hid, 1) * 0.3
        self.p['k'] = np.zeros(1)
        self.cache = dict((name, np.zeros_like(w)) for name, w in self.p.items())

    def step(self, x, target, lr=0.01):
        p = self.p
        T, B, D = x.shape
        h = np.zeros((B, p['Uz'].shape[0]))
        tape = []
        for t in range(T):
            z = sigm(x[t].dot(p['Wz']) + h.dot(p['Uz']) + p['bz'])
            r = sigm(x[t].dot(p['Wr']) + h.dot(p['Ur']) + p['br'])
            c = np.tanh(x[t].dot(p['Wc']) + (r * h).dot(p['Uc']) + p['bc'])
            tape.append((h, z, r, c))
            h = (1 - z) * h + z * c
        out = h.dot(p['V']) + p['k']
        diff = out - target
        loss = 0.5 * np.mean(diff ** 2)

        g = dict((name, np.zeros_like(w)) for name, w in p.items())
        dout = diff / B
        g['V'] = h.T.dot(dout)
        g['k'] = dout.sum(0)
        dh = dout.dot(p['V'].T)
        for t in range(T - 1, -1, -1):
            hp, z, r, c = tape[t]
            dc = dh * z * (1 - c ** 2)
            dz = dh * (c - hp) * z * (1 - z)
            drh = dc.dot(p['Uc'].T)
            dr = drh * hp * r * (1 - r)
            for name, d, inp in (('z', dz, hp), ('r', dr, hp), ('c', dc, r * hp)):
                g['W' + name] += x[t].T.dot(d)
                g['U' + name] += inp.T.dot(d)
                g['b' + name] += d.sum(0)
            dh = dh * (1 - z) + drh * r + dz.dot(p['Uz'].T) + dr.dot(p['Ur'].T)

        for name in p:
            self.cache[name] = 0.9 * self.cache[name] + 0.1 * g[name] ** 2
            p[name] -= lr * g[name] / (np.sqrt(self.cache[name]) + 1e-6)
        return loss


def adding_problem(B, T):
    x = np.random.rand(T, B, 2)
    x[:, :, 1] = 0
    y = np.zeros((B, 1))
    for b in range(B):
        i, j = np.random.choice(T, 2, replace=False)
        x[i, b, 1] = x[j, b, 1] = 1
        y[b] = x[i, b, 0] + x[j, b, 0]
    return x, y


if __name__ == '__main__':
    net = GRU(2, 32)
    for it in range(5000):
        x, y = adding_problem(20, 30)
        l = net.step(x, y)
        if it % 100 == 0:
            print('%5d  %.5f' % (it, l))
