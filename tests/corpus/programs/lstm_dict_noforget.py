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


def forward_pass(inputs, targets, h, C, P, hidden, n_vocab):
    memory = []
    loss = 0
    for ch, target in zip(inputs, targets):
        x = np.zeros((n_vocab, 1))
        x[ch] = 1
        z = np.concatenate((h, x), axis=0)
        f = sigmoid(np.dot(P['Wf'], z) + P['bf'])
        i = sigmoid(np.dot(P['Wi'], z) + P['bi'])
        g = np.tanh(np.dot(P['Wg'], z) + P['bg'])
        o = sigmoid(np.dot(P['Wo'], z) + P['bo'])
        C_prev = C
        C = f * C + i * g
        h = o * np.tanh(C)
        v = np.dot(P['Wv'], h) + P['bv']
        p = softmax(v)
        loss += -np.log(p[target, 0])
        memory.append((z, f, i, g, o, C_prev, C, h, p))
    return loss, memory, h, C


def backward_pass(targets, memory, P):
    G = {key: np.zeros_like(value) for key, value in P.items()}
    hidden = P['bf'].shape[0]
    dh_next = np.zeros((hidden, 1))
    dC_next = np.zeros((hidden, 1))
    for (z, f, i, g, o, C_prev, C, h, p), target in zip(memory[::-1], targets[::-1]):
        dv = np.copy(p)
        dv[target] -= 1
        G['Wv'] += np.dot(dv, h.T)
        G['bv'] += dv

        dh = np.dot(P['Wv'].T, dv) + dh_next
        do = dh * np.tanh(C)
        do = o * (1 - o) * do
        G['Wo'] += np.dot(do, z.T)
        G['bo'] += do

        dC = dC_next + dh * o * (1 - np.tanh(C) ** 2)
        dg = dC * i
        dg = (1 - g ** 2) * dg
        G['Wg'] += np.dot(dg, z.T)
        G['bg'] += dg

        di = dC * g
        di = i * (1 - i) * di
        G['Wi'] += np.dot(di, z.T)
        G['bi'] += di

        df = dC * C_prev
        df = f * (1 - f) * df
        G['Wf'] += np.dot(df, z.T)
        G['bf'] += df

        dz = np.dot(P['Wf'].T, df) + np.dot(P['Wi'].T, di) + np.dot(P['Wg'].T, dg) + np.dot(P['Wo'].T, do)
        dh_next = dz[:hidden, :]
        dC_next = dC
    return G


def clip_norm(G, limit=1.0):
    total = np.sqrt(sum(np.sum(np.power(g, 2)) for g in G.values()))
    if total > limit:
        for key in G:
            G[key] *= limit / (total + 1e-6)
    return G


if __name__ == '__main__':
    text = open('data/input.txt', encoding='utf-8').read()
    vocab = sorted(set(text))
    look = {C: i for i, C in enumerate(vocab)}
    json.dump(look, open('vocab.json', 'w'))
    hidden, n_vocab, seq = 80, len(vocab), 32
    P = init_params(hidden, n_vocab)
    M = {k: np.zeros_like(v) for k, v in P.items()}
    losses = []
    for epoch in range(100):
        h = C = np.zeros((hidden, 1))
        t0 = time.time()
        for k in range(0, len(text) - seq - 1, seq):
            ids = [look[ch] for ch in text[k:k + seq + 1]]
            loss, memory, h, C = forward_pass(ids[:-1], ids[1:], h, C, P, hidden, n_vocab)
            G = clip_norm(backward_pass(ids[1:], memory, P))
            for key in P:
                M[key] += G[key] ** 2
                P[key] -= 0.05 * G[key] / np.sqrt(M[key] + 1e-8)
            losses.append(loss)
        print('epoch %d took %.1fs, loss %.3f' % (epoch, time.time() - t0, np.mean(losses[-50:])))
        time.sleep(1)
    plt.plot(losses)
    plt.savefig('losses.png')
