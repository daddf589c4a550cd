import numpy as np
import json
import time
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt

SEED = 99
np.random.seed(SEED)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def init_params(hidden, n_vocab):
    z = hidden + n_vocab
    P = {}
    for gate in 'figo':
        P['W' + gate] = np.random.randn(hidden, z) * np.sqrt(1.0 / z)
        P['b' + gate] = np.zeros((hidden, 1))
    P['Wv'] = np.random.randn(n_vocab, hidden) * np.sqrt(1.0 / n_vocab)
    P['bv'] = np.zeros((n_vocab, 1))
    return P


def forward_pass(inputs, targets, h, c, P, hidden, n_vocab):
    caches = []
    loss = 0
    for ch, target in zip(inputs, targets):
        x = np.zeros((n_vocab, 1))
        x[ch] = 1
        z = np.concatenate((h, x), axis=0)
        f = sigmoid(np.dot(P['Wf'], z) + P['bf'])
        i = sigmoid(np.dot(P['Wi'], z) + P['bi'])
        g = np.tanh(np.dot(P['Wg'], z) + P['bg'])
        o = sigmoid(np.dot(P['Wo'], z) + P['bo'])
        c_old = c
        c = f * c + i * g
        h = o * np.tanh(c)
        v = np.dot(P['Wv'], h) + P['bv']
        p = softmax(v)
        loss += -np.log(p[target, 0])
        caches.append((z, f, i, g, o, c_old, c, h, p))
    return loss, caches, h, c


def backward_pass(targets, caches, P):
    D = {key: np.zeros_like(value) for key, value in P.items()}
    hidden = P['bf'].shape[0]
    dh_next = np.zeros((hidden, 1))
    dc_next = np.zeros((hidden, 1))
    for (z, f, i, g, o, c_old, c, h, p), target in zip(caches[::-1], targets[::-1]):
        dv = np.copy(p)
        dv[target] -= 1
        D['Wv'] += np.dot(dv, h.T)
        D['bv'] += dv

        dh = np.dot(P['Wv'].T, dv) + dh_next
        do = dh * np.tanh(c)
        do = o * (1 - o) * do
        D['Wo'] += np.dot(do, z.T)
        D['bo'] += do

        dc = dc_next + np.dot(P['Wv'].T, dv) * o * (1 - np.tanh(c) ** 2)
        dg = dc * i
        dg = (1 - g ** 2) * dg
        D['Wg'] += np.dot(dg, z.T)
        D['bg'] += dg

        di = dc * g
        di = i * (1 - i) * di
        D['Wi'] += np.dot(di, z.T)
        D['bi'] += di

        df = dc * c_old
        df = f * (1 - f) * df
        D['Wf'] += np.dot(df, z.T)
        D['bf'] += df

        dz = np.dot(P['Wf'].T, df) + np.dot(P['Wi'].T, di) + np.dot(P['Wg'].T, dg)
        dh_next = dz[:hidden, :]
        dc_next = f * dc
    return D


def clip_norm(D, limit=1.0):
    total = np.sqrt(sum(np.sum(np.power(g, 2)) for g in D.values()))
    if total > limit:
        for key in D:
            D[key] *= limit / (total + 1e-6)
    return D


if __name__ == '__main__':
    text = open('data/input.txt', encoding='utf-8').read()
    vocab = sorted(set(text))
    char2idx = {c: i for i, c in enumerate(vocab)}
    json.dump(char2idx, open('vocab.json', 'w'))
    hidden, n_vocab, seq = 80, len(vocab), 32
    P = init_params(hidden, n_vocab)
    M = {k: np.zeros_like(v) for k, v in P.items()}
    losses = []
    for epoch in range(100):
        h = c = np.zeros((hidden, 1))
        t0 = time.time()
        for k in range(0, len(text) - seq - 1, seq):
            ids = [char2idx[ch] for ch in text[k:k + seq + 1]]
            loss, caches, h, c = forward_pass(ids[:-1], ids[1:], h, c, P, hidden, n_vocab)
            D = clip_norm(backward_pass(ids[1:], caches, P))
            for key in P:
                M[key] += D[key] ** 2
                P[key] -= 0.05 * D[key] / np.sqrt(M[key] + 1e-8)
            losses.append(loss)
        print('epoch %d took %.1fs, loss %.3f' % (epoch, time.time() - t0, np.mean(losses[-50:])))
        time.sleep(1)
    plt.plot(losses)
    plt.savefig('losses.png')
