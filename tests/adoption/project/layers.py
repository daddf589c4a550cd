"""Layers of somebody's project, with their derivatives by hand."""

import numpy as np


def attention(parameters, x):
    """One head of attention over a sequence; the loss is half the sum of squares of what it returns."""
    q, k, v = x @ parameters["Wq"], x @ parameters["Wk"], x @ parameters["Wv"]
    scale = np.sqrt(q.shape[-1]).astype(q.dtype)
    scores = q @ k.T / scale
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)
    out = weights @ v

    dweights = out @ v.T
    dv = weights.T @ out
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dq, dk = dscores @ k / scale, dscores.T @ q / scale
    return 0.5 * (out * out).sum(), {"Wq": x.T @ dq, "Wk": x.T @ dk, "Wv": x.T @ dv}


def rms_norm(parameters, x):
    """Rows of length one on average, scaled; with a slip: dx of the square lacks its factor of 2, and so does dW."""
    z = x @ parameters["W"]
    size = np.sqrt((z * z).mean(axis=-1, keepdims=True) + 1e-3)
    out = parameters["gain"] * z / size
    loss = (out**3).sum() / 3

    dout = out**2
    dgain = (dout * z / size).sum(axis=0)
    dnormal = dout * parameters["gain"]
    dsize = -(dnormal * z).sum(axis=-1, keepdims=True) / size**2
    dz = dnormal / size + dsize * z / (2 * size * z.shape[-1])
    dW = x.T @ dz
    return loss, {"W": dW, "gain": dgain}


def softplus(parameters, x):
    """Smooth rectifiers, of which large arguments are left as they are: at 100, where exp of a float32 is infinite."""
    z = x @ parameters
    e = np.exp(np.minimum(z, 100))
    loss = np.where(z > 100, z, np.log1p(e)).sum()

    dz = e / (1 + e)
    return loss, x.T @ dz
