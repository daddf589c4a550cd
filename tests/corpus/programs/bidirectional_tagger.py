'''Part of speech tagging with a bidirectional RNN.  Reads word/TAG pairs.'''
import random
from collections import defaultdict

import numpy as np


def read(path):
    for line in open(path):
        pairs = [w.rsplit('/', 1) for w in line.split()]
        if pairs:
            yield [w.lower() for w, _ in pairs], [t for _, t in pairs]


class BiTagger:
    def __init__(self, n_words, n_embed, n_hidden, n_tags):
        def mat(*shape):
            return np.random.uniform(-1, 1, shape) / np.sqrt(shape[-1])
        self.P = {'E': mat(n_words, n_embed),
                  'Uf': mat(n_hidden, n_embed), 'Wf': mat(n_hidden, n_hidden),
                  'Ub': mat(n_hidden, n_embed), 'Wb': mat(n_hidden, n_hidden),
                  'O': mat(n_tags, 2 * n_hidden), 'o': np.zeros(n_tags)}

    def encode(self, words):
        P, T = self.P, len(words)
        n = len(P['Wf'])
        f = np.zeros((T + 2, n))   # f[t + 1] belongs to word t, zeros at both ends
        b = np.zeros((T + 2, n))
        for t in range(T):
            f[t + 1] = np.tanh(P['Uf'] @ P['E'][words[t]] + P['Wf'] @ f[t])
        for t in range(T - 1, -1, -1):
            b[t + 1] = np.tanh(P['Ub'] @ P['E'][words[t]] + P['Wb'] @ b[t + 2])
        return f, b

    def tag(self, words):
        f, b = self.encode(words)
        return [int(np.argmax(self.P['O'] @ np.append(f[t], b[t]) + self.P['o'])) for t in range(1, len(words) + 1)]

    def loss(self, words, tags):
        P, T = self.P, len(words)
        f, b = self.encode(words)
        n = f.shape[1]
        g = {k: np.zeros_like(v) for k, v in P.items()}
        total = 0
        df, db = np.zeros_like(f), np.zeros_like(b)
        for t in range(T):
            both = np.append(f[t + 1], b[t + 1])
            s = P['O'] @ both + P['o']
            q = np.exp(s - s.max())
            q /= q.sum()
            total -= np.log(q[tags[t]])
            q[tags[t]] -= 1
            g['O'] += np.outer(q, both)
            g['o'] += q
            back = P['O'].T @ q
            df[t + 1] += back[:n]
            db[t + 1] += back[n:]
        for t in range(T - 1, -1, -1):
            dz = df[t + 1] * (1 - f[t + 1] ** 2)
            g['Uf'] += np.outer(dz, P['E'][words[t]])
            g['Wf'] += np.outer(dz, f[t])
            g['E'][words[t]] += P['Uf'].T @ dz
            df[t] += P['Wf'].T @ dz
        for t in range(T):
            dz = db[t + 1] * (1 - b[t + 1] ** 2)
            g['Ub'] += np.outer(dz, P['E'][words[t]])
            g['Wb'] += np.outer(dz, b[t + 2])
            g['E'][words[t]] += P['Ub'].T @ dz
            db[t + 2] += P['Wb'].T @ dz
        return total, g


if __name__ == '__main__':
    words, tags = defaultdict(lambda: len(words)), defaultdict(lambda: len(tags))
    data = [([words[w] for w in ws], [tags[t] for t in ts]) for ws, ts in read('brown.txt')]
    tagger = BiTagger(len(words), 50, 60, len(tags))
    for epoch in range(8):
        random.shuffle(data)
        bill = 0
        for ws, ts in data:
            loss, g = tagger.loss(ws, ts)
            bill += loss
            for k in g:
                tagger.P[k] -= .1 * g[k] / max(1, np.linalg.norm(g[k]))
        hit = sum(a == b for ws, ts in data[:500] for a, b in zip(tagger.tag(ws), ts))
        print('epoch', epoch, 'loss', bill / len(data), 'hits', hit)
