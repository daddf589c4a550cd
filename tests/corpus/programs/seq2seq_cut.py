# learn to say a word backwards
import numpy as np, random, string

START = 26
WORDS = [w.strip().lower() for w in open('words.txt') if w.strip().isalpha() and w.isascii()]


def init(v, n, s=0.1):
    r = np.random.randn
    return dict(Ex=r(n, v) * s, Eh=r(n, n) * s, eb=np.zeros((n, 1)),
                Dx=r(n, v) * s, Dh=r(n, n) * s, db=np.zeros((n, 1)), O=r(v, n) * s, ob=np.zeros((v, 1)))


def loss_and_grads(W, src, dst):
    n, v = W['Ex'].shape
    # encoder
    eh = {-1: np.zeros((n, 1))}
    for t, i in enumerate(src):
        eh[t] = np.tanh(W['Ex'][:, [i]] + W['Eh'].dot(eh[t - 1]) + W['eb'])
    # decoder, fed with the right answers
    feed = [v - 1] + list(dst[:-1])
    dh = {-1: eh[len(src) - 1]}
    pr = {}
    loss = 0
    for t, i in enumerate(feed):
        dh[t] = np.tanh(W['Dx'][:, [i]] + W['Dh'].dot(dh[t - 1]) + W['db'])
        s = W['O'].dot(dh[t]) + W['ob']
        e = np.exp(s - s.max())
        pr[t] = e / e.sum()
        loss -= np.log(pr[t][dst[t], 0]) / len(dst)
    # back through the decoder
    dW = {k: np.zeros_like(x) for k, x in W.items()}
    dh_next = np.zeros((n, 1))
    for t in range(len(dst) - 1, -1, -1):
        ds = pr[t].copy()
        ds[dst[t]] -= 1
        ds /= len(dst)
        dW['O'] += ds.dot(dh[t].T)
        dW['ob'] += ds
        dz = (W['O'].T.dot(ds) + dh_next) * (1 - dh[t] ** 2)
        dW['Dx'][:, [feed[t]]] += dz
        dW['Dh'] += dz.dot(dh[t - 1].T)
        dW['db'] += dz
        dh_next = W['Dh'].T.dot(dz)
    # back through the encoder
    dh_next = np.zeros((n, 1))
    for t in range(len(src) - 1, -1, -1):
        dz = dh_next * (1 - eh[t] ** 2)
        dW['Ex'][:, [src[t]]] += dz
        dW['Eh'] += dz.dot(eh[t - 1].T)
        dW['eb'] += dz
        dh_next = W['Eh'].T.dot(dz)
    return loss, dW


if __name__ == '__main__':
    W = init(27, 80)
    speed = {k: np.zeros_like(x) for k, x in W.items()}
    for it in range(200000):
        w = random.choice(WORDS)
        ids = [string.ascii_lowercase.index(c) for c in w]
        loss, dW = loss_and_grads(W, ids, ids[::-1])
        for k in W:
            speed[k] = 0.9 * speed[k] - 0.02 * np.clip(dW[k], -1, 1)
            W[k] += speed[k]
        if it % 1000 == 0:
            print(it, w, loss)
