"""One recurrent layer over a list of steps; gradients come in as a list, one for each output."""
import numpy as np


def layer_forward(weights, steps, h):
    A, R, k = weights
    seen, outputs = [], []
    for x in steps:
        new = np.tanh(np.dot(x, A) + np.dot(h, R) + k)
        seen.append((x, h, new))
        outputs.append(new)
        h = new
    return h, seen, outputs


def layer_backward(weights, trace, outputs, err):
    A, R, k = weights
    dA, dR, dk = np.zeros_like(A), np.zeros_like(R), np.zeros_like(k)
    carry = np.zeros_like(k)
    for t in range(len(err) - 1, -1, -1):
        x, h, new = trace[t]
        dz = (err[t] + carry) * (1 - new * new)
        dA += np.outer(x, dz)
        dR += np.outer(h, dz)
        dk += dz
        carry = np.dot(dz, R.T)
    return dA, dR, dk
