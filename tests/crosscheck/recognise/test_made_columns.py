"""Rows of targets that a network makes columns, and data whose sizes a program refuses."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

COLUMNS = """import numpy as np

class Net:
    def __init__(self, input_size, hidden_size, output_size):
        self.w, self.b = np.random.rand(input_size, hidden_size), np.random.rand(1, hidden_size)
        self.v, self.c = np.random.rand(hidden_size, output_size), np.random.rand(1, output_size)

    def forward(self, X):
        Z1 = X @ self.w + self.b
        A1 = np.maximum(Z1, 0)
        Z2 = A1 @ self.v + self.c
        return Z1, A1, Z2, 1 / (1 + np.exp(-Z2))

    def backward(self, X, Y, Z1, A1, A2, learning_rate=0.01):
        m = X.shape[0]
        dZ2 = A2 - Y.reshape(-1, 1)
        dv, dc = (1 / m) * (A1.T @ dZ2), (1 / m) * np.sum(dZ2, axis=0, keepdims=True)
        dZ1 = dZ2 @ self.v.T * (Z1 > 0)
        dw, db = (1 / m) * (X.T @ dZ1), (1 / m) * np.sum(dZ1, axis=0, keepdims=True)
        self.v -= learning_rate * dv
        self.c -= learning_rate * dc
        self.w -= learning_rate * dw
        self.b -= learning_rate * db
"""


def test_a_network_of_columns_is_handed_rows_of_targets(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(COLUMNS) == [Verdict.AGREE]
    assert verdicts(COLUMNS.replace("dZ2 @ self.v.T * (Z1 > 0)", "dZ2 @ self.v.T")) == [Verdict.DISAGREE]


REFUSES = """import math
import random

class Net:
    def __init__(self, hidden, rows):
        self.ni, self.nh = len(rows[0]), hidden
        self.wi = [[random.uniform(-1, 1) for _ in range(self.nh)] for _ in range(self.ni)]
        self.wo = [random.uniform(-1, 1) for _ in range(self.nh)]
        self.ai, self.ah, self.ao = [1.0] * self.ni, [1.0] * self.nh, 0.0

    def run(self, inputs):
        if len(inputs) != self.ni - 1:
            raise ValueError("wrong number of inputs")
        for i in range(self.ni - 1):
            self.ai[i] = inputs[i]
        for j in range(self.nh):
            self.ah[j] = math.tanh(sum(self.ai[i] * self.wi[i][j] for i in range(self.ni)))
        self.ao = sum(self.ah[j] * self.wo[j] for j in range(self.nh))
        return self.ao

    def back(self, target, rate):
        off = target - self.ao
        deltas = [(1 - self.ah[j] ** 2) * off * self.wo[j] for j in range(self.nh)]
        for j in range(self.nh):
            self.wo[j] = self.wo[j] + rate * off * self.ah[j]
        for i in range(self.ni):
            for j in range(self.nh):
                self.wi[i][j] = self.wi[i][j] + rate * deltas[j] * self.ai[i]
        return 0.5 * off ** 2

    def train(self, data, turns, rate):
        for turn in range(turns):
            error = 0.0
            for item in data:
                self.run(item[0:-1])
                error += self.back(item[-1], rate)
"""


def test_sizes_that_a_program_refuses_are_mended(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(REFUSES) == [Verdict.AGREE]
    assert verdicts(REFUSES.replace("(1 - self.ah[j] ** 2) * off", "(1 - self.ah[j]) * off")) == [Verdict.DISAGREE]


OPTIMIZES = """import numpy as np

class Net:
    def __init__(self, size):
        self.w, self.v = np.random.randn(size, 5), np.random.randn(5, 1)

    def loss(self, p, y):
        return np.mean((p - y) ** 2)

    def forward(self, X):
        self.z = X @ self.w
        self.h = np.maximum(0, self.z)
        return self.h @ self.v

    def optimize(self, p, y, X):
        e = p - y
        dV = self.h.T @ e / len(X)
        back = e @ self.v.T
        back[self.z <= 0] = 0
        dW = X.T @ back / len(X)
        self.v -= 0.03 * dV
        self.w -= 0.03 * dW

np.random.seed(0)
X, net = np.random.randn(30, 4), Net(4)
y = X[:, :1] * 2
for turn in range(50):
    p = net.forward(X)
    print(net.loss(p, y))
    net.optimize(p, y, X)
"""


def test_a_network_that_optimises_goes_back_by_itself(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(OPTIMIZES) == [Verdict.AGREE]
    assert verdicts(OPTIMIZES.replace("        back[self.z <= 0] = 0\n", "")) == [Verdict.DISAGREE]
