# LSTM on characters, no framework
import numpy as np
import sys

data = open(sys.argv[1] if len(sys.argv) > 1 else 'input.txt').read()
chars = list(set(data))
data_size, vocab_size = len(data), len(chars)
char_to_ix = {c: i for i, c in enumerate(chars)}
ix_to_char = {i: c for i, c in enumerate(chars)}

hidden_size = 100
seq_length = 25
learning_rate = 1e-1

z_size = hidden_size + vocab_size
std = 1 / np.sqrt(z_size)
Wf = np.random.randn(hidden_size, z_size) * std
Wi = np.random.randn(hidden_size, z_size) * std
Wc = np.random.randn(hidden_size, z_size) * std
Wo = np.random.randn(hidden_size, z_size) * std
Wy = np.random.randn(vocab_size, hidden_size) * std
bf = np.ones((hidden_size, 1))
bi = np.zeros((hidden_size, 1))
bc = np.zeros((hidden_size, 1))
bo = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))
params = [Wf, Wi, Wc, Wo, Wy, bf, bi, bc, bo, by]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dsigmoid(y):   # y is already sigmoid(x)
    return y * (1 - y)


def dtanh(y):      # the same: y = tanh(x)
    return 1 - y * y


def lossFun(inputs, targets, hprev, cprev):
    zs, fs, i_s, gs, os_, cs, hs, ps = {}, {}, {}, {}, {}, {}, {}, {}
    hs[-1], cs[-1] = np.copy(hprev), np.copy(cprev)
    loss = 0
    for t in range(len(inputs)):
        x = np.zeros((vocab_size, 1))
        x[inputs[t]] = 1
        zs[t] = np.row_stack((hs[t-1], x)) if hasattr(np, 'row_stack') else np.vstack((hs[t-1], x))
        fs[t] = sigmoid(np.dot(Wf, zs[t]) + bf)
        i_s[t] = sigmoid(np.dot(Wi, zs[t]) + bi)
        gs[t] = np.tanh(np.dot(Wc, zs[t]) + bc)
        os_[t] = sigmoid(np.dot(Wo, zs[t]) + bo)
        cs[t] = fs[t] * cs[t-1] + i_s[t] * gs[t]
        hs[t] = os_[t] * np.tanh(cs[t])
        y = np.dot(Wy, hs[t]) + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])

    dWf, dWi, dWc, dWo, dWy = [np.zeros_like(w) for w in (Wf, Wi, Wc, Wo, Wy)]
    dbf, dbi, dbc, dbo, dby = [np.zeros_like(b) for b in (bf, bi, bc, bo, by)]
    dhnext, dcnext = np.zeros_like(hs[0]), np.zeros_like(cs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Wy.T, dy) + dhnext
        tc = np.tanh(cs[t])
        do = dsigmoid(os_[t]) * dh * tc
        dc = dh * os_[t] * dtanh(tc) + dcnext
        df = dsigmoid(fs[t]) * dc * cs[t-1]
        di = dsigmoid(i_s[t]) * dc * gs[t]
        dg = dtanh(gs[t]) * dc * i_s[t]
        dWf += np.dot(df, zs[t].T)
        dWi += np.dot(di, zs[t].T)
        dWc += np.dot(dg, zs[t].T)
        dWo += np.dot(do, zs[t].T)
        dbf += df
        dbi += di
        dbc += dg
        dbo += do
        dz = np.dot(Wf.T, df) + np.dot(Wi.T, di) + np.dot(Wc.T, dg) + np.dot(Wo.T, do)
        dhnext = dz[:hidden_size, :]
        dcnext = fs[t] * dc
    grads = [dWf, dWi, dWc, dWo, dWy, dbf, dbi, dbc, dbo, dby]
    for g in grads:
        np.clip(g, -1, 1, out=g)
    return loss, grads, hs[len(inputs)-1], cs[len(inputs)-1]


mems = [np.zeros_like(w) for w in params]
running = np.log(vocab_size)
p = len(data)
for n in range(100000):
    if p + seq_length >= len(data):
        p = 0
        hprev, cprev = np.zeros((2, hidden_size, 1))
    window = [char_to_ix[ch] for ch in data[p:p+seq_length+1]]
    loss, grads, hprev, cprev = lossFun(window[:-1], window[1:], hprev, cprev)
    running = .999 * running + .001 * loss / seq_length
    if n % 100 == 0:
        print(n, 'bits per character:', running / np.log(2))
    for param, grad, mem in zip(params, grads, mems):
        mem += grad ** 2
        param -= learning_rate * grad / np.sqrt(mem + 1e-8)
    p += seq_length
