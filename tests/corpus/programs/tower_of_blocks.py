"""A tower of blocks that is given its blocks: nothing here makes one, or calls it."""

import numpy as np


class Block:
    def fprop(self, signal):
        raise NotImplementedError

    def bprop(self, delta):
        raise NotImplementedError


class Mix(Block):
    def __init__(self, n_in, n_out):
        self.weights = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.offset = np.zeros(n_out)

    def fprop(self, signal):
        self.signal = signal
        return signal @ self.weights + self.offset

    def bprop(self, delta):
        self.d_weights = self.signal.T @ delta
        self.d_offset = delta.sum(axis=0)
        return delta @ self.weights.T


class Bend(Block):
    def fprop(self, signal):
        self.bent = np.tanh(signal)
        return self.bent

    def bprop(self, delta):
        return delta * (1 - self.bent ** 2)


class Tower:
    def __init__(self, *blocks):
        self.blocks = list(blocks)

    def fprop(self, signal):
        for block in self.blocks:
            signal = block.fprop(signal)
        return signal

    def bprop(self, delta):
        for block in self.blocks[::-1]:
            delta = block.bprop(delta)
        return delta
