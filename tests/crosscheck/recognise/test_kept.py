"""Layers whose forward returns nothing and keeps `self.output`, and whose backward keeps `self.dinputs`."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise.kept import kept_results
from crosscheck.recognise.recognition import Recognition, recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

CHAIN = """import numpy as np
from nnfs.datasets import spiral_data


class Dense:
    def __init__(self, n_in, n_out):
        self.weights = 0.1 * np.random.randn(n_in, n_out)
        self.biases = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        self.output = x @ self.weights + self.biases

    def backward(self, dvalues):
        self.dweights = self.x.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T


class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)


class Loss:
    def calculate(self, output, y):
        return np.mean(self.forward(output, y))


class CrossEntropy(Loss):
    def forward(self, y_pred, y_true):
        return -np.log(np.clip(y_pred[range(len(y_pred)), y_true], 1e-7, 1))

    def backward(self, dvalues, y_true):
        hot = np.eye(dvalues.shape[1])[y_true]
        self.dinputs = -hot / dvalues / len(dvalues)


class Head:
    def __init__(self):
        self.activation, self.loss = Softmax(), CrossEntropy()

    def forward(self, inputs, y_true):
        self.activation.forward(inputs)
        self.output = self.activation.output
        return self.loss.calculate(self.output, y_true)

    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(y_true)), y_true] -= 1
        self.dinputs /= len(y_true)


X, y = spiral_data(samples=100, classes=3)
dense, head = Dense(2, 3), Head()
for epoch in range(1000):
    dense.forward(X)
    loss = head.forward(dense.output, y)
    head.backward(head.output, y)
    dense.backward(head.dinputs)
    dense.weights -= 0.1 * dense.dweights
    dense.biases -= 0.1 * dense.dbiases
criterion, probabilities = CrossEntropy(), head.output
loss = criterion.calculate(probabilities, y)
criterion.backward(probabilities, y)
"""


def _found(folder: Path, code: str) -> Recognition:
    path = folder / "book.py"
    path.write_text(code)
    return recognise(read(path))


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        (("", ""), {}),
        (("dvalues.sum(axis=0, keepdims=True)", "dvalues.mean(axis=0, keepdims=True)"), {"Dense": {"biases"}}),
        (("        self.dinputs /= len(y_true)\n", ""), {"Head": {"inputs"}}),
        (("-hot / dvalues / len", "-hot / len"), {"CrossEntropy": {"output"}}),
    ],
)
def test_each_layer_and_loss_is_judged(tmp_path: Path, edit: tuple[str, str], wrong: dict[str, set[str]]) -> None:
    found = _found(tmp_path, CHAIN.replace(*edit) if edit[0] else CHAIN)
    units = {unit.name.rpartition("/")[2].partition(".")[0]: unit for unit in found.units if "/" in unit.name}
    assert not found.skipped
    assert units.keys() >= {"Dense", "Head", "CrossEntropy"}
    told = {name: {n for n, claims in slopes(unit).items() if not is_right(claims)} for name, unit in units.items()}
    assert {name: names for name, names in told.items() if names} == wrong


def test_the_output_is_what_others_read_and_the_gradient_what_is_handed_on() -> None:
    tree = ast.parse(
        """
class Layer:
    def vor(self, x):
        self.x = x
        self.mask = x > 0
        self.aus = x * self.mask
    def backward(self, fehler):
        self.dW, self.db, self.dx = 1 * fehler, 2 * fehler, 3 * fehler
    def update(self, rate):
        self.aus = None
    def forward(self, x):
        self.a = 2 * x
        return self.a
layer.vor(1)
print(layer.aus)
"""
    )
    assert {name: kept.attribute for name, kept in kept_results(tree).items()} == {
        "Layer.vor": "aus",
        "Layer.backward": "dx",
    }
