"""Layers whose forward returns nothing and keeps `self.output`, and whose backward keeps `self.dinputs`."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise.findings import NO_LOSS, Recognition
from crosscheck.recognise.kept import kept_results
from crosscheck.recognise.recognition import recognise
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


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("edit", "wrong"),
    [
        (("", ""), {}),
        (("dvalues.sum(axis=0, keepdims=True)", "dvalues.mean(axis=0, keepdims=True)"), {"Dense": {"biases"}}),
        (("        self.dinputs /= len(y_true)\n", ""), {"Head": {"inputs"}}),
        (("-hot / dvalues / len", "-hot / len"), {"CrossEntropy": {"output"}}),
        (
            ("dense.backward(head.dinputs)", "dense.backward(head.output)"),
            {"the loop in line 57": {"biases", "weights"}},
        ),
    ],
    ids=["right", "dense", "head", "loss", "way"],
)
def test_each_layer_and_the_way_through_them_is_judged(
    tmp_path: Path, edit: tuple[str, str], wrong: dict[str, set[str]]
) -> None:
    found = _found(tmp_path, CHAIN.replace(*edit) if edit[0] else CHAIN)
    units = {unit.name.rpartition("/")[2].partition(".")[0]: unit for unit in found.units}
    told = {name: {n for n, claims in slopes(unit).items() if not is_right(claims)} for name, unit in units.items()}
    assert not found.skipped
    assert {name: names for name, names in told.items() if names} == wrong


UNCALLED = """import numpy as np


class Dense:
    def __init__(self, n_in, n_out, l2=0.):
        self.weights = np.random.randn(n_in, n_out)
        self.l2 = l2

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues + 2 * self.l2 * self.weights
        self.dinputs = dvalues @ self.weights.T


class Loss:
    def calculate(self, output, y):
        return np.mean(self.forward(output, y))


class Absolute(Loss):
    def forward(self, y_pred, y_true):
        return np.mean(np.abs(y_true - y_pred), axis=-1)

    def backward(self, dvalues, y_true):
        self.dinputs = np.sign(dvalues - y_true) / dvalues.shape[1] / len(dvalues)
"""
LACKING = "np.mean(self.forward(output, y))", "np.mean(self.forward(output, y)) + self.penalty_of(self.layers)"
"""What `calculate` needs is set by somebody else: it cannot be called"""


@pytest.mark.thorough
@pytest.mark.parametrize("wrong", [("", ""), ("np.sign(dvalues - y_true)", "np.sign(y_true - dvalues)")])
@pytest.mark.parametrize("calculates", [("", ""), LACKING], ids=["mean", "examples"])
def test_what_nothing_calls_is_handed_its_predictions_and_has_no_decay(
    tmp_path: Path, calculates: tuple[str, str], wrong: tuple[str, str]
) -> None:
    code = UNCALLED.replace(*calculates) if calculates[0] else UNCALLED
    found = _found(tmp_path, code.replace(*wrong) if wrong[0] else code)
    units = {unit.name.rpartition("/")[2]: unit for unit in found.units}
    assert not found.skipped
    assert units.keys() == {"Dense.backward", "Absolute.backward"}
    right = {name: all(map(is_right, slopes(unit).values())) for name, unit in units.items()}
    assert right == {"Dense.backward": True, "Absolute.backward": not wrong[0]}
    assert any("l2 was set to zero" in told for told in units["Dense.backward"].assumptions)


def test_a_layer_that_knows_its_neighbours_is_judged_without_them(tmp_path: Path) -> None:
    linked = CHAIN.replace("dense, head = ", "dense, head = first, last = ").replace(
        "for epoch", "first.next, last.prev = last, first\nfor epoch"
    )
    found = _found(tmp_path, linked.replace("dvalues @ self.weights.T", "dvalues @ self.weights.T * 2"))
    (unit,) = [unit for unit in found.units if unit.name.startswith("Dense")]
    assert set(unit.names) == {"x", "weights", "biases"}
    assert not is_right(slopes(unit)["x"])


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


IN_LISTS = """import numpy as np


class Network:
    def __init__(self, sizes, rate):
        self.sizes, self.rate = sizes, rate
        self.sums, self.outs, self.weights = self.start()

    def start(self):
        shapes = zip(self.sizes[1:], self.sizes)
        return [None] * len(self.sizes), [None] * len(self.sizes), [np.random.randn(*shape) for shape in shapes]

    def propagation(self, x):
        self.sums[0], self.outs[0] = x, x
        for i in range(len(self.weights)):
            self.sums[i + 1] = self.weights[i] @ self.outs[i]
            self.outs[i + 1] = np.tanh(self.sums[i + 1])

    def backpropagate(self, y):
        deltas = [None] * len(self.weights)
        deltas[-1] = (self.outs[-1] - y) * (1 - np.tanh(self.sums[-1]) ** 2)
        for i in range(len(self.weights) - 2, -1, -1):
            deltas[i] = (self.weights[i + 1].T @ deltas[i + 1]) * (1 - np.tanh(self.sums[i + 1]) ** 2)
        for i in range(len(self.weights)):
            self.weights[i] = self.weights[i] - self.rate * (deltas[i] @ self.outs[i].T)
"""


@pytest.mark.parametrize(
    ("edit", "right"),
    [
        ([], [True, True]),
        ([("(1 - np.tanh(self.sums[i + 1]) ** 2)", "(1 - self.sums[i + 1] ** 2)")], [False, True]),
    ],
)
def test_what_a_forward_pass_keeps_in_lists_layer_by_layer_is_its_result(
    tmp_path: Path, edit: list[tuple[str, str]], right: list[bool]
) -> None:
    code = IN_LISTS
    for before, after in edit:
        code = code.replace(before, after)
    found = _found(tmp_path, code)
    (unit,) = found.units
    assert not found.skipped
    assert unit.name == "Network.propagation/Network.backpropagate"
    assert "outs" in str(unit.subject.loss)
    assert [is_right(claims) for _, claims in sorted(slopes(unit).items())] == right


def test_where_no_loss_is_found_no_other_pairing_that_failed_is_the_reason(tmp_path: Path) -> None:
    unlike = "(np.sign(self.outs[-1]) * y) * (1 - np.tanh(self.sums[-1]) ** 2)"
    code = IN_LISTS.replace("(self.outs[-1] - y) * (1 - np.tanh(self.sums[-1]) ** 2)", unlike)
    found = _found(tmp_path, code.replace("deltas[i + 1]) * (1 -", "deltas[i + 1]) * (2 -"))
    assert [skipped.reason for skipped in found.skipped] == [NO_LOSS]


def test_of_several_attributes_the_last_one_stored_is_the_output() -> None:
    tree = ast.parse(
        """
class Unit:
    def forward(self, x):
        self.z = 2 * x
        self.a = self.z ** 2
    def backward(self, d):
        return 2 * self.z * d
"""
    )
    assert {name: kept.attribute for name, kept in kept_results(tree).items()} == {"Unit.forward": "a"}


STEPS = """import numpy as np


class Recurrent:
    def __init__(self, inputs, hidden, outputs):
        self.U, self.W = np.random.randn(hidden, inputs), np.random.randn(hidden, hidden)
        self.V = np.random.randn(outputs, hidden)

    def forward(self, rows, start):
        self.kept, self.rows, self.p = {-1: start}, rows, {}
        self.T = len(rows)
        for t in range(self.T):
            self.kept[t] = np.tanh(self.U @ rows[t] + self.W @ self.kept[t - 1])
            e = np.exp(self.V @ self.kept[t])
            self.p[t] = e / np.sum(e)

    def backward(self, target, rate):
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        after, self.loss = np.zeros(len(self.W)), 0
        for t in reversed(range(self.T)):
            dy = self.p[t] - target[t]
            self.loss += -np.sum(np.log(self.p[t]) * target[t])
            dV += dy[:, None] * self.kept[t]
            da = (dy @ self.V + after) * (1 - self.kept[t] ** 2)
            dU += da[:, None] * self.rows[t]
            dW += da[:, None] * self.kept[t - 1]
            after = self.W.T @ da
        self.U -= rate * dU
        self.W -= rate * dW
        self.V -= rate * dV
        return self.loss


def turned(table):
    return table.T
"""


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [(("", ""), set()), (("self.W.T @ da", "self.W @ da"), {"W", "U"})],
    ids=["right", "transpose"],
)
def test_the_transpose_of_an_array_is_no_count_of_steps(tmp_path: Path, edit: tuple[str, str], wrong: set[str]) -> None:
    (unit,) = _found(tmp_path, STEPS.replace(*edit) if edit[0] else STEPS).units
    assert unit.name == "Recurrent.forward/Recurrent.backward"
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
