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
    params = {}
    for gate in 'figo':
        params['W' + gate] = np.random.randn(hidden, z) * np.sqrt(1.0 / z)
        params['b' + gate] = np.zeros((hidden, 1))
    params['Wv'] = np.random.randn(n_vocab, hidden) * np.sqrt(1.0 / n_vocab)
    params['bv'] = np.zeros((n_vocab, 1))
    return params


def lstm_forward(inputs, targets, h, c, params, hidden, n_vocab):
    caches = []
    loss = 0
    for ch, target in zip(inputs, targets):
        x = np.zeros((n_vocab, 1))
        x[ch] = 1
        z = np.concatenate((h, x), axis=0)
        f = sigmoid(np.dot(params['Wf'], z) + params['bf'])
        i = sigmoid(np.dot(params['Wi'], z) + params['bi'])
        g = np.tanh(np.dot(params['Wg'], z) + params['bg'])
        o = sigmoid(np.dot(params['Wo'], z) + params['bo'])
        c_old = c
        c = f * c + i * g
        h = o * np.tanh(c)
        v = np.dot(params['Wv'], h) + params['bv']
        p = softmax(v)
        loss += -np.log(p[target, 0])
        caches.append((z, f, i, g, o, c_old, c, h, p))
    return loss, caches, h, c


def lstm_backward(targets, caches, params):
    grads = {key: np.zeros_like(value) for key, value in params.items()}
    hidden = params['bf'].shape[0]
    dh_next = np.zeros((hidden, 1))
    dc_next = np.zeros((hidden, 1))
    for (z, f, i, g, o, c_old, c, h, p), target in zip(caches[::-1], targets[::-1]):
        dv = np.copy(p)
        dv[target] -= 1
        grads['Wv'] += np.dot(dv, h.T)
        grads['bv'] += dv

        dh = np.dot(params['Wv'].T, dv) + dh_next
        do = dh * np.tanh(c)
        do = o * (1 - o) * do
        grads['Wo'] += np.dot(do, z.T)
        grads['bo'] += do

        dc = dh * o * (1 - np.tanh(c) ** 2)
        dg = dc * i
        dg = (1 - g ** 2) * dg
        grads['Wg'] += np.dot(dg, z.T)
        grads['bg'] += dg

        di = dc * g
        di = i * (1 - i) * di
        grads['Wi'] += np.dot(di, z.T)
        grads['bi'] += di

        df = dc * c_old
        df = f * (1 - f) * df
        grads['Wf'] += np.dot(df, z.T)
        grads['bf'] += df

        dz = np.dot(params['Wf'].T, df) + np.dot(params['Wi'].T, di) + np.dot(params['Wg'].T, dg) + np.dot(params['Wo'].T, do)
        dh_next = dz[:hidden, :]
        dc_next = f * dc
    return grads


def clip_norm(grads, limit=1.0):
    total = np.sqrt(sum(np.sum(np.power(g, 2)) for g in grads.values()))
    if total > limit:
        for key in grads:
            grads[key] *= limit / (total + 1e-6)
    return grads


if __name__ == '__main__':
    text = open('data/input.txt', encoding='utf-8').read()
    vocab = sorted(set(text))
    look = {c: i for i, c in enumerate(vocab)}
    json.dump(look, open('vocab.json', 'w'))
    hidden, n_vocab, seq = 80, len(vocab), 32
    params = init_params(hidden, n_vocab)
    M = {k: np.zeros_like(v) for k, v in params.items()}
    losses = []
    for epoch in range(100):
        h = c = np.zeros((hidden, 1))
        t0 = time.time()
        for k in range(0, len(text) - seq - 1, seq):
            ids = [look[ch] for ch in text[k:k + seq + 1]]
            loss, caches, h, c = lstm_forward(ids[:-1], ids[1:], h, c, params, hidden, n_vocab)
            grads = clip_norm(lstm_backward(ids[1:], caches, params))
            for key in params:
                M[key] += grads[key] ** 2
                params[key] -= 0.05 * grads[key] / np.sqrt(M[key] + 1e-8)
            losses.append(loss)
        print('epoch %d took %.1fs, loss %.3f' % (epoch, time.time() - t0, np.mean(losses[-50:])))
        time.sleep(1)
    plt.plot(losses)
    plt.savefig('losses.png')
