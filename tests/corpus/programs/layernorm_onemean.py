import numpy as np
from builtins import range


def affine_forward(x, w, b):
    """x: (N, ...) flattened to (N, D); w: (D, M); b: (M,)"""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    """ gives dx (shape of x), dw, db """
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def layernorm_forward(x, gamma, beta, eps=1e-5):
    """
    Normalise every row of x.

    x: (N, D), gamma and beta: (D,)
    """
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    inv = 1 / np.sqrt(var + eps)
    xhat = (x - mu) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)


def layernorm_backward(dout, cache):
    """ dout: (N, D); gives dx (N, D), dgamma (D,), dbeta (D,) """
    xhat, inv, gamma = cache
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    dx = inv * (dxhat - xhat * (dxhat * xhat).mean(axis=1, keepdims=True))
    # * (dxhat * xhat).mean(axis=1, keepdims=True))
    return dx, dgamma, dbeta


def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


np.random.seed(231)
x = 5 * np.random.randn(4, 5) + 12
out, cache = layernorm_forward(x, np.ones(5), np.zeros(5))
print('means', out.mean(axis=1), 'stds', out.std(axis=1))
