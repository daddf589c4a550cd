# Word level language model with learned embeddings.
import collections
import os
import numpy as np


def tokenize(path, top=5000):
    words = open(path).read().lower().split()
    count = collections.Counter(words).most_common(top - 1)
    w2i = {'<unk>': 0}
    for w, _ in count:
        w2i[w] = len(w2i)
    return np.array([w2i.get(w, 0) for w in words]), w2i


class Model:
    def __init__(self, n_words, n_embed, n_hidden):
        self.E = np.random.randn(n_words, n_embed) * 0.1
        self.Wx = np.random.randn(n_embed, n_hidden) * 0.1
        self.Wh = np.random.randn(n_hidden, n_hidden) * 0.1
        self.b = np.zeros(n_hidden)
        self.Wy = np.random.randn(n_hidden, n_words) * 0.1
        self.by = np.zeros(n_words)

    def forward(self, x, y):
        batch, steps = x.shape
        self.x, self.y = x, y
        self.emb = self.E[x]
        self.hs = [np.zeros((batch, self.b.size))]
        self.ps = []
        loss = 0.
        for t in range(steps):
            h = np.tanh(self.emb[:, t] @ self.Wx + self.hs[t] @ self.Wh + self.b)
            s = h @ self.Wy + self.by
            s -= s.max(1, keepdims=True)
            p = np.exp(s) / np.exp(s).sum(1, keepdims=True)
            loss -= np.log(p[range(batch), y[:, t]]).sum()
            self.hs.append(h)
            self.ps.append(p)
        return loss / batch

    def backward(self):
        batch, steps = self.x.shape
        g = {k: np.zeros_like(getattr(self, k)) for k in ('E', 'Wx', 'Wh', 'b', 'Wy', 'by')}
        dh_next = 0
        for t in reversed(range(steps)):
            ds = self.ps[t].copy()
            ds[range(batch), self.y[:, t]] -= 1
            ds /= batch
            g['Wy'] += self.hs[t + 1].T @ ds
            g['by'] += ds.sum(0)
            dh = ds @ self.Wy.T + dh_next
            dz = dh * (1 - self.hs[t + 1] ** 2)
            g['Wx'] += self.emb[:, t].T @ dz
            g['Wh'] += self.hs[t].T @ dz
            g['b'] += dz.sum(0)
            g['E'][self.x[:, t]] += dz @ self.Wx.T
            dh_next = dz @ self.Wh.T
        return g


if __name__ == '__main__':
    ids, w2i = tokenize(os.environ.get('CORPUS', 'wiki.txt'))
    print('vocabulary', len(w2i))
    model = Model(len(w2i), 64, 128)
    B, T = 20, 35
    cols = len(ids) // B
    grid = ids[:B * cols].reshape(B, cols)
    for epoch in range(10):
        for k in range(0, cols - T - 1, T):
            loss = model.forward(grid[:, k:k + T], grid[:, k + 1:k + T + 1])
            for name, grad in model.backward().items():
                w = getattr(model, name)
                w -= 0.1 * np.clip(grad, -0.25, 0.25)
        print(epoch, np.exp(loss / T))
