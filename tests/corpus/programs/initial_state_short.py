import numpy as np
import logging
logging.basicConfig(level=logging.INFO)
log = logging.getLogger('seq')


class Recurrent:
    """Columns of a batch: x (T, D, B), h (H, B)."""

    def __init__(self, D, H, V):
        self.W = {'in': np.random.randn(H, D) * .1, 'rec': np.eye(H) * .9,
                  'out': np.random.randn(V, H) * .1, 'bias': np.zeros((H, 1))}

    def forward(self, x, y, h0):
        T, D, B = x.shape
        W = self.W
        self.x, self.y = x, y
        self.h = []
        self.p = []
        h = h0
        total = 0
        for t in range(T):
            h = np.tanh(W['in'].dot(x[t]) + W['rec'].dot(h) + W['bias'])
            s = W['out'].dot(h)
            s = s - s.max(0)
            p = np.exp(s) / np.exp(s).sum(0)
            total -= np.log(p[y[t], np.arange(B)]).sum()
            self.h.append(h)
            self.p.append(p)
        self.h0 = h0
        return total / B

    def backward(self):
        T, D, B = self.x.shape
        W = self.W
        g = {k: np.zeros(v.shape) for k, v in W.items()}
        dh_next = np.zeros_like(self.h0)
        for t in range(T - 1, -1, -1):
            ds = self.p[t].copy()
            ds[self.y[t], np.arange(B)] -= 1
            ds /= B
            prev = self.h[t - 1] if t > 0 else self.h0
            dh = W['out'].T.dot(ds) + dh_next
            dz = dh * (1 - self.h[t] ** 2)
            g['out'] += ds.dot(self.h[t].T)
            g['rec'] += dz.dot(prev.T)
            g['in'] += dz.dot(self.x[t].T)
            g['bias'] += dz.sum(1, keepdims=True)
            dh_next = W['rec'].T.dot(dz)
        return g, dh


if __name__ == '__main__':
    rng = np.random.default_rng(1)
    net = Recurrent(4, 32, 4)
    h = np.zeros((32, 8))
    for it in range(5000):
        ids = rng.integers(0, 4, (12, 8))
        x = np.eye(4)[ids].transpose(0, 2, 1)
        y = np.roll(ids, 2, axis=0)
        loss = net.forward(x, y, h)
        g, _ = net.backward()
        for k in net.W:
            net.W[k] -= .1 * g[k]
        if it % 500 == 0:
            log.info('%d %.4f', it, loss)
