import numpy as np
text = open("songs.txt").read().lower()
alphabet = sorted(set(text))
code = {a: i for i, a in enumerate(alphabet)}
n = len(alphabet)
size = 48
A = np.random.randn(size, n) * 0.05
B = np.random.randn(size, size) * 0.05
C = np.random.randn(n, size) * 0.05
p = np.zeros(size)
q = np.zeros(n)
rate = 0.02

def train_step(ins, outs, start):
    global A, B, C, p, q
    states, preds, cost = [start], [], 0.0
    for i, o in zip(ins, outs):
        states.append(np.tanh(A[:, i] + B @ states[-1] + p))
        z = C @ states[-1] + q
        e = np.exp(z - np.max(z))
        preds.append(e / np.sum(e))
        cost -= np.log(preds[-1][o])
    gA, gB, gC, gp, gq = (np.zeros_like(m) for m in (A, B, C, p, q))
    later = np.zeros(size)
    for k in range(len(ins) - 1, -1, -1):
        d = preds[k]
        d[outs[k]] -= 1
        gC += np.outer(d, states[k + 1])
        gq += d
        inner = (1 - states[k + 1] ** 2) * (C.T @ d + later)
        gA[:, ins[k]] += inner
        gB += np.outer(inner, states[k])
        gp += inner
        later = B.T @ inner
    A = A - rate * gA
    B = B - rate * gB
    C = C - rate * gC
    p = p - rate * gp
    q = q + rate * gq
    return cost, states[-1]

h = np.zeros(size)
for sweep in range(30):
    for k in range(0, len(text) - 21, 20):
        ids = [code[a] for a in text[k:k + 21]]
        cost, h = train_step(ids[:-1], ids[1:], h)
    print("sweep %d: %.3f" % (sweep, cost / 20))
