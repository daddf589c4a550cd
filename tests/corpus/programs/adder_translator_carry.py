import numpy as np


def onehot(i, n):
    v = np.zeros(n)
    v[i] = 1
    return v


class EncoderDecoder:
    def __init__(self, n_symbols, n_hidden, rate=0.05):
        self.n, self.h, self.rate = n_symbols, n_hidden, rate
        self.We = np.random.randn(n_hidden, n_symbols) * 0.1
        self.Ue = np.random.randn(n_hidden, n_hidden) * 0.1
        self.Wd = np.random.randn(n_hidden, n_symbols) * 0.1
        self.Ud = np.random.randn(n_hidden, n_hidden) * 0.1
        self.V = np.random.randn(n_symbols, n_hidden) * 0.1

    def encode(self, source):
        states, ins = [np.zeros(self.h)], []
        for s in source:
            ins.append(onehot(s, self.n))
            states.append(np.tanh(self.We @ ins[-1] + self.Ue @ states[-1]))
        return states, ins

    def decode(self, target, start):
        states, ins, probs, cost = [start], [], [], 0.0
        last = 0
        for t in target:
            ins.append(onehot(last, self.n))
            states.append(np.tanh(self.Wd @ ins[-1] + self.Ud @ states[-1]))
            z = self.V @ states[-1]
            p = np.exp(z - z.max())
            p /= p.sum()
            probs.append(p)
            cost -= np.log(p[t])
            last = t
        return cost, states, ins, probs

    def forward(self, source, target):
        es, ei = self.encode(source)
        cost, ds, di, probs = self.decode(target, es[-1])
        return cost, dict(es=es, ei=ei, ds=ds, di=di, probs=probs, target=target)

    def backward(self, memo):
        g = {k: np.zeros_like(getattr(self, k)) for k in ("We", "Ue", "Wd", "Ud", "V")}
        carry = np.zeros(self.h)
        for t in range(len(memo["target"]) - 1, -1, -1):
            d = memo["probs"][t].copy()
            d[memo["target"][t]] -= 1
            g["V"] += np.outer(d, memo["ds"][t + 1])
            dz = (self.V.T @ d + carry) * (1 - memo["ds"][t + 1] ** 2)
            g["Wd"] += np.outer(dz, memo["di"][t])
            g["Ud"] += np.outer(dz, memo["ds"][t])
            carry = self.Ud @ dz
        for t in range(len(memo["ei"]) - 1, -1, -1):
            dz = carry * (1 - memo["es"][t + 1] ** 2)
            g["We"] += np.outer(dz, memo["ei"][t])
            g["Ue"] += np.outer(dz, memo["es"][t])
            carry = self.Ue.T @ dz
        for k in g:
            setattr(self, k, getattr(self, k) - self.rate * g[k])

    def learn(self, source, target):
        cost, memo = self.forward(source, target)
        self.backward(memo)
        return cost
