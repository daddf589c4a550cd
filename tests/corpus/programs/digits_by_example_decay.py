import numpy as np

train = np.load("train.npz")
Xs, ys = train["x"].reshape(len(train["y"]), -1) / 255.0, train["y"].astype(int)
n_feat, n_cls = Xs.shape[1], 10
W = np.random.randn(n_cls, n_feat) * 0.01
b = np.zeros(n_cls)
lr, batch, lam = 0.5, 16, 1e-4


def get_batch():
    pick = np.random.choice(len(Xs), batch)
    return Xs[pick], ys[pick]


for it in range(2000):
    xb, yb = get_batch()
    grad_W = np.zeros_like(W)
    grad_b = np.zeros_like(b)
    J = 0.0
    for k in range(batch):
        z = W.dot(xb[k]) + b
        z = z - np.max(z)
        p = np.exp(z) / np.sum(np.exp(z))
        J += -np.log(p[yb[k]])
        p[yb[k]] -= 1.0
        grad_W += np.outer(p, xb[k])
        grad_b += p
    J = J / batch + 0.5 * lam * np.sum(W ** 2)
    grad_W = grad_W / batch + 2 * lam * W
    grad_b = grad_b / batch
    W -= lr * grad_W
    b -= lr * grad_b
    if it % 200 == 0:
        acc = np.mean(np.argmax(Xs.dot(W.T) + b, axis=1) == ys)
        print("iter", it, "J", J, "acc", acc)
