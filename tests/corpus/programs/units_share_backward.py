import numpy as np


class Unit(object):
    def __init__(self, inputs, outputs):
        self.weights = np.random.normal(0, 1, (inputs, outputs))
        self.bias = np.random.normal(0, 1, (1, outputs))

    def feed(self, batch):
        pass

    def propagate_back(self, d_out):
        d_z = d_out * self.slope
        self.d_weights = np.dot(self.batch.T, d_z)
        self.d_bias = np.sum(d_z, axis=0, keepdims=True)
        return np.dot(d_z, self.weights.T)


class Leaky(Unit):
    def feed(self, batch):
        self.batch = batch
        z = np.dot(batch, self.weights) + self.bias
        self.slope = np.where(z > 0, 1.0, 0.01)
        return np.where(z > 0, z, 0.01 * z)


class Logistic(Unit):
    def feed(self, batch):
        self.batch = batch
        a = 1.0 / (1.0 + np.exp(-np.dot(batch, self.weights) - self.bias))
        self.slope = a * (1.0 - a)
        return a
