"""Teach a small recurrent network to add two numbers bit by bit."""
import random
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_output_to_derivative(y):
    # y = sigmoid(z)
    return y * (1.0 - y)


def to_bits(n, width):
    """least significant first"""
    return [(n >> k) & 1 for k in range(width)]


class BinaryRNN:
    def __init__(self, hidden=16, bits=8, rate=0.1):
        self.bits, self.rate = bits, rate
        self.synapse_0 = np.random.uniform(-1, 1, (2, hidden))
        self.synapse_1 = np.random.uniform(-1, 1, (hidden, 1))
        self.synapse_h = np.random.uniform(-1, 1, (hidden, hidden))

    def run(self, a, b):
        inputs, hiddens, outs = [], [np.zeros(self.synapse_h.shape[0])], []
        for p, q in zip(a, b):
            x = np.array([p, q], dtype=float)
            h = sigmoid(x @ self.synapse_0 + hiddens[-1] @ self.synapse_h)
            inputs.append(x)
            hiddens.append(h)
            outs.append(sigmoid(h @ self.synapse_1))
        return inputs, hiddens, outs

    def train(self, a, b, c):
        inputs, hiddens, outs = self.run(a, b)
        synapse_0_update = np.zeros_like(self.synapse_0)
        synapse_1_update = np.zeros_like(self.synapse_1)
        synapse_h_update = np.zeros_like(self.synapse_h)
        future_layer_1_delta = np.zeros(self.synapse_h.shape[0])
        miss = 0
        for k in range(self.bits - 1, -1, -1):
            error = c[k] - outs[k]
            miss += abs(error[0])
            layer_2_delta = error * sigmoid_output_to_derivative(outs[k])
            layer_1_delta = (future_layer_1_delta @ self.synapse_h.T + layer_2_delta @ self.synapse_1.T) * sigmoid_output_to_derivative(hiddens[k + 1])
            synapse_1_update += np.outer(hiddens[k + 1], layer_2_delta)
            synapse_h_update += np.outer(hiddens[k], layer_1_delta)
            synapse_0_update += np.outer(inputs[k], layer_1_delta)
        self.synapse_0 += self.rate * synapse_0_update
        self.synapse_1 += self.rate * synapse_1_update
        self.synapse_h += self.rate * synapse_h_update
        return miss, [int(round(o[0])) for o in outs]


if __name__ == "__main__":
    net = BinaryRNN()
    for j in range(20001):
        m, n = random.randrange(128), random.randrange(128)
        miss, guess = net.train(to_bits(m, 8), to_bits(n, 8), to_bits(m + n, 8))
        if j % 2000 == 0:
            total = sum(bit << k for k, bit in enumerate(guess))
            print("miss %.3f   %d + %d = %d" % (miss, m, n, total))
