import numpy as np


class Compressor:
    """Three stages that remember what they did."""

    def __init__(self, d, k):
        self.A = np.random.randn(d, k) / np.sqrt(d)
        self.B = np.random.randn(k, d) / np.sqrt(k)
        self.c = np.zeros(d)

    def squeeze(self, batch):
        self.batch = batch
        self.code = np.tanh(batch @ self.A)
        return self.code

    def expand(self, code):
        self.rec = code @ self.B + self.c
        return self.rec

    def cost(self, batch, rec):
        return 0.5 * np.sum((rec - batch) ** 2) / len(batch)

    def cost_gradient(self, batch):
        err = (self.rec - batch) / len(batch)
        gB = self.code.T @ err
        gc = err.sum(axis=0)
        gA = batch.T @ ((err @ self.B.T) * (1 - self.code))
        return {"A": gA, "B": gB, "c": gc}
