#!/usr/bin/env python3
import sys
import numpy as np

np.set_printoptions(precision=3, suppress=True)


class TextModel:
    """
    Row-vector character RNN that hides its gradients: only train_step is meant to be called.
    """
    names = ('Wx', 'Wh', 'Wy', 'bh', 'by')

    def __init__(self, vocab, hidden, lr=0.1, seed=None):
        r = np.random.default_rng(seed)
        self.Wx = r.normal(0, .01, (vocab, hidden))
        self.Wh = r.normal(0, .01, (hidden, hidden))
        self.Wy = r.normal(0, .01, (hidden, vocab))
        self.bh = np.zeros(hidden)
        self.by = np.zeros(vocab)
        self.lr = lr
        self.mem = {n: np.zeros_like(getattr(self, n)) for n in self.names}

    def forward(self, x, y, h):
        hs, ps, loss = [h], [], 0.0
        for i, j in zip(x, y):
            h = np.tanh(self.Wx[i] + h @ self.Wh + self.bh)
            s = h @ self.Wy + self.by
            p = np.exp(s - s.max())
            p /= p.sum()
            hs.append(h)
            ps.append(p)
            loss -= np.log(p[j])
        return loss, hs, ps

    def train_step(self, x, y, h):
        loss, hs, ps = self.forward(x, y, h)
        g = {n: np.zeros_like(getattr(self, n)) for n in self.names}
        back = np.zeros_like(h)
        for t in range(len(x) - 1, -1, -1):
            ds = ps[t].copy()
            ds[y[t]] -= 1
            g['Wy'] += np.outer(hs[t + 1], ds)
            g['by'] += ds
            dz = (self.Wy @ ds + back) * (1 - hs[t + 1] ** 2)
            g['Wx'][x[t]] += dz
            g['Wh'] += np.outer(hs[t], dz)
            g['bh'] += dz
            back = self.Wh @ dz
        for n in self.names:
            d = np.clip(g[n], -5, 5)
            self.mem[n] += d * d
            w = getattr(self, n)
            w -= self.lr * d / np.sqrt(self.mem[n] + 1e-8)
        return loss, hs[-1]

    def talk(self, i, h, length):
        out = []
        while len(out) < length:
            h = np.tanh(self.Wx[i] + h @ self.Wh + self.bh)
            s = h @ self.Wy + self.by
            p = np.exp(s - s.max())
            i = np.random.choice(len(p), p=p / p.sum())
            out.append(i)
        return out


def main(path):
    text = open(path, encoding='utf-8', errors='ignore').read()
    chars = sorted(set(text))
    ids = [chars.index(c) for c in text]
    m = TextModel(len(chars), 100)
    h, pos, smooth, n = np.zeros(100), 0, np.log(len(chars)) * 25, 0
    while True:
        if pos + 26 > len(ids):
            pos, h = 0, np.zeros(100)
        loss, h = m.train_step(ids[pos:pos + 25], ids[pos + 1:pos + 26], h)
        smooth = .999 * smooth + .001 * loss
        pos += 25
        n += 1
        if n % 500 == 0:
            print(n, round(smooth, 3))
            print(''.join(chars[i] for i in m.talk(ids[pos], h, 200)))


if __name__ == '__main__':
    main(sys.argv[1])
