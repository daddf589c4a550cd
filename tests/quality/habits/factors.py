"""Scripts that learn vectors of words, users and things, in all combinations of habits."""

import random

from tests.quality.habits import Script, templates
from tests.quality.habits.templates import Template

WORDS = (
    (
        'text = "the cat sat on the mat and the dog sat on the rug while the bird sang to the cat"\n'
        "tokens = text.split()"
    ),
    'tokens = "we are what we repeatedly do so excellence is not an act but a habit we keep".split()',
)
INDEX = (
    ("vocab = sorted(set(tokens))\nword_to_id = {w: i for i, w in enumerate(vocab)}"),
    ("vocab = list(dict.fromkeys(tokens))\nword_to_id = dict(zip(vocab, range(len(vocab))))"),
)
PAIRS = """
pairs = []
for i in range(len(tokens)):
    for j in range(max(0, i - 2), min(len(tokens), i + 3)):
        if i != j:
            pairs.append((word_to_id[tokens[i]], word_to_id[tokens[j]]))
"""
SHOWN = ("print(epoch, loss)", ("if epoch % 10 == 0:\n    print('epoch', epoch, 'loss', loss)"), "losses.append(loss)")
RATINGS = (
    "R = np.array([[5, 3, 0, 1], [4, 0, 0, 1], [1, 1, 0, 5], [1, 0, 0, 4], [0, 1, 5, 4]], dtype=float)",
    "R = np.random.randint(0, 6, (6, 5)).astype(float)",
)
TEMPLATES = (
    Template(
        "skip-gram",
        """
        import numpy as np
        np.random.seed(0)
        $words
        $index
        $pairs
        V, D = len(vocab), 6
        W_in = np.random.randn(V, D) * 0.1
        W_out = np.random.randn(D, V) * 0.1
        lr = 0.05
        losses = []
        for epoch in range(20):
            loss = 0
            for center, context in pairs:
                $ahead
                scores = h @ W_out
                e = np.exp(scores - np.max(scores))
                p = e / e.sum()
                loss += -np.log(p[context])
                $error
                $outer
                dh = W_out @ d
                W_out -= lr * dW_out
                W_in[center] -= lr * dh
            $shown
        """,
        {
            "words": WORDS,
            "index": INDEX,
            "pairs": (PAIRS,),
            "shown": SHOWN,
            "ahead": ("h = W_in[center]", "h = W_in[center].copy()"),
            "error": (("d = p.copy()\nd[context] -= 1"), ("target = np.zeros(V)\ntarget[context] = 1\nd = p - target")),
            "outer": (
                "dW_out = np.outer(h, d)",
                "dW_out = h[:, None] * d[None, :]",
                "dW_out = h.reshape(-1, 1) @ d.reshape(1, -1)",
            ),
        },
        (
            ("d[context] -= 1", "d[context] += 1"),
            ("p - target", "p + target"),
            ("dh = W_out @ d", "dh = W_out @ p"),
            ("W_in[center] -= lr * dh", "W_in[context] -= lr * dh"),
            ("np.outer(h, d)", "np.outer(np.abs(h), d)"),
            ("W_in[center] -= lr", "W_in[center] += lr"),
        ),
        {"center": ("c", "target_word"), "W_in": ("W1", "embeddings"), "W_out": ("W2", "U")},
    ),
    Template(
        "skip-gram with matrices",
        """
        import numpy as np
        np.random.seed(1)
        $words
        $index
        $pairs
        def softmax(x):
            e = np.exp(x - np.max(x))
            return e / e.sum(axis=0)
        class Word2Vec:
            def __init__(self, vocab_size, dim=5, lr=0.05):
                self.vocab_size = vocab_size
                self.lr = lr
                self.W1 = np.random.uniform(-0.8, 0.8, (vocab_size, dim))
                self.W2 = np.random.uniform(-0.8, 0.8, (dim, vocab_size))
            def one_hot(self, i):
                x = np.zeros($shape)
                x[i] = 1
                return x
            def forward(self, x):
                h = np.dot(self.W1.T, x)
                u = np.dot(self.W2.T, h)
                return softmax(u), h, u
            def backward(self, e, h, x):
                $slopes
                self.W1 -= self.lr * dW1
                self.W2 -= self.lr * dW2
            def train(self, pairs, epochs=10):
                for epoch in range(epochs):
                    loss = 0
                    for i, j in pairs:
                        x, t = self.one_hot(i), self.one_hot(j)
                        y, h, u = self.forward(x)
                        e = y - t
                        self.backward(e, h, x)
                        $lost
                    print(epoch, loss)
        $trained
        """,
        {
            "words": WORDS,
            "index": INDEX,
            "pairs": (PAIRS,),
            "shape": ("self.vocab_size", "(self.vocab_size, 1)"),
            "slopes": (
                ("dW2 = np.outer(h, e)\ndW1 = np.outer(x, np.dot(self.W2, e))"),
                ("dW1 = np.outer(x, np.dot(self.W2, e))\ndW2 = np.outer(h, e)"),
            ),
            "lost": (
                "loss += -np.sum(t * np.log(y))",
                "loss -= np.log(y[j]).sum()",
                "loss += -u[j].sum() + np.log(np.sum(np.exp(u)))",
            ),
            "trained": (("model = Word2Vec(len(vocab))\nmodel.train(pairs)"), "Word2Vec(len(vocab)).train(pairs, 5)"),
        },
        (
            ("np.outer(h, e)", "np.outer(h, np.abs(e))"),
            ("np.dot(self.W2, e)", "np.dot(self.W2, e ** 2)"),
            ("e = y - t", "e = y + t"),
            ("self.W1 -= self.lr", "self.W1 += self.lr"),
            ("e = y - t", "e = (y - t) * y"),
        ),
    ),
    Template(
        "continuous bag of words",
        """
        import numpy as np
        np.random.seed(2)
        $words
        $index
        V, D, window = len(vocab), 5, 2
        data = []
        for i in range(window, len(tokens) - window):
            around = [word_to_id[tokens[j]] for j in range(i - window, i + window + 1) if j != i]
            data.append((around, word_to_id[tokens[i]]))
        E = np.random.randn(V, D) * 0.3
        W = np.random.randn(V, D) * 0.3
        $defined
        for epoch in range(30):
            total = 0.0
            for around, t in data:
                $ahead
                u = W.dot(h)
                p = np.exp(u - u.max())
                p /= p.sum()
                total -= np.log(p[t])
                du = p.copy()
                du[t] -= 1.0
                dW = np.outer(du, h)
                dh = W.T.dot(du)
                W -= 0.1 * dW
                $scattered
            print("epoch %d, loss %.4f" % (epoch, total))
        """,
        {
            "words": WORDS,
            "index": INDEX,
            "defined": ("", "history = []"),
            "ahead": (
                "h = E[around].mean(axis=0)",
                "h = np.mean(E[around], axis=0)",
                "h = sum(E[c] for c in around) / len(around)",
            ),
            "scattered": (
                ("for c in around:\n    E[c] -= 0.1 * dh / len(around)"),
                "np.add.at(E, around, -0.1 * dh / len(around))",
                ("dE = np.zeros_like(E)\nfor c in around:\n    dE[c] += dh / len(around)\nE -= 0.1 * dE"),
            ),
        },
        (
            (" * dh / len(around)", " * dh"),
            ("du[t] -= 1.0", "du[t] = -1.0"),
            ("W.T.dot(du)", "W.T.dot(p)"),
            ("np.outer(du, h)", "np.outer(p, h)"),
            (("for c in around:\n            dE[c]"), ("for c in around[1:]:\n            dE[c]")),
        ),
    ),
    Template(
        "negative sampling",
        """
        import numpy as np
        rng = np.random.RandomState(3)
        $words
        $index
        $pairs
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))
        V, D, K = len(vocab), 6, 4
        W = rng.randn(V, D) * 0.2
        C = rng.randn(V, D) * 0.2
        losses = []
        for epoch in range(15):
            loss = 0.0
            for center, context in pairs:
                negatives = rng.randint(0, V, K)
                v = W[center].copy()
                dv = np.zeros(D)
                $positive
                for n in negatives:
                    $negative
                W[center] -= 0.05 * dv
            $shown
        """,
        {
            "words": WORDS,
            "index": INDEX,
            "pairs": (PAIRS,),
            "shown": SHOWN,
            "positive": (
                (
                    "s = sigmoid(C[context] @ v)\n"
                    "loss -= np.log(s)\n"
                    "dv += (s - 1) * C[context]\n"
                    "C[context] -= 0.05 * (s - 1) * v"
                ),
                (
                    "z = np.dot(v, C[context])\n"
                    "loss += -np.log(sigmoid(z))\n"
                    "g = sigmoid(z) - 1\n"
                    "dv += g * C[context]\n"
                    "C[context] -= 0.05 * g * v"
                ),
            ),
            "negative": (
                ("s = sigmoid(C[n] @ v)\nloss -= np.log(1 - s)\ndv += s * C[n]\nC[n] -= 0.05 * s * v"),
                (
                    "s = sigmoid(np.dot(C[n], v))\n"
                    "loss += -np.log(1 - s)\n"
                    "g = s\n"
                    "dv += g * C[n]\n"
                    "C[n] = C[n] - 0.05 * g * v"
                ),
            ),
        },
        (
            ("(s - 1) * v", "s * v"),
            ("dv += s * C[n]", "dv -= s * C[n]"),
            ("g = sigmoid(z) - 1", "g = sigmoid(z)"),
            ("C[n] -= 0.05 * s * v", "C[n] -= 0.05 * s"),
            ("C[n] -= 0.05 * s * v", "C[n] += 0.05 * s * v"),
        ),
    ),
    Template(
        "matrix factorisation",
        """
        import numpy as np
        np.random.seed(4)
        $ratings
        n_users, n_items = R.shape
        k, lr, reg = 3, 0.01, 0.02
        P = np.random.normal(scale=1 / k, size=(n_users, k))
        Q = np.random.normal(scale=1 / k, size=(n_items, k))
        $begun
        for epoch in range(50):
            $loop
                $error
                $steps
            $told
        """,
        {
            "ratings": RATINGS,
            "begun": ("", "errors = []"),
            "loop": ("for u, i in zip(*R.nonzero()):", "for u, i in np.argwhere(R > 0):"),
            "error": ("e = R[u, i] - P[u] @ Q[i]", ("pred = np.dot(P[u, :], Q[i, :].T)\ne = R[u][i] - pred")),
            "steps": (
                ("pu = P[u].copy()\nP[u] += lr * (e * Q[i] - reg * P[u])\nQ[i] += lr * (e * pu - reg * Q[i])"),
                (
                    "dP = -2 * e * Q[i] + 2 * reg * P[u]\n"
                    "dQ = -2 * e * P[u] + 2 * reg * Q[i]\n"
                    "P[u] -= lr * dP\n"
                    "Q[i] -= lr * dQ"
                ),
                (
                    "for f in range(k):\n"
                    "    p, q = P[u, f], Q[i, f]\n"
                    "    P[u, f] = p + lr * (2 * e * q - reg * p)\n"
                    "    Q[i, f] = q + lr * (2 * e * p - reg * q)"
                ),
            ),
            "told": ("", "print(epoch, np.sqrt(np.mean((R - P @ Q.T)[R > 0] ** 2)))"),
        },
        (
            (
                ("pu = P[u].copy()\n        P[u] += lr * (e * Q[i]"),
                ("pu = P[u].copy()\n        P[u] += lr * (e * np.abs(Q[i])"),
            ),
            ("(e * pu - reg", "(-e * pu - reg"),
            ("-2 * e * P[u]", "-2 * e * Q[i]"),
            ("-2 * e * P[u]", "2 * e * P[u]"),
            ("2 * e * p - reg", "2 * e * q - reg"),
        ),
    ),
    Template(
        "biased factorisation",
        """
        import numpy as np
        np.random.seed(5)
        class MF:
            def __init__(self, R, k=2, lr=0.01, reg=0.05, epochs=30):
                self.R, self.k, self.lr, self.reg, self.epochs = R, k, lr, reg, epochs
                self.n_users, self.n_items = R.shape
            def train(self):
                self.P = np.random.normal(scale=0.3, size=(self.n_users, self.k))
                self.Q = np.random.normal(scale=0.3, size=(self.n_items, self.k))
                self.bu = np.zeros(self.n_users)
                self.bi = np.zeros(self.n_items)
                self.mu = np.mean(self.R[self.R > 0])
                $samples
                for epoch in range(self.epochs):
                    np.random.shuffle(self.samples)
                    self.sgd()
                    $told
            def predict(self, i, j):
                return self.mu + self.bu[i] + self.bi[j] + self.P[i, :].dot(self.Q[j, :].T)
            def mse(self):
                xs, ys = self.R.nonzero()
                return np.sqrt(sum((self.R[x, y] - self.predict(x, y)) ** 2 for x, y in zip(xs, ys)))
            def sgd(self):
                for i, j, r in self.samples:
                    e = r - self.predict(i, j)
                    self.bu[i] += self.lr * (e - self.reg * self.bu[i])
                    self.bi[j] += self.lr * (e - self.reg * self.bi[j])
                    $steps
        $ratings
        MF(R).train()
        """,
        {
            "ratings": RATINGS,
            "samples": (
                "self.samples = [(i, j, self.R[i, j]) for i, j in zip(*self.R.nonzero())]",
                (
                    "self.samples = []\n"
                    "for i in range(self.n_users):\n"
                    "    for j in range(self.n_items):\n"
                    "        if self.R[i, j] > 0:\n"
                    "            self.samples.append((i, j, self.R[i, j]))"
                ),
            ),
            "told": (
                "print('Iteration: %d ; error = %.4f' % (epoch + 1, self.mse()))",
                ("if (epoch + 1) % 10 == 0:\n    print(epoch + 1, self.mse())"),
                "",
            ),
            "steps": (
                (
                    "Pi = self.P[i, :].copy()\n"
                    "self.P[i, :] += self.lr * (e * self.Q[j, :] - self.reg * self.P[i, :])\n"
                    "self.Q[j, :] += self.lr * (e * Pi - self.reg * self.Q[j, :])"
                ),
                (
                    "p, q = self.P[i].copy(), self.Q[j].copy()\n"
                    "self.P[i] += self.lr * (e * q - self.reg * p)\n"
                    "self.Q[j] += self.lr * (e * p - self.reg * q)"
                ),
            ),
        },
        (
            ("self.bi[j] += self.lr * (e -", "self.bi[j] += self.lr * (-e -"),
            ("(e * Pi - self.reg", "(e * self.Q[j, :] - self.reg"),
            ("(e * q - self.reg", "(e * p - self.reg"),
            ("self.bi[j] += self.lr", "self.bi[j] -= self.lr"),
        ),
    ),
    Template(
        "embedding classifier",
        """
        import numpy as np
        np.random.seed(6)
        V, D = 12, 5
        $batch
        E = np.random.randn(V, D) * 0.3
        w = np.random.randn(D) * 0.3
        b = 0.0
        for step in range(100):
            emb = E[docs]
            h = emb.mean(axis=1)
            z = h @ w + b
            p = 1 / (1 + np.exp(-z))
            loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
            dz = (p - labels) / len(labels)
            dw = h.T @ dz
            db = dz.sum()
            dh = np.outer(dz, w)
            $scattered
            E -= 0.5 * dE
            w -= 0.5 * dw
            b -= 0.5 * db
            if step % 20 == 0:
                print(step, loss)
        """,
        {
            "batch": (
                ("docs = np.random.randint(0, V, (8, 4))\nlabels = np.random.randint(0, 2, 8)"),
                ("docs = np.array([[1, 2, 3], [4, 5, 5], [0, 7, 7], [2, 2, 9]])\nlabels = np.array([1, 0, 1, 0])"),
            ),
            "scattered": (
                ("dE = np.zeros_like(E)\nnp.add.at(dE, docs, dh[:, None, :] / docs.shape[1])"),
                (
                    "dE = np.zeros(E.shape)\n"
                    "for i in range(len(docs)):\n"
                    "    for t in range(docs.shape[1]):\n"
                    "        dE[docs[i, t]] += dh[i] / docs.shape[1]"
                ),
            ),
        },
        (
            ("dE[docs[i, t]] += dh", "dE[docs[i, t]] = dh"),
            (" / docs.shape[1]", ""),
            ("dz.sum()", "dz.mean()"),
            ("np.add.at(dE, docs, dh[:, None, :] / docs.shape[1])", "dE[docs] += dh[:, None, :] / docs.shape[1]"),
            ("np.outer(dz, w)", "np.outer(p, w)"),
        ),
    ),
    Template(
        "GloVe",
        """
        import numpy as np
        np.random.seed(7)
        V, D = 8, 4
        X = np.random.poisson(3, (V, V)).astype(float)
        $lists
        W = np.random.randn(V, D) * 0.2
        U = np.random.randn(V, D) * 0.2
        a, c = np.zeros(V), np.zeros(V)
        def f(x, xmax=10, alpha=0.75):
            return (x / xmax) ** alpha if x < xmax else 1.0
        for epoch in range(20):
            cost = 0
            for i, j in cells:
                wt = f(X[i, j])
                diff = W[i] @ U[j] + a[i] + c[j] - np.log(X[i, j])
                cost += 0.5 * wt * diff ** 2
                g = wt * diff
                $steps
                a[i] -= 0.05 * g
                c[j] -= 0.05 * g
            print(epoch, cost)
        """,
        {
            "lists": (
                "cells = [(i, j) for i in range(V) for j in range(V) if X[i, j] > 0]",
                "cells = list(zip(*np.nonzero(X)))",
            ),
            "steps": (
                ("dW, dU = g * U[j], g * W[i]\nW[i] -= 0.05 * dW\nU[j] -= 0.05 * dU"),
                ("wi = W[i].copy()\nW[i] -= 0.05 * g * U[j]\nU[j] -= 0.05 * g * wi"),
            ),
        },
        (
            ("c[j] -= 0.05 * g", "c[j] -= 0.05 * diff"),
            ("g * U[j], g * W[i]", "g * W[i], g * U[j]"),
            ("U[j] -= 0.05 * g * wi", "U[j] += 0.05 * g * wi"),
            ("c[j] -= 0.05", "c[j] += 0.05"),
        ),
    ),
)


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    return templates.drawn(TEMPLATES, choose, is_right)
