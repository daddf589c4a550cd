import numpy as np
import random, re, time

random.seed(3)

# one tweet per line
with open("tweets.txt") as fh:
    lines = [re.sub(r"http\S+", "", l.strip()) for l in fh]
lines = [l for l in lines if len(l) > 20]
corpus = "\n".join(lines)
letters = sorted(list(set(corpus)))
n_letters = len(letters)
idx = {c: k for k, c in enumerate(letters)}

n_hidden = 128
window = 20
alpha = 0.05

w_in = 0.01 * np.random.randn(n_hidden, n_letters)
w_rec = 0.01 * np.random.randn(n_hidden, n_hidden)
w_out = 0.01 * np.random.randn(n_letters, n_hidden)
b_h = np.zeros((n_hidden, 1))
b_o = np.zeros((n_letters, 1))

def onehot(k):
    v = np.zeros((n_letters, 1))
    v[k] = 1
    return v

def softmax(v):
    v = np.exp(v - v.max())
    return v / v.sum()

def lossfunc(xs, ys, h_last):
    """returns loss, last state and the five gradients"""
    h = {-1: h_last}
    prob = {}
    total = 0
    for t in range(len(xs)):
        h[t] = np.tanh(w_in.dot(onehot(xs[t])) + w_rec.dot(h[t-1]) + b_h)
        prob[t] = softmax(w_out.dot(h[t]) + b_o)
        total += -np.log(prob[t][ys[t]][0])

    gi, gr, go = np.zeros_like(w_in), np.zeros_like(w_rec), np.zeros_like(w_out)
    gbh, gbo = np.zeros_like(b_h), np.zeros_like(b_o)
    g_next = np.zeros_like(h_last)
    for t in reversed(range(len(xs))):
        e = prob[t].copy()
        e[ys[t]] -= 1
        go += e.dot(h[t].T)
        gbo += e
        g_h = w_out.T.dot(e)
        g_raw = (1 - h[t]**2) * g_h
        gbh += g_raw
        gi += g_raw.dot(onehot(xs[t]).T)
        gr += g_raw.dot(h[t-1].T)
        g_next = w_rec.T.dot(g_raw)
    return total, h[len(xs)-1], gi, gr, go, gbh, gbo

def babble(first, n=140):
    h = np.zeros((n_hidden, 1))
    k = idx[first]
    s = first
    while len(s) < n:
        h = np.tanh(w_in.dot(onehot(k)) + w_rec.dot(h) + b_h)
        k = np.random.choice(n_letters, p=softmax(w_out.dot(h) + b_o)[:, 0])
        s += letters[k]
    return s

started = time.time()
state = np.zeros((n_hidden, 1))
for epoch in range(1000):
    for start in range(0, len(corpus) - window - 1, window):
        xs = [idx[c] for c in corpus[start:start+window]]
        ys = [idx[c] for c in corpus[start+1:start+window+1]]
        cost, state, gi, gr, go, gbh, gbo = lossfunc(xs, ys, state)
        for w, g in ((w_in, gi), (w_rec, gr), (w_out, go), (b_h, gbh), (b_o, gbo)):
            w -= alpha * np.clip(g, -5, 5)
    print(epoch, cost, "%.0fs" % (time.time() - started))
    print(babble(random.choice(letters)))
