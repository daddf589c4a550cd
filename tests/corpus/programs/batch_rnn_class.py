import argparse
import numpy as np


class CharRNN(object):
    """Vanilla recurrent net over minibatches, cross entropy averaged over batch and time."""

    def __init__(self, vocab, hidden, seed=1):
        rs = np.random.RandomState(seed)
        self.V, self.H = vocab, hidden
        self.params = {
            'Wx': rs.randn(vocab, hidden) / np.sqrt(vocab),
            'Wh': rs.randn(hidden, hidden) / np.sqrt(hidden),
            'b': np.zeros(hidden),
            'Wo': rs.randn(hidden, vocab) / np.sqrt(hidden),
            'bo': np.zeros(vocab),
        }
        self.grads = {}

    def forward(self, X, Y, h0):
        N, T = X.shape
        p = self.params
        hs = np.zeros((N, T + 1, self.H))
        hs[:, 0] = h0
        for t in range(T):
            hs[:, t + 1] = np.tanh(p['Wx'][X[:, t]] + hs[:, t].dot(p['Wh']) + p['b'])
        logits = hs[:, 1:].dot(p['Wo']) + p['bo']
        logits = logits - logits.max(axis=2, keepdims=True)
        probs = np.exp(logits)
        probs /= probs.sum(axis=2, keepdims=True)
        self.cache = (X, Y, hs, probs)
        picked = probs[np.arange(N)[:, None], np.arange(T)[None, :], Y]
        return -np.log(picked).sum() / (N * T)

    def backward(self):
        X, Y, hs, probs = self.cache
        N, T = X.shape
        p = self.params
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dlogits = probs.copy()
        dlogits[np.arange(N)[:, None], np.arange(T)[None, :], Y] -= 1
        dlogits /= N * T
        g['bo'] = dlogits.sum(axis=(0, 1))
        g['Wo'] = hs[:, 1:].reshape(-1, self.H).T.dot(dlogits.reshape(-1, self.V))
        dnext = np.zeros((N, self.H))
        for t in range(T)[::-1]:
            dh = dlogits[:, t].dot(p['Wo'].T) + dnext
            da = dh * (1 - hs[:, t + 1] ** 2)
            g['b'] += da.sum(axis=0)
            g['Wh'] += hs[:, t].T.dot(da)
            np.add.at(g['Wx'], X[:, t], da)
            dnext = da.dot(p['Wh'].T)
        self.grads = g
        return g

    def step(self, lr):
        norm = np.sqrt(sum((v ** 2).sum() for v in self.grads.values()))
        scale = min(1.0, 5.0 / (norm + 1e-12))
        for k in self.params:
            self.params[k] -= lr * scale * self.grads[k]


def batches(ids, n, t):
    length = (len(ids) - 1) // n
    X = ids[:n * length].reshape(n, length)
    Y = ids[1:n * length + 1].reshape(n, length)
    for i in range(0, length - t, t):
        yield X[:, i:i + t], Y[:, i:i + t]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('file')
    ap.add_argument('--hidden', type=int, default=128)
    ap.add_argument('--batch', type=int, default=16)
    args = ap.parse_args()
    raw = open(args.file, encoding='utf8').read()
    letters = sorted(set(raw))
    ids = np.array([letters.index(c) for c in raw])
    net = CharRNN(len(letters), args.hidden)
    for epoch in range(50):
        h = np.zeros((args.batch, args.hidden))
        for X, Y in batches(ids, args.batch, 32):
            loss = net.forward(X, Y, h)
            net.backward()
            net.step(0.5)
            h = net.cache[2][:, -1]
        print(epoch, loss)


if __name__ == '__main__':
    main()
