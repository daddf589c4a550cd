import numpy as np


class Net:
    def __init__(self, nv, nh, steps, dtype=np.float32):
        r = np.random.RandomState(1234)
        self.Wi = (r.randn(nv, nh) * .1).astype(dtype)
        self.Wh = (r.randn(nh, nh) * .1).astype(dtype)
        self.Wo = (r.randn(nh, nv) * .1).astype(dtype)
        self.bh = np.zeros(nh, dtype)
        self.bo = np.zeros(nv, dtype)
        self.steps = steps
        # buffers, so that nothing is allocated while training
        self.h = np.zeros((steps + 1, nh), dtype)
        self.p = np.zeros((steps, nv), dtype)
        self.dz = np.zeros((steps, nh), dtype)
        self.dWi = np.zeros_like(self.Wi)

    def loss_grad(self, x, y):
        h, p, dz = self.h, self.p, self.dz
        for t in range(self.steps):
            np.tanh(self.Wi[x[t]] + h[t] @ self.Wh + self.bh, out=h[t + 1])
        np.dot(h[1:], self.Wo, out=p)
        p += self.bo
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(self.steps)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        p /= self.steps
        later = np.zeros_like(self.bh)
        for t in range(self.steps - 1, -1, -1):
            dz[t] = (p[t] @ self.Wo.T + later) * (1 - h[t + 1] * h[t + 1])
            later = dz[t] @ self.Wh.T
        self.dWi[:] = 0
        np.add.at(self.dWi, x, dz)
        return loss, (self.dWi, h[:-1].T @ dz, h[1:].T @ p, dz.sum(0), p.sum(0))


if __name__ == '__main__':
    raw = np.fromfile('enwik6', dtype=np.uint8)
    values, ids = np.unique(raw, return_inverse=True)
    net = Net(len(values), 256, 64)
    speed = [np.zeros_like(w) for w in (net.Wi, net.Wh, net.Wo, net.bh, net.bo)]
    for k in range(0, len(ids) - 65, 64):
        loss, grads = net.loss_grad(ids[k:k + 64], ids[k + 1:k + 65])
        for w, g, s in zip((net.Wi, net.Wh, net.Wo, net.bh, net.bo), grads, speed):
            s *= .9
            s -= .5 * g
            w += s
        net.h[0] = net.h[-1]
        if k % 6400 == 0:
            print('%8d  %.3f bits' % (k, loss / np.log(2)))
