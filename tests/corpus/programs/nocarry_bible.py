"""
genesis generator
"""
import numpy as np
import matplotlib.pyplot as plt

text = open('bible.txt').read()
symbols = sorted(set(text))
vocab_size = len(symbols)
print("corpus length %d, vocabulary %d" % (len(text), vocab_size))
stoi = dict((c, i) for i, c in enumerate(symbols))
itos = dict((i, c) for i, c in enumerate(symbols))

# settings
hidden_size = 200
seq_length = 30
lr = 0.1

Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
Whh = np.random.randn(hidden_size, hidden_size) * 0.01
Why = np.random.randn(vocab_size, hidden_size) * 0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))


def lossFun(inputs, targets, hprev):
    # inputs / targets: lists of indices, hprev: column vector
    xs, hid, probs = {}, {}, {}
    hid[-1] = np.copy(hprev)
    loss = 0.0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1.0
        hid[t] = np.tanh(Wxh @ xs[t] + Whh @ hid[t - 1] + bh)
        scores = Why @ hid[t] + by
        e = np.exp(scores - np.max(scores))
        probs[t] = e / e.sum()
        loss -= np.log(probs[t][targets[t], 0])

    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhid_next = np.zeros_like(hid[0])
    for t in range(len(inputs) - 1, -1, -1):
        dscores = probs[t].copy()
        dscores[targets[t]] -= 1.0
        dWhy += dscores @ hid[t].T
        dby += dscores
        dhid = Why.T @ dscores + dhid_next
        draw = dhid * (1.0 - hid[t] ** 2)
        dbh += draw
        dWxh += draw @ xs[t].T
        dWhh += draw @ hid[t - 1].T
    for g in (dWxh, dWhh, dWhy, dbh, dby):
        np.clip(g, -5, 5, out=g)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hid[len(inputs) - 1]


def sample(hid, seed, count):
    xs = np.zeros((vocab_size, 1))
    xs[seed] = 1
    out = []
    for _ in range(count):
        hid = np.tanh(Wxh @ xs + Whh @ hid + bh)
        y = Why @ hid + by
        probs = np.exp(y) / np.sum(np.exp(y))
        k = np.random.choice(range(vocab_size), probs=probs.ravel())
        xs = np.zeros((vocab_size, 1))
        xs[k] = 1
        out.append(k)
    return ''.join(itos[k] for k in out)


pos, it = 0, 0
memory = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]
smooth = -np.log(1.0 / vocab_size) * seq_length
history = []
while True:
    if it == 0 or pos + seq_length + 1 >= len(text):
        hprev = np.zeros((hidden_size, 1))
        pos = 0
    inputs = [stoi[c] for c in text[pos:pos + seq_length]]
    targets = [stoi[c] for c in text[pos + 1:pos + seq_length + 1]]
    if it % 500 == 0:
        print('>>>', sample(hprev, inputs[0], 150))
    loss, dWxh, dWhh, dWhy, dbh, dby, hprev = lossFun(inputs, targets, hprev)
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
