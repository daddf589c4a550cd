import numpy as np
import sys, os.path

if not os.path.exists('corpus.txt'):
    print('corpus.txt is missing'); sys.exit(1)
raw = open('corpus.txt').read()
chars = sorted(list(set(raw)))
nv = len(chars); nh = 60; L = 20
stoi = {c: i for i, c in enumerate(chars)}

def sigma(v):
    return 1. / (1. + np.exp(-v))

def loss_and_gradient(inp, tgt, h_in, Wr, Wu, Wc, Wy, by):
    nv, nh = Wy.shape
    H = [h_in]; Z = []; ZC = []; R = []; U = []; C = []; P = []
    cost = 0.
    for t in range(len(inp)):
        x = np.zeros((nv, 1)); x[inp[t]] = 1
        z = np.vstack([x, H[t]])
        r = sigma(Wr @ z)
        u = sigma(Wu @ z)
        zc = np.vstack([x, r * H[t]])
        c = np.tanh(Wc @ zc)
        h = u * c + (1 - u) * H[t]
        s = Wy @ h + by
        p = np.exp(s - s.max()); p /= p.sum()
        cost -= np.log(p[tgt[t], 0])
        H.append(h); Z.append(z); ZC.append(zc); R.append(r); U.append(u); C.append(c); P.append(p)

    gWr = np.zeros_like(Wr); gWu = np.zeros_like(Wu); gWc = np.zeros_like(Wc)
    gWy = np.zeros_like(Wy); gby = np.zeros_like(by)
    gh = np.zeros_like(h_in)
    for t in range(len(inp) - 1, -1, -1):
        gs = P[t].copy(); gs[tgt[t]] -= 1
        gWy += gs @ H[t + 1].T
        gby += gs
        gh = gh + Wy.T @ gs
        gu = gh * (C[t] - H[t]) * U[t] * (1 - U[t])
        gc = gh * U[t] * (1 - C[t] ** 2)
        gzc = Wc.T @ gc
        grh = gzc[nv:]
        gr = grh * H[t] * R[t] * (1 - R[t])
        gWc += gc @ ZC[t].T
        gWu += gu @ Z[t].T
        gWr += gr @ Z[t].T
        gz = Wu.T @ gu + Wr.T @ gr
        gh = gh * (1 - U[t]) + gz[nv:] + grh
    return cost, gWr, gWu, gWc, gWy, gby, H[-1]

init = lambda *s: np.random.randn(*s) * 0.08
Wr, Wu, Wc = init(nh, nv + nh), init(nh, nv + nh), init(nh, nv + nh)
Wy, by = init(nv, nh), np.zeros((nv, 1))
h = np.zeros((nh, 1))
k = 0
for it in range(10 ** 6):
    if k + L + 1 > len(raw):
        k = 0; h *= 0
    a = [stoi[c] for c in raw[k:k + L]]
    b = [stoi[c] for c in raw[k + 1:k + L + 1]]
    out = loss_and_gradient(a, b, h, Wr, Wu, Wc, Wy, by)
    h = out[-1]
    for w, g in zip((Wr, Wu, Wc, Wy, by), out[1:6]):
        w -= 0.01 * np.clip(g, -1, 1)
    k += L
    if it % 200 == 0: print(it, out[0] / L)
