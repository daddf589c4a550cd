#! /usr/bin/python3
# vectors are 1-d everywhere
import numpy as np
from pathlib import Path

TEXT = Path(__file__).with_name('looking_glass.txt').read_text()
ABC = ''.join(sorted(set(TEXT)))


def step_loss(x, y, h0, params):
    Wx, Wh, bh, Wo, bo = params
    states, probs = [h0], []
    loss = 0
    for i, j in zip(x, y):
        h = np.tanh(Wx[:, i] + Wh @ states[-1] + bh)   # [-1]: the newest
        logits = Wo @ h + bo
        logits -= logits.max()
        p = np.exp(logits) / np.exp(logits).sum()
        states.append(h)
        probs.append(p)
        loss -= np.log(p[j])

    gWx, gWh, gbh, gWo, gbo = map(np.zeros_like, params)
    gh = np.zeros_like(h0)
    for t in range(len(x) - 1, -1, -1):
        gl = probs[t]
        gl[y[t]] -= 1
        gWo += np.outer(gl, states[t + 1])
        gbo += gl
        gz = (gh + Wo.T @ gl) * (1 - states[t + 1] ** 2)
        gWx[:, x[t]] += gz
        gWh += np.outer(gz, states[t])
        gbh += gz
        gh = Wh.T @ gz
    return loss, states[-1], (gWx, gWh, gbh, gWo, gbo)


def main():
    n, v = 100, len(ABC)
    params = (np.random.randn(n, v) * .01, np.random.randn(n, n) * .01, np.zeros(n), np.random.randn(v, n) * .01, np.zeros(v))
    h = np.zeros(n)
    ids = [ABC.index(c) for c in TEXT]
    for k in range(0, len(ids) - 26, 25):
        loss, h, grads = step_loss(ids[k:k + 25], ids[k + 1:k + 26], h, params)
        for p, g in zip(params, grads):
            p -= .05 * np.clip(g, -5, 5)
        if not k % 1000:
            print(k, loss / 25)


main()
