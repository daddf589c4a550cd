import numpy as np
import gzip
import struct


def load(path):
    with gzip.open(path) as f:
        magic, = struct.unpack('>I', f.read(4))
        dims = struct.unpack('>' + 'I' * (magic & 255), f.read(4 * (magic & 255)))
        return np.frombuffer(f.read(), np.uint8).reshape(dims)


def loss_and_grad(W, b, X, y, reg=1e-3):
    """
    multinomial logistic regression
    X (N, D), y (N,), W (D, C), b (C,)
    """
    N = X.shape[0]
    scores = X @ W + b
    shift = scores.max(axis=1, keepdims=True)
    logsum = shift[:, 0] + np.log(np.exp(scores - shift).sum(axis=1))
    loss = (logsum - scores[np.arange(N), y]).mean() + 0.5 * reg * (W * W).sum()

    e = np.exp(scores)
    probs = e / e.sum(axis=1, keepdims=True)
    probs[np.arange(N), y] -= 1
    probs /= N
    dW = X.T @ probs + reg * W
    db = probs.sum(axis=0)
    return loss, dW, db


if __name__ == '__main__':
    X = load('train-images-idx3-ubyte.gz').reshape(-1, 784) / 255.
    y = load('train-labels-idx1-ubyte.gz')
    W, b = np.zeros((784, 10)), np.zeros(10)
    for epoch in range(5):
        for k in range(0, len(X), 100):
            loss, dW, db = loss_and_grad(W, b, X[k:k + 100], y[k:k + 100])
            W -= .5 * dW
            b -= .5 * db
        print(epoch, loss, ((X @ W + b).argmax(1) == y).mean())
