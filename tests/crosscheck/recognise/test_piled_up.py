"""Gradients that layers add up are set to zero somewhere in a training, or its steps go by those of all turns."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read

TRAINING = """import numpy as np

class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)

class Linear:
    def __init__(self, size, to):
        self.weight, self.bias = Parameter(np.random.randn(to, size)), Parameter(np.zeros(to))

    def __call__(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad):
        self.weight.grad += grad.T @ self.x
        self.bias.grad += grad.sum(0)
        return grad @ self.weight.data

class Squared:
    def __call__(self, p, t):
        self.d = p - t
        return (self.d ** 2).mean()

    def backward(self):
        return 2 * self.d / self.d.size

class Descent:
    def __init__(self, params, rate):
        self.params, self.rate = params, rate
        self.memory = [np.zeros_like(p.data) for p in params]

    def zero_grad(self):
        for p in self.params:
            p.grad[...] = 0

    def step(self):
        for m, p in zip(self.memory, self.params):
            m *= 0.9
            m += p.grad + 1e-4 * p.data
            p.data -= self.rate * m

np.random.seed(0)
layers, loss_of = [Linear(2, 8), Linear(8, 1)], Squared()
rule = Descent([p for layer in layers for p in (layer.weight, layer.bias)], 0.01)
X = np.random.randn(50, 2)
Y = X[:, :1] * X[:, 1:]
for turn in range(50):
    h = X
    for layer in layers:
        h = layer(h)
    loss = loss_of(h, Y)
    rule.zero_grad()
    g = loss_of.backward()
    for layer in layers[::-1]:
        g = layer.backward(g)
    rule.step()
"""
EMPTIED = "    rule.zero_grad()\n"


def said(folder: Path, code: str) -> list[str]:
    path = folder / "training.py"
    path.write_text(code)
    units = recognise(read(path)).units
    assert units
    return [fault.message for unit in units for fault in unit.faults]


def test_a_training_that_never_sets_its_gradients_to_zero_is_wrong(tmp_path: Path) -> None:
    assert not said(tmp_path, TRAINING)
    (message,) = said(tmp_path, TRAINING.replace(EMPTIED, ""))
    assert "layers[0].weight.data is wrong (likewise layers[1].weight.data, layers[0].bias.data" in message


def test_what_is_forgotten_is_told_alone(tmp_path: Path) -> None:
    (message,) = said(tmp_path, TRAINING.replace("p.grad[...] = 0", "p.grad[...] *= p.grad.ndim == 2"))
    assert "layers[0].weight.data is wrong (likewise layers[1].weight.data)" in message
    assert "bias" not in message


@pytest.mark.thorough
def test_they_may_be_set_to_zero_when_a_turn_ends(tmp_path: Path) -> None:
    ended = TRAINING.replace(EMPTIED, "").replace("    rule.step()\n", f"    rule.step()\n{EMPTIED}")
    assert not said(tmp_path, ended)


def test_gradients_of_several_turns_may_be_added_up_on_purpose(tmp_path: Path) -> None:
    often = "    if turn % 4 == 3:\n        rule.step()\n        rule.zero_grad()\n"
    assert not said(tmp_path, TRAINING.replace(EMPTIED, "").replace("    rule.step()\n", often))


WHOLE = (
    TRAINING[: TRAINING.index("np.random.seed(0)")]
    + """
class Model:
    def __init__(self):
        self.layers, self.cost = [Linear(2, 8), Linear(8, 1)], Squared()

    def loss(self, x, y):
        for layer in self.layers:
            x = layer(x)
        return self.cost(x, y)

    def backward(self):
        grad = self.cost.backward()
        for layer in reversed(self.layers):
            grad = layer.backward(grad)

np.random.seed(0)
model = Model()
rule = Descent([p for layer in model.layers for p in (layer.weight, layer.bias)], 0.01)
X = np.random.randn(50, 2)
Y = X[:, :1] * X[:, 1:]
for turn in range(50):
    rule.zero_grad()
    loss = model.loss(X, Y)
    model.backward()
    rule.step()
"""
)


def test_a_model_and_its_optimiser_may_share_what_holds_gradients(tmp_path: Path) -> None:
    assert not said(tmp_path, WHOLE)
    (message,) = said(tmp_path, WHOLE.replace(EMPTIED, ""))
    assert "goes by the gradients of all turns before as well" in message


@pytest.mark.parametrize("is_late", [False, True])
def test_gradients_that_are_emptied_before_the_step_move_nothing(is_late: bool, tmp_path: Path) -> None:
    step = "    for p in rule.params:\n        p.data -= 0.01 * p.grad\n"
    turn = ("    rule.zero_grad()\n" + step) if is_late else (step + "    rule.zero_grad()\n")
    messages = said(tmp_path, WHOLE.replace(EMPTIED, "").replace("    rule.step()\n", turn))
    assert ["emptied between the way back and it" in message for message in messages] == [True] * is_late
