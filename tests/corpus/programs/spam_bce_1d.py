"""Spam or not: a recurrent net reads the message letter by letter."""
import string
import numpy as np

LETTERS = string.ascii_lowercase + string.digits + ' '


def encode(msg):
    return [LETTERS.index(c) for c in msg.lower() if c in LETTERS][:80]


def make_model(n_letters, n_hidden, seed=0):
    r = np.random.RandomState(seed)
    w = {'emb': r.randn(n_letters, n_hidden) * .3,
         'rec': r.randn(n_hidden, n_hidden) / np.sqrt(n_hidden),
         'bias': np.zeros(n_hidden),
         'out': r.randn(n_hidden) * .3,
         'thr': np.zeros(1)}

    def run(msg):
        h = [np.zeros(n_hidden)]
        for c in msg:
            h.append(np.tanh(w['emb'][c] + w['rec'].dot(h[-1]) + w['bias']))
        p = 1 / (1 + np.exp(-(w['out'].dot(h[-1]) + w['thr'][0])))
        return h, p

    def loss(msg, label):
        _, p = run(msg)
        return -(label * np.log(p) + (1 - label) * np.log(1 - p))

    def grad(msg, label):
        h, p = run(msg)
        g = {k: np.zeros_like(v) for k, v in w.items()}
        ds = p - label
        g['out'] = ds * h[-1]
        g['thr'][0] = ds
        dh = ds * w['out']
        for t in range(len(msg), 0, -1):
            dz = dh * (1 - h[t] ** 2)
            g['emb'][msg[t - 1]] += dz
            g['rec'] += np.outer(dz, h[t - 1])
            g['bias'] += dz
            dh = w['rec'].T.dot(dz)
        return g

    return loss, grad, w


if __name__ == '__main__':
    rows = [l.rstrip('\n').split('\t') for l in open('SMSSpamCollection')]
    data = [(encode(m), int(k == 'spam')) for k, m in rows if encode(m)]
    loss, grad, w = make_model(len(LETTERS), 24)
    for epoch in range(3):
        np.random.shuffle(data)
        for n, (m, k) in enumerate(data):
            for name, d in grad(m, k).items():
                w[name] -= .05 * np.clip(d, -1, 1)
            if n % 500 == 0:
                print(epoch, n, np.mean([loss(m, k) for m, k in data[:200]]))
