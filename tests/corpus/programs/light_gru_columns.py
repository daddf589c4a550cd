"""A recurrent unit with a single gate, for sequences of columns. Nothing here is called: it is meant to be imported."""

import numpy as np


def squash(v):
    return 1 / (1 + np.exp(-v))


class LightUnit:
    def __init__(self, n_in, n_hid, n_out):
        self.Wg, self.Rg = np.random.randn(n_hid, n_in) * 0.2, np.random.randn(n_hid, n_hid) * 0.2
        self.Wc, self.Rc = np.random.randn(n_hid, n_in) * 0.2, np.random.randn(n_hid, n_hid) * 0.2
        self.bg, self.bc = np.zeros((n_hid, 1)), np.zeros((n_hid, 1))
        self.V, self.d = np.random.randn(n_out, n_hid) * 0.2, np.zeros((n_out, 1))

    def run(self, columns, start):
        h, gate, cand, out = {-1: start}, {}, {}, {}
        for t in range(len(columns)):
            gate[t] = squash(self.Wg @ columns[t] + self.Rg @ h[t - 1] + self.bg)
            cand[t] = np.tanh(self.Wc @ columns[t] + self.Rc @ (gate[t] * h[t - 1]) + self.bc)
            h[t] = h[t - 1] + gate[t] * (cand[t] - h[t - 1])
            out[t] = self.V @ h[t] + self.d
        return h, gate, cand, out

    def miss(self, answers, out):
        total, diff = 0.0, {}
        for t in range(len(answers)):
            diff[t] = out[t] - answers[t]
            total += 0.5 * np.sum(diff[t] ** 2)
        return total, diff

    def loss_and_grads(self, columns, answers, start):
        h, gate, cand, out = self.run(columns, start)
        loss, diff = self.miss(answers, out)
        dWg, dRg, dbg = np.zeros_like(self.Wg), np.zeros_like(self.Rg), np.zeros_like(self.bg)
        dWc, dRc, dbc = np.zeros_like(self.Wc), np.zeros_like(self.Rc), np.zeros_like(self.bc)
        dV, dd, later = np.zeros_like(self.V), np.zeros_like(self.d), np.zeros_like(start)
        for t in reversed(range(len(columns))):
            dV += diff[t] @ h[t].T
            dd += diff[t]
            dh = self.V.T @ diff[t] + later
            dc = dh * gate[t] * (1 - cand[t] ** 2)
            inner = self.Rc.T @ dc
            dg = (dh * (cand[t] - h[t - 1]) + inner * h[t - 1]) * gate[t] * (1 - gate[t])
            dWg += dg @ columns[t].T
            dRg += dg @ h[t - 1].T
            dbg += dg
            dWc += dc @ columns[t].T
            dRc += dc @ (gate[t] * h[t - 1]).T
            dbc += dc
            later = dh * (1 - gate[t]) + inner * gate[t] + self.Rg.T @ dg
        return loss, [dWg, dRg, dbg, dWc, dRc, dbc, dV, dd], h[len(columns) - 1]
