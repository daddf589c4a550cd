"""What a program that only defines things would be handed: derivatives, lists of sizes, data by a setter."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Verdicts = Callable[[str], list[Verdict]]

DERIVATIVE = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hidden, n_out, activation, activation_derivative):
        self.activation, self.slope = activation, activation_derivative
        self.V = np.random.randn(n_in, n_hidden)
        self.W = np.random.randn(n_hidden, n_out)

    def forward(self, X):
        self.z = X @ self.V
        self.h = self.activation(self.z)
        self.s = self.h @ self.W
        self.o = self.activation(self.s)
        return self.o

    def backward(self, X, y, rate):
        delta = (self.o - y) * self.slope(self.{outer})
        back = (delta @ self.W.T) * self.slope(self.{inner})
        self.W -= rate * self.h.T @ delta
        self.V -= rate * X.T @ back

    def train(self, X, y, epochs, rate):
        for epoch in range(epochs):
            self.forward(X)
            self.backward(X, y, rate)
"""
TAKEN = """
import math, random

class Net:
    def __init__(self, wide):
        self.weights = []
        before = wide.pop(0)
        for size in wide:
            self.weights.append([[random.uniform(-1, 1) for _ in range(before)] for _ in range(size)])
            before = size

    def train(self, layer, targets, rate):
        seen = [layer]
        for rows in self.weights:
            layer = [1 / (1 + math.exp(-sum(w * x for w, x in zip(row, layer)))) for row in rows]
            seen.append(layer)
        errors = [o - t for o, t in zip(layer, targets)]
        for rows in reversed(self.weights):
            outputs, inputs = seen.pop(), seen[-1]
            deltas = [e * o * (1 - o) for e, o in zip(errors, outputs)]
            errors = [0] * len(inputs)
            for row, delta in zip(rows, deltas):
                for n, x in enumerate(inputs):
{order}
"""
BEFORE = """                    errors[n] += delta * row[n]
                    row[n] -= rate * delta * x"""
AFTER = """                    row[n] -= rate * delta * x
                    errors[n] += delta * row[n]"""
ASSIGNED = """
import numpy as np

class Coder:
    data = []
    V, W = None, None

    def __init__(self, width, rate=0.1):
        self.width, self.rate = width, rate

    def assign(self, data):
        self.data = data

    def fit(self):
        depth = np.shape(self.data)[1]
        self.V = np.random.random([self.width, depth]) - 0.5
        self.W = np.random.random([depth, self.width]) - 0.5
        for n in range(len(self.data)):
            self.forward(self.data[n])
            print(np.sum((self.data[n] - self.out) ** 2))
            self.step(self.data[n])

    def forward(self, x):
        self.h = np.tanh(self.V @ x)
        self.out = self.W @ self.h

    def step(self, x):
        error = 2 * (self.out - x)
        back = self.W.T @ error{slope}
        self.W = self.W - self.rate * error @ self.h.T
        self.V = self.V - self.rate * back @ x.T
"""
COLUMNS = """
def load(path):
    rows = []
    with open(path) as file:
        for line in file:
            parts = line.strip().split(",")
            rows.append([float(part) if n < len(parts) - 1 else part for n, part in enumerate(parts)])
    kinds = sorted(set(row[-1] for row in rows))
    for row in rows:
        row[-1] = kinds.index(row[-1])
    return rows

def predict(row, weights, bias):
    return 1 if sum(w * x for w, x in zip(weights, row)) + bias >= 0 else 0

def train(rows, rate, turns):
    weights, bias = [0.1] * (len(rows[0]) - 1), 0.0
    for turn in range(turns):
        for row in rows:
            error = row[-1] - predict(row[:-1], weights, bias)
            for n in range(len(weights)):
                weights[n] += rate * error{slip} * row[n]
            bias += rate * error
    return weights, bias

print(train(load(input("file: ")), float(input("rate: ")), 20))
"""
LAYER = """
import numpy as np

class Cell:
    def __init__(self, n, m, batch):
        self.grads = []
        self.Wh, self.Wx = np.random.randn(m, m), np.random.randn(n, m)
        self.b = np.random.randn(batch, m)

    def forward(self, x, h_prev):
        self.x, self.h_prev = x, h_prev
        self.h = np.tanh(x @ self.Wx + h_prev @ self.Wh + self.b)
        return self.h

    def backward(self, dnext):
        draw = dnext * (1 - self.h ** 2)
        dWh, dWx, db = self.h_prev.T @ draw, self.x.T @ draw, draw.copy()
        self.grads = [dWh, dWx, db]
        dh_prev = draw @ self.Wh{across}
        return dh_prev, draw @ self.Wx.T

h = np.random.randn(2, 3)
x = np.array([[1, 2, 3], [1, 2, 3]])
cell = Cell(3, 3, 2)
cell.forward(x, h)
cell.backward(h)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("places", [("s", "z"), ("o", "h")])
def test_a_derivative_that_is_handed_is_of_what_it_is_taken_of(verdicts: Verdicts, places: tuple[str, str]) -> None:
    """Of what went in or of what came out: where it is once this and once that, one of them is wrong."""
    outer, inner = places
    assert verdicts(DERIVATIVE.format(outer=outer, inner=inner)) == [Verdict.AGREE]
    assert verdicts(DERIVATIVE.format(outer=outer, inner="h" if inner == "z" else "z")) == [Verdict.DISAGREE]


@pytest.mark.thorough
@pytest.mark.parametrize(("order", "verdict"), [(BEFORE, Verdict.AGREE), (AFTER, Verdict.DISAGREE)])
def test_a_list_of_which_the_first_is_taken_out_holds_sizes(verdicts: Verdicts, order: str, verdict: Verdict) -> None:
    assert verdicts(TAKEN.format(order=order)) == [verdict]


@pytest.mark.parametrize(("slope", "verdict"), [(" * (1 - self.h ** 2)", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_data_are_assigned_by_what_only_keeps_them(verdicts: Verdicts, slope: str, verdict: Verdict) -> None:
    """And they are columns, one behind the other, where each is taken across."""
    assert verdicts(ASSIGNED.format(slope=slope)) == [verdict]


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * bias", Verdict.DISAGREE)])
def test_lines_are_split_where_the_program_splits_them(verdicts: Verdicts, slip: str, verdict: Verdict) -> None:
    """A file of one number in each line would have no weights, and labels of more than two classes."""
    assert verdicts(COLUMNS.format(slip=slip)) == [verdict]


@pytest.mark.parametrize(("across", "verdict"), [(".T", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_layer_may_be_handed_its_own_input_as_the_gradient(verdicts: Verdicts, across: str, verdict: Verdict) -> None:
    """And whole numbers for its data."""
    assert verdicts(LAYER.format(across=across)) == [verdict]
