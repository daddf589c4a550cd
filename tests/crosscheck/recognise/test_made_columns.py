"""Rows of targets that a network makes columns, and data whose sizes a program refuses."""

from collections.abc import Callable

import pytest

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


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_sizes_that_a_program_refuses_are_mended(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(REFUSES) == [Verdict.AGREE]
    assert verdicts(REFUSES.replace("(1 - self.ah[j] ** 2) * off", "(1 - self.ah[j]) * off")) == [Verdict.DISAGREE]


OPTIMIZES = """import numpy as np

class Net:
    def __init__(self, size):
        self.weights_hidden, self.bias_hidden = np.random.randn(size, 5), np.zeros((1, 5))
        self.weights_output, self.bias_output = np.random.randn(5, 1), np.zeros((1, 1))

    def Loss(self, y_hat, y_true):
        return np.mean((y_hat - y_true) ** 2)

    def Forward_pass(self, X):
        self.z1 = np.dot(X, self.weights_hidden) + self.bias_hidden
        self.h1 = np.maximum(0, self.z1)
        return np.dot(self.h1, self.weights_output) + self.bias_output

    def Optimize(self, y_hat, y_true, X):
        m, lr = X.shape[0], 0.03
        error_out = y_hat - y_true
        dW_OUTPUT = np.dot(self.h1.T, error_out) / m
        db_OUTPUT = np.sum(error_out, axis=0, keepdims=True) / m
        error_hidden = np.dot(error_out, self.weights_output.T)
        error_hidden[self.z1 <= 0] = 0
        dW_HIDDEN = np.dot(X.T, error_hidden) / m
        db_HIDDEN = np.sum(error_hidden, axis=0, keepdims=True) / m
        self.weights_output -= lr * dW_OUTPUT
        self.bias_output -= lr * db_OUTPUT
        self.weights_hidden -= lr * dW_HIDDEN
        self.bias_hidden -= lr * db_HIDDEN

np.random.seed(0)
X, model = np.random.randn(30, 4), Net(4)
y = X[:, :1] * 2
for turn in range(50):
    y_hat = model.Forward_pass(X)
    loss = model.Loss(y_hat, y)
    optim = model.Optimize(y_hat, y, X)
    if turn % 10 == 0:
        print(loss)
"""


@pytest.mark.thorough
def test_a_network_that_optimises_goes_back_by_itself(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(OPTIMIZES) == [Verdict.AGREE]
    assert verdicts(OPTIMIZES.replace("        error_hidden[self.z1 <= 0] = 0\n", "")) == [Verdict.DISAGREE]
