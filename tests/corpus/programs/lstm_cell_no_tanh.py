import numpy as np


class LinearCellLSTM:
    """LSTM whose cell reaches the output as it is: h = o * c."""

    def __init__(self, V, H):
        self.V, self.H = V, H
        self.W = np.random.randn(V + H, 4 * H) / np.sqrt(V + H)
        self.b = np.zeros(4 * H)
        self.b[H:2 * H] = 1.0   # remember by default
        self.Wo = np.random.randn(H, V) / np.sqrt(H)
        self.bo = np.zeros(V)

    def lossAndGrad(self, inputs, targets, h0, c0):
        H, V = self.H, self.V
        T = len(inputs)
        X = np.zeros((T, V + H))
        G = np.zeros((T, 4 * H))
        C = np.zeros((T + 1, H)); C[-1] = c0
        Hs = np.zeros((T + 1, H)); Hs[-1] = h0
        Pr = np.zeros((T, V))
        loss = 0
        for t in range(T):
            X[t, inputs[t]] = 1
            X[t, V:] = Hs[t - 1]
            a = X[t].dot(self.W) + self.b
            G[t, :3 * H] = 1 / (1 + np.exp(-a[:3 * H]))
            G[t, 3 * H:] = np.tanh(a[3 * H:])
            i, f, o, g = G[t, :H], G[t, H:2 * H], G[t, 2 * H:3 * H], G[t, 3 * H:]
            C[t] = f * C[t - 1] + i * g
            Hs[t] = o * C[t]
            s = Hs[t].dot(self.Wo) + self.bo
            Pr[t] = np.exp(s - s.max())
            Pr[t] /= Pr[t].sum()
            loss -= np.log(Pr[t, targets[t]])

        dS = Pr.copy()
        dS[range(T), targets] -= 1
        self.dWo = Hs[:T].T.dot(dS)
        self.dbo = dS.sum(0)
        dA = np.zeros((T, 4 * H))
        dh, dc = np.zeros(H), np.zeros(H)
        for t in range(T)[::-1]:
            i, f, o, g = G[t, :H], G[t, H:2 * H], G[t, 2 * H:3 * H], G[t, 3 * H:]
            dh = dh + self.Wo.dot(dS[t])
            dc = dc + dh * o
            dA[t, :H] = dc * g * i * (1 - i)
            dA[t, H:2 * H] = dc * C[t - 1] * f * (1 - f)
            dA[t, 2 * H:3 * H] = dh * C[t] * o * (1 - o)
            dA[t, 3 * H:] = dc * i * (1 - g * g)
            dc = dc * f
            dh = self.W[V:].dot(dA[t])
        self.dW = X.T.dot(dA)
        self.db = dA.sum(0)
        return loss, Hs[T - 1].copy(), C[T - 1].copy()


if __name__ == '__main__':
    text = open('../texts/moby.txt').read()[:200000]
    letters = sorted(set(text))
    at = {c: i for i, c in enumerate(letters)}
    net = LinearCellLSTM(len(letters), 96)
    h, c = np.zeros(96), np.zeros(96)
    ms = None
    for k in range(0, len(text) - 33, 32):
        loss, h, c = net.lossAndGrad([at[q] for q in text[k:k + 32]], [at[q] for q in text[k + 1:k + 33]], h, c)
        gs = [net.dW, net.db, net.dWo, net.dbo]
        ms = ms or [np.zeros_like(g) for g in gs]
        for w, g, m in zip([net.W, net.b, net.Wo, net.bo], gs, ms):
            m *= .95
            m += .05 * g ** 2
            w -= .002 * g / np.sqrt(m + 1e-6)
        if k % 3200 == 0:
            print(k, loss / 32)
