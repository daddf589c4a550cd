import numpy as np


class Memory:
    """Copy task: repeat what was shown some steps ago."""
    W = ('Wxh', 'Whh', 'Why', 'bh', 'by')

    def __init__(self, v, n, lr=0.2):
        self.Wxh = np.random.normal(0, 1 / np.sqrt(v), (n, v))
        self.Whh = np.eye(n) * 0.95
        self.Why = np.random.normal(0, 1 / np.sqrt(n), (v, n))
        self.bh, self.by = np.zeros((n, 1)), np.zeros((v, 1))
        self.lr = lr
        self.vel = {k: np.zeros_like(getattr(self, k)) for k in self.W}

    def run(self, X, Y):
        T, B = X.shape
        h = np.zeros((self.Whh.shape[0], B))
        hs, ps, loss = [h], [], 0.0
        for t in range(T):
            h = np.tanh(self.Wxh[:, X[t]] + self.Whh @ h + self.bh)
            s = self.Why @ h + self.by
            p = np.exp(s - s.max(0))
            p = p / p.sum(0)
            loss += -np.log(p[Y[t], range(B)]).mean() / T
            hs.append(h)
            ps.append(p)
        return loss, hs, ps

    def learn(self, X, Y):
        T, B = X.shape
        loss, hs, ps = self.run(X, Y)
        dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(getattr(self, k)) for k in self.W)
        dh_next = 0
        for t in range(T - 1, -1, -1):
            ds = ps[t]
            ds[Y[t], range(B)] -= 1
            ds /= B * T
            dWhy += ds @ hs[t + 1].T
            dby += ds.sum(1, keepdims=True)
            dz = (self.Why.T @ ds + dh_next) * (1 - hs[t + 1] ** 2)
            for b in range(B):
                dWxh[:, X[t, b]] += dz[:, b]
            dWhh += dz @ hs[t].T
            dbh += dz.sum(1, keepdims=True)
            dh_next = self.Whh.T @ dz
        for k, d in zip(self.W, (dWxh, dWhh, dWhy, dbh, dby)):
            self.vel[k] = 0.9 * self.vel[k] - self.lr * d
            setattr(self, k, getattr(self, k) + self.vel[k])
        return loss


if __name__ == '__main__':
    net, lag = Memory(8, 64), 3
    for it in range(20000):
        X = np.random.randint(0, 8, (20, 16))
        Y = np.roll(X, lag, axis=0)
        Y[:lag] = 0
        loss = net.learn(X, Y)
        if it % 500 == 0:
            print(it, loss)
