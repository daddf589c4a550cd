import numpy as np
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler, OneHotEncoder

wine = load_wine()
X = StandardScaler().fit_transform(wine.data)
Y = OneHotEncoder(sparse_output=False).fit_transform(wine.target.reshape(-1, 1))


def train(X, Y, hidden=(20, 12), lr=0.003, decay=0.95, epochs=300, batch=32, seed=1):
    rng = np.random.default_rng(seed)
    sizes = [X.shape[1], *hidden, Y.shape[1]]
    Ws = [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in zip(sizes, sizes[1:])]
    bs = [np.zeros(b) for b in sizes[1:]]
    cache = [np.zeros_like(p) for p in Ws + bs]
    for epoch in range(epochs):
        for rows in np.array_split(rng.permutation(len(X)), max(1, len(X) // batch)):
            x, y = X[rows], Y[rows]
            acts = [x]
            for W, b in zip(Ws[:-1], bs[:-1]):
                acts.append(np.maximum(acts[-1] @ W + b, 0.01 * (acts[-1] @ W + b)))
            scores = acts[-1] @ Ws[-1] + bs[-1]
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            probs = scores / scores.sum(axis=1, keepdims=True)
            loss = -np.mean(np.sum(y * np.log(probs), axis=1))
            delta = (probs - y) / len(rows)
            dWs, dbs = [None] * len(Ws), [None] * len(bs)
            for l in reversed(range(len(Ws))):
                dWs[l] = acts[l].T @ delta
                dbs[l] = delta.sum(axis=0)
                if l:
                    delta = (delta @ Ws[l].T) * np.where(acts[l] > 0, 1.0, 0.0)
            for p, g, c in zip(Ws + bs, dWs + dbs, cache):
                c *= decay
                c += (1 - decay) * g * g
                p -= lr * g / (np.sqrt(c) + 1e-8)
        if epoch % 50 == 0:
            print(epoch, loss)
    return Ws, bs


train(X, Y)
