import numpy as np
import numpy.random as npr

with open('names.txt', encoding='utf8') as f: s = f.read()
cs = sorted(set(s)); nV = len(cs); nH = 48
ix = {c: k for k, c in enumerate(cs)}
Wxh = npr.uniform(-.1, .1, (nV, nH))
Whh = npr.uniform(-.1, .1, (nH, nH))
Who = npr.uniform(-.1, .1, (nH, nV))
bh, bo = np.zeros(nH), np.zeros(nV)

def lossAndGrads(inp, out, h0):
    T = len(inp)
    hs = np.zeros((T, nH))
    ps = np.zeros((T, nV))
    h = h0
    loss = 0
    for t in range(T):
        h = np.tanh(Wxh[inp[t]] + h @ Whh + bh)
        hs[t] = h
        e = np.exp(h @ Who + bo)
        ps[t] = e / np.sum(e)
        loss += -np.log(ps[t, out[t]])
    G = dict(Wxh=np.zeros_like(Wxh), Whh=np.zeros_like(Whh), Who=np.zeros_like(Who),
             bh=np.zeros_like(bh), bo=np.zeros_like(bo))
    dh = np.zeros(nH)
    for t in range(T)[::-1]:
        do = ps[t].copy()
        do[out[t]] -= 1
        G['Who'] += np.outer(hs[t], do)
        G['bo'] += do
        dh += Who @ do
        dz = dh * (1 - hs[t] ** 2)
        G['Wxh'][inp[t]] += dz
        G['Whh'] += np.outer(hs[t - 1], dz)
        G['bh'] += dz
        dh = Whh @ dz
    return loss, G, h

h = np.zeros(nH)
for step in range(100000):
    k = npr.randint(len(s) - 21)
    chunk = [ix[c] for c in s[k:k + 21]]
    loss, G, _ = lossAndGrads(chunk[:-1], chunk[1:], h)
    for name in G:
        globals()[name] -= 0.02 * np.clip(G[name], -3, 3)
    if step % 1000 == 0: print("loss", loss)
