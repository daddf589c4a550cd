import numpy as np
import sys

text = sys.stdin.read() if not sys.stdin.isatty() else open('text8').read(10 ** 6)
table = sorted(set(text))
vocab, hidden, steps = len(table), 90, 20


def step_fwd(i, h, w):
    x = np.zeros((vocab, 1))
    x[i] = 1
    h2 = np.tanh(w['x'].dot(x) + w['h'].dot(h) + w['bh'])
    s = w['y'].dot(h2) + w['by']
    e = np.exp(s - s.max())
    return e / e.sum(), h2, (x, h, h2)


def step_bwd(p, j, dh, cache, w):
    x, h, h2 = cache
    ds = p.copy()
    ds[j] -= 1
    dz = (w['y'].T.dot(ds) + dh) * (1 - h2 ** 2)
    return {'x': dz.dot(x.T), 'h': dz.dot(h.T), 'y': ds.dot(h2.T), 'bh': dz, 'by': ds}, w['h'].T.dot(dz)


w = {'x': np.random.randn(hidden, vocab) * .05, 'h': np.random.randn(hidden, hidden) * .05,
     'y': np.random.randn(vocab, hidden) * .05, 'bh': np.zeros((hidden, 1)), 'by': np.zeros((vocab, 1))}
state = np.zeros((hidden, 1))
place, count = 0, 0
while True:
    if place + steps >= len(text):
        place = 0
        state = np.zeros((hidden, 1))
    ins = [table.index(c) for c in text[place:place + steps]]
    outs = [table.index(c) for c in text[place + 1:place + steps + 1]]

    # one pass over the chunk
    h, loss, caches, probs = state, 0, [], []
    for t in range(steps):
        p, h, cache = step_fwd(ins[t], h, w)
        loss += -np.log(p[outs[t], 0])
        caches.append(cache)
        probs.append(p)

    g = {k: np.zeros_like(v) for k, v in w.items()}
    next_dh = np.zeros((hidden, 1))
    for t in reversed(range(steps)):
        step, next_dh = step_bwd(probs[t], outs[t], next_dh, caches[t], w)
        for k in g:
            g[k] += step[k]
    next_dh, step = None, None

    norm = np.sqrt(sum((v ** 2).sum() for v in g.values()))
    if norm > 5:
        for k in g:
            g[k] *= 5 / norm
    for k in w:
        w[k] -= .05 * g[k]
    state = h
    place += steps
    count += 1
    if count % 100 == 0:
        print('%d %.3f %.3f' % (count, loss / steps, norm))
