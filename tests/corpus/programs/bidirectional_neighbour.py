'''Part of speech tagging with a bidirectional RNN.  Reads word/TAG pairs.'''
import random
from collections import defaultdict

import numpy as np


def read(path):
    for line in open(path):
        pairs = [w.rsplit('/', 1) for w in line.split()]
        if pairs:
            yield [w.lower() for w, _ in pairs], [t for _, t in pairs]


class BiRNN:
    def __init__(self, n_words, n_embed, n_hidden, n_tags):
        def mat(*shape):
            return np.random.uniform(-1, 1, shape) / np.sqrt(shape[-1])
        self.theta = {'E': mat(n_words, n_embed),
                  'Uf': mat(n_hidden, n_embed), 'Wf': mat(n_hidden, n_hidden),
                  'Ub': mat(n_hidden, n_embed), 'Wb': mat(n_hidden, n_hidden),
                  'O': mat(n_tags, 2 * n_hidden), 'o': np.zeros(n_tags)}

    def encode(self, words):
        theta, T = self.theta, len(words)
        n = len(theta['Wf'])
        f = np.zeros((T + 2, n))   # f[t + 1] belongs to word t, zeros at both ends
        b = np.zeros((T + 2, n))
        for t in range(T):
            f[t + 1] = np.tanh(theta['Uf'] @ theta['E'][words[t]] + theta['Wf'] @ f[t])
        for t in range(T - 1, -1, -1):
            b[t + 1] = np.tanh(theta['Ub'] @ theta['E'][words[t]] + theta['Wb'] @ b[t + 2])
        return f, b

    def tag(self, words):
        f, b = self.encode(words)
        return [int(np.argmax(self.theta['O'] @ np.append(f[t], b[t]) + self.theta['o'])) for t in range(1, len(words) + 1)]

    def loss(self, words, tags):
        theta, T = self.theta, len(words)
        f, b = self.encode(words)
        n = f.shape[1]
        grad = {k: np.zeros_like(v) for k, v in theta.items()}
        total = 0
        df, db = np.zeros_like(f), np.zeros_like(b)
        for t in range(T):
            both = np.append(f[t + 1], b[t + 1])
            s = theta['O'] @ both + theta['o']
            q = np.exp(s - s.max())
            q /= q.sum()
            total -= np.log(q[tags[t]])
            q[tags[t]] -= 1
            grad['O'] += np.outer(q, both)
            grad['o'] += q
            back = theta['O'].T @ q
            df[t + 1] += back[:n]
            db[t + 1] += back[n:]
        for t in range(T - 1, -1, -1):
            dz = df[t + 1] * (1 - f[t + 1] ** 2)
            grad['Uf'] += np.outer(dz, theta['E'][words[t]])
            grad['Wf'] += np.outer(dz, f[t])
            grad['E'][words[t]] += theta['Uf'].T @ dz
            df[t] += theta['Wf'].T @ dz
        for t in range(T):
            dz = db[t + 1] * (1 - b[t + 1] ** 2)
            grad['Ub'] += np.outer(dz, theta['E'][words[t]])
            grad['Wb'] += np.outer(dz, b[t])
            grad['E'][words[t]] += theta['Ub'].T @ dz
            db[t + 2] += theta['Wb'].T @ dz
        return total, grad


if __name__ == '__main__':
    words, tags = defaultdict(lambda: len(words)), defaultdict(lambda: len(tags))
    data = [([words[w] for w in ws], [tags[t] for t in ts]) for ws, ts in read('brown.txt')]
    tagger = BiRNN(len(words), 50, 60, len(tags))
    for epoch in range(8):
        random.shuffle(data)
        bill = 0
        for ws, ts in data:
            loss, grad = tagger.loss(ws, ts)
            bill += loss
            for k in grad:
                tagger.theta[k] -= .1 * grad[k] / max(1, np.linalg.norm(grad[k]))
        hit = sum(a == b for ws, ts in data[:500] for a, b in zip(tagger.tag(ws), ts))
        print('epoch', epoch, 'loss', bill / len(data), 'hits', hit)
