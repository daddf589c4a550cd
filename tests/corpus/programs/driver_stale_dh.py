import numpy as np
import sys

text = sys.stdin.read() if not sys.stdin.isatty() else open('text8').read(10 ** 6)
table = sorted(set(text))
vocab, hidden, steps = len(table), 90, 20


def forward_step(i, h, weights):
    x = np.zeros((vocab, 1))
    x[i] = 1
    h2 = np.tanh(weights['x'].dot(x) + weights['h'].dot(h) + weights['bh'])
    s = weights['y'].dot(h2) + weights['by']
    e = np.exp(s - s.max())
    return e / e.sum(), h2, (x, h, h2)


def backward_step(p, j, dh, cache, weights):
    x, h, h2 = cache
    ds = p.copy()
    ds[j] -= 1
    dz = (weights['y'].T.dot(ds) + dh) * (1 - h2 ** 2)
    return {'x': dz.dot(x.T), 'h': dz.dot(h.T), 'y': ds.dot(h2.T), 'bh': dz, 'by': ds}, weights['h'].T.dot(dz)


weights = {'x': np.random.randn(hidden, vocab) * .05, 'h': np.random.randn(hidden, hidden) * .05,
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
        p, h, cache = forward_step(ins[t], h, weights)
        loss += -np.log(p[outs[t], 0])
        caches.append(cache)
        probs.append(p)

    grads = {k: np.zeros_like(v) for k, v in weights.items()}
    next_dh = np.zeros((hidden, 1))
    for t in reversed(range(steps)):
        step, prev_dh = backward_step(probs[t], outs[t], next_dh, caches[t], weights)
        for k in grads:
            grads[k] += step[k]
    next_dh, step = None, None

    norm = np.sqrt(sum((v ** 2).sum() for v in grads.values()))
    if norm > 5:
        for k in grads:
            grads[k] *= 5 / norm
    for k in weights:
        weights[k] -= .05 * grads[k]
    state = h
    place += steps
    count += 1
    if count % 100 == 0:
        print('%d %.3f %.3f' % (count, loss / steps, norm))
