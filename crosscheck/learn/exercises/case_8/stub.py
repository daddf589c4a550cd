"""Case 8: a network with a gate."""

import numpy as np


def gated_forward(x, h0, Wf, Uf, Wc):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wf (H, N), Uf (H, H), Wc (H, N). In the cache h (T + 1, H) begins with h0;
    f and c are (T, H).
    """
    T, H = len(x), len(h0)
    h, f, c = np.zeros((T + 1, H)), np.zeros((T, H)), np.zeros((T, H))
    h[0] = h0
    for t in range(T):
        f[t] = 1 / (1 + np.exp(-(Wf @ x[t] + Uf @ h[t])))
        c[t] = np.tanh(Wc @ x[t])
        h[t + 1] = f[t] * h[t] + (1 - f[t]) * c[t]
    return h[1:], (x, h, f, c, Wf, Uf, Wc)


# TODO: find out whether gated_backward is right; mend it if it is not; then set ANSWER to right or mended.
ANSWER = "TODO"


def gated_backward(dh, cache):
    """Return dWf (H, N), dUf (H, H), dWc (H, N) and dh0 (H,).

    dh (T, H) comes from outside: dh[t] says how the loss moves with h[t + 1], the steps that follow left out.
    """
    x, h, f, c, Wf, Uf, Wc = cache
    dWf, dUf, dWc = np.zeros_like(Wf), np.zeros_like(Uf), np.zeros_like(Wc)
    carry = np.zeros(len(Uf))
    for t in reversed(range(len(x))):
        dstate = dh[t] + carry
        dc = (1 - f[t]) * dstate
        df = h[t] * dstate
        dzc = (1 - c[t] ** 2) * dc
        dzf = f[t] * (1 - f[t]) * df
        dWc += np.outer(dzc, x[t])
        dWf += np.outer(dzf, x[t])
        dUf += np.outer(dzf, h[t])
        carry = f[t] * dstate + Uf.T @ dzf
    return dWf, dUf, dWc, carry
