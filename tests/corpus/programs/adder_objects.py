"""Teach a small recurrent network to add two numbers bit by bit."""
import random
import numpy as np


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


def slope(y):
    # y = logistic(z)
    return y * (1.0 - y)


def to_bits(n, width):
    """least significant first"""
    return [(n >> k) & 1 for k in range(width)]


class Adder:
    def __init__(self, hidden=16, bits=8, rate=0.1):
        self.bits, self.rate = bits, rate
        self.w0 = np.random.uniform(-1, 1, (2, hidden))
        self.w1 = np.random.uniform(-1, 1, (hidden, 1))
        self.wh = np.random.uniform(-1, 1, (hidden, hidden))

    def run(self, a, b):
        inputs, hiddens, outs = [], [np.zeros(self.wh.shape[0])], []
        for p, q in zip(a, b):
            x = np.array([p, q], dtype=float)
            h = logistic(x @ self.w0 + hiddens[-1] @ self.wh)
            inputs.append(x)
            hiddens.append(h)
            outs.append(logistic(h @ self.w1))
        return inputs, hiddens, outs

    def train(self, a, b, c):
        inputs, hiddens, outs = self.run(a, b)
        up0 = np.zeros_like(self.w0)
        up1 = np.zeros_like(self.w1)
        uph = np.zeros_like(self.wh)
        later = np.zeros(self.wh.shape[0])
        miss = 0
        for k in range(self.bits - 1, -1, -1):
            error = c[k] - outs[k]
            miss += abs(error[0])
            out_delta = error * slope(outs[k])
            hid_delta = (later @ self.wh.T + out_delta @ self.w1.T) * slope(hiddens[k + 1])
            up1 += np.outer(hiddens[k + 1], out_delta)
            uph += np.outer(hiddens[k], hid_delta)
            up0 += np.outer(inputs[k], hid_delta)
            later = hid_delta
        self.w0 += self.rate * up0
        self.w1 += self.rate * up1
        self.wh += self.rate * uph
        return miss, [int(round(o[0])) for o in outs]


if __name__ == "__main__":
    net = Adder()
    for j in range(20001):
        m, n = random.randrange(128), random.randrange(128)
        miss, guess = net.train(to_bits(m, 8), to_bits(n, 8), to_bits(m + n, 8))
        if j % 2000 == 0:
            total = sum(bit << k for k, bit in enumerate(guess))
            print("miss %.3f   %d + %d = %d" % (miss, m, n, total))
