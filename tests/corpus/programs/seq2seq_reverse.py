# learn to say a word backwards
import numpy as np, random, string

START = 26
WORDS = [w.strip().lower() for w in open('words.txt') if w.strip().isalpha() and w.isascii()]


def init(v, n, s=0.1):
    g = np.random.randn
    return dict(Ex=g(n, v) * s, Eh=g(n, n) * s, eb=np.zeros((n, 1)),
                Dx=g(n, v) * s, Dh=g(n, n) * s, db=np.zeros((n, 1)), O=g(v, n) * s, ob=np.zeros((v, 1)))


def loss_and_grads(th, src, dst):
    n, v = th['Ex'].shape
    # encoder
    eh = {-1: np.zeros((n, 1))}
    for t, i in enumerate(src):
        eh[t] = np.tanh(th['Ex'][:, [i]] + th['Eh'].dot(eh[t - 1]) + th['eb'])
    # decoder, fed with the right answers
    feed = [v - 1] + list(dst[:-1])
    dh = {-1: eh[len(src) - 1]}
    pr = {}
    loss = 0
    for t, i in enumerate(feed):
        dh[t] = np.tanh(th['Dx'][:, [i]] + th['Dh'].dot(dh[t - 1]) + th['db'])
        s = th['O'].dot(dh[t]) + th['ob']
        e = np.exp(s - s.max())
        pr[t] = e / e.sum()
        loss -= np.log(pr[t][dst[t], 0]) / len(dst)
    # back through the decoder
    g = {k: np.zeros_like(x) for k, x in th.items()}
    carry = np.zeros((n, 1))
    for t in range(len(dst) - 1, -1, -1):
        ds = pr[t].copy()
        ds[dst[t]] -= 1
        ds /= len(dst)
        g['O'] += ds.dot(dh[t].T)
        g['ob'] += ds
        dz = (th['O'].T.dot(ds) + carry) * (1 - dh[t] ** 2)
        g['Dx'][:, [feed[t]]] += dz
        g['Dh'] += dz.dot(dh[t - 1].T)
        g['db'] += dz
        carry = th['Dh'].T.dot(dz)
    # the encoder hears of the loss through its last state only
    for t in range(len(src) - 1, -1, -1):
        dz = carry * (1 - eh[t] ** 2)
        g['Ex'][:, [src[t]]] += dz
        g['Eh'] += dz.dot(eh[t - 1].T)
        g['eb'] += dz
        carry = th['Eh'].T.dot(dz)
    return loss, g


if __name__ == '__main__':
    th = init(27, 80)
    speed = {k: np.zeros_like(x) for k, x in th.items()}
    for it in range(200000):
        w = random.choice(WORDS)
        ids = [string.ascii_lowercase.index(c) for c in w]
        loss, g = loss_and_grads(th, ids, ids[::-1])
        for k in th:
            speed[k] = 0.9 * speed[k] - 0.02 * np.clip(g[k], -1, 1)
            th[k] += speed[k]
        if it % 1000 == 0:
            print(it, w, loss)
