"""Weights in lists that are made anew by comprehensions: `w = [a + rate * error * v for a, v in zip(w, x)]`."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

PERCEPTRON = """data = [([0.0, 0.0], -1), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 1)]
weights = [0.1, -0.2]
rate = 0.1
for epoch in range(10):
    for x, y in data:
        s = sum(w * v for w, v in zip(weights, x))
        out = 1 if s > 0 else -1
        err = y - out
        weights = [w + rate * err * v for w, v in zip(weights, x)]
print(weights)
"""
LOGISTIC = """import math, random

def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))

def train(rows, labels, rate, epochs):
    w, b = [0.0 for _ in range(len(rows[0]))], 0.0
    for epoch in range(epochs):
        for x, t in zip(rows, labels):
            p = sigmoid(sum(w[i] * x[i] for i in range(len(w))) + b)
            err = t - p
            w = [w[i] + rate * err * x[i] for i in range(len(w))]
            b = b + rate * err
    return w, b

random.seed(0)
rows = [[random.random() for _ in range(3)] for _ in range(20)]
print(train(rows, [1 if sum(row) > 1.5 else 0 for row in rows], 0.1, 50))
"""
LAYERS = """import math, random

def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))

random.seed(1)
W1 = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(4)]
W2 = [random.uniform(-1, 1) for _ in range(4)]
data = [([0, 0, 1], 0), ([0, 1, 1], 1), ([1, 0, 1], 1), ([1, 1, 1], 0)]
for epoch in range(1000):
    for x, t in data:
        h = [sigmoid(sum(w * v for w, v in zip(row, x))) for row in W1]
        o = sigmoid(sum(w * v for w, v in zip(W2, h)))
        d_o = (t - o) * o * (1 - o)
        d_h = [d_o * w * v * (1 - v) for w, v in zip(W2, h)]
        W2 = [w + 0.5 * d_o * v for w, v in zip(W2, h)]
        W1 = [[w + 0.5 * d * v for w, v in zip(row, x)] for row, d in zip(W1, d_h)]
"""
SLIPS = {
    "perceptron": (PERCEPTRON, "err = y - out", "err = y + out"),
    "logistic": (LOGISTIC, "w[i] + rate * err * x[i]", "w[i] + rate * err * x[0]"),
    "layers": (LAYERS, "d_o * w * v * (1 - v)", "d_o * w * v"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("program", "right", "wrong"), SLIPS.values(), ids=SLIPS)
def test_every_entry_is_judged(program: str, right: str, wrong: str, verdicts: Callable) -> None:
    assert verdicts(program) == [Verdict.AGREE]
    assert verdicts(program.replace(right, wrong)) == [Verdict.DISAGREE]


UNCALLED = """class Neuron:
    def __init__(self, weights, rate):
        self.weights, self.rate, self.error = weights, rate, None

    def train(self, rows, wanted):
        while self.error != 0:
            for row, target in zip(rows, wanted):
                self.error = target - self.sign(sum(w * x for w, x in zip(self.weights, row)))
                self.weights = [w + self.rate * self.error * x for w, x in zip(self.weights, row)]

    def sign(self, z):
        return 1 if z > 0 else -1

class Pair:
    def __init__(self, *neurons):
        self.neurons = neurons

    def train(self, rows, wanted):
        for neuron, column in zip(self.neurons, map(list, zip(*wanted))):
            neuron.train(rows, column)

def build():
    pair = Pair(Neuron([0.1, -0.8, 0.3], 0.04), Neuron([-0.4, 0.5, -0.4], 0.06))
    rows = [[1, 1, 1], [-1, 1, 1], [1, 1, -1], [-1, -1, -1], [1, -1, 1], [1, -1, -1]]
    pair.train(rows, [[-1, 1], [-1, -1], [1, 1], [-1, 1], [1, 1], [1, -1]])
    return pair
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("entry", "verdict"), [("x", Verdict.AGREE), ("row[0]", Verdict.DISAGREE)], ids=["right", "the first for all"]
)
def test_what_must_be_handed_nothing_is_called(entry: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(UNCALLED.replace("self.error * x", f"self.error * {entry}")) == [verdict]


WHOLE = """import random

def predict(w, row):
    return sum(a * v for a, v in zip(w, row))

random.seed(3)
rows = [[random.gauss(0, 1) for _ in range(3)] for _ in range(12)]
wanted = [row[0] - 2 * row[1] for row in rows]
w = [0.1, -0.2, 0.3]
for turn in range(50):
    for row, target in zip(rows, wanted):
        p = predict(w, row)
        w = [w[i] - 0.05 * (predict(w, row) - target) * row[i] for i in range(len(w))]
"""


def test_a_step_that_reads_all_entries_reads_them_as_they_were(verdicts: Callable) -> None:
    assert Verdict.DISAGREE not in verdicts(WHOLE)
