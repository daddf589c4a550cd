"""
All you need is numpy
"""
import numpy as np
import matplotlib.pyplot as plt

text = open('lyrics/beatles.txt').read()
letters = sorted(set(text))
vocab_size = len(letters)
print("corpus length %d, vocabulary %d" % (len(text), vocab_size))
letter_to_id = dict((c, i) for i, c in enumerate(letters))
id_to_letter = dict((i, c) for i, c in enumerate(letters))

# settings
hidden_size = 64
seq_length = 30
lr = 0.1

Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
Whh = np.random.randn(hidden_size, hidden_size) * 0.01
Why = np.random.randn(vocab_size, hidden_size) * 0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))


def train_batch(inputs, targets, hprev):
    # inputs / targets: lists of indices, hprev: column vector
    x, h, p = {}, {}, {}
    h[-1] = np.copy(hprev)
    loss = 0.0
    for t in range(len(inputs)):
        x[t] = np.zeros((vocab_size, 1))
        x[t][inputs[t]] = 1.0
        h[t] = np.tanh(Wxh @ x[t] + Whh @ h[t - 1] + bh)
        scores = Why @ h[t] + by
        e = np.exp(scores - np.max(scores))
        p[t] = e / e.sum()
        loss -= np.log(p[t][targets[t], 0])

    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(h[0])
    for t in range(len(inputs) - 1, -1, -1):
        dout = p[t].copy()
        dout[targets[t]] -= 1.0
        dWhy += dout @ h[t].T
        dby += dout
        dh = Why.T @ dout + dhnext
        dhraw = dh * (1.0 - h[t] ** 2)
        dbh += dhraw
        dWxh += dhraw @ x[t].T
        dWhh += dhraw @ h[t - 1].T
        dhnext += Whh.T @ dhraw
    for g in (dWxh, dWhh, dWhy, dbh, dby):
        np.clip(g, -5, 5, out=g)
    return loss, dWxh, dWhh, dWhy, dbh, dby, h[len(inputs) - 1]


def sample(h, seed, count):
    x = np.zeros((vocab_size, 1))
    x[seed] = 1
    out = []
    for _ in range(count):
        h = np.tanh(Wxh @ x + Whh @ h + bh)
        y = Why @ h + by
        p = np.exp(y) / np.sum(np.exp(y))
        k = np.random.choice(range(vocab_size), p=p.ravel())
        x = np.zeros((vocab_size, 1))
        x[k] = 1
        out.append(k)
    return ''.join(id_to_letter[k] for k in out)


pos, it = 0, 0
memory = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]
smooth = -np.log(1.0 / vocab_size) * seq_length
history = []
while True:
    if it == 0 or pos + seq_length + 1 >= len(text):
        hprev = np.zeros((hidden_size, 1))
        pos = 0
    inputs = [letter_to_id[c] for c in text[pos:pos + seq_length]]
    targets = [letter_to_id[c] for c in text[pos + 1:pos + seq_length + 1]]
    if it % 500 == 0:
        print('>>>', sample(hprev, inputs[0], 150))
    loss, dWxh, dWhh, dWhy, dbh, dby, hprev = train_batch(inputs, targets, hprev)
    smooth = 0.999 * smooth + 0.001 * loss
    history.append(smooth)
    if it % 500 == 0:
        print('step', it, 'loss', smooth)
        plt.plot(history)
        plt.savefig('loss.png')
    for w, g, m in zip((Wxh, Whh, Why, bh, by), (dWxh, dWhh, dWhy, dbh, dby), memory):
        m += g * g
        w -= lr * g / np.sqrt(m + 1e-8)
    pos += seq_length
    it += 1
