"""The loss without the backward pass: the same number, and the same derivatives, with less to execute."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.judge import noise_key
from crosscheck.precision import FLOAT64
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.hooks import Hooks
from crosscheck.recognise.loss_alone import loss_alone
from crosscheck.recognise.reference import COMPLEX, ForwardOracle
from crosscheck.source import read
from tests.crosscheck.recognise.programs import CHARACTERS, PAIR

LAYERS = """
import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, d):
        self.dW = self.x.T @ d


class Squares:
    def forward(self, s, y):
        self.e = s - y
        return 0.5 * (self.e ** 2).sum()

    def backward(self):
        return self.e


class Net:
    def __init__(self):
        self.layer, self.head = Linear(3, 4), Squares()

    def loss(self, x, y):
        return self.head.forward(self.layer.forward(x), y)

    def backward(self):
        self.layer.backward(self.head.backward())


net = Net()
for turn in range(3):
    print(net.loss(np.random.randn(5, 3), np.random.randn(5, 4)))
    net.backward()
    net.layer.W -= 0.1 * net.layer.dW
"""
HANDED = """
import numpy as np

def squashed(z):
    return 1 / (1 + np.exp(-z))

class Model:
    def __init__(self):
        self.W = np.random.randn(4, 3)

    def forward(self, rows):
        return [squashed(self.W @ row) for row in rows]

    def backward(self, rows, labels, outputs):
        dW = np.zeros_like(self.W)
        for row, label, output in zip(rows, labels, outputs):
            dW += np.outer(output - label, row)
        return dW

model, rows, labels = Model(), np.random.randn(5, 3), np.random.randint(0, 2, (5, 4)) * 1.0
for turn in range(3):
    outputs = model.forward(rows)
    model.W -= 0.1 * model.backward(rows, labels, outputs)
"""
JOINT = """
import numpy as np

def lossFun(W, xs, ys):
    loss, dW = 0.0, np.zeros_like(W)
    for x, y in zip(xs, ys):
        e = W @ x - y
        loss += 0.5 * (e ** 2).sum()
        dW += np.outer(e, x)
    return loss, dW

W = np.random.randn(4, 3)
for turn in range(3):
    loss, dW = lossFun(W, np.random.randn(5, 3), np.random.randn(5, 4))
    W -= 0.1 * dW
"""


def unit_of(code: str, folder: Path) -> Unit:
    (folder / "model.py").write_text(code)
    return recognise(read(folder / "model.py")).units[0]


@pytest.mark.parametrize(
    "code", [CHARACTERS, PAIR, LAYERS, HANDED], ids=["function", "pair", "layers", "targets of the backward"]
)
def test_the_loss_alone_gives_the_same_derivatives(tmp_path: Path, code: str) -> None:
    unit = unit_of(code, tmp_path)
    alone = loss_alone(unit)
    assert alone is not None
    key = unit.cases.draw(0, 0)
    arguments = unit.cases.build(key).arguments
    assert np.array_equal(alone(*arguments).loss, unit.subject(*arguments).loss)
    assert alone(*arguments).gradients == {}
    found = []
    for short in (None, alone):
        oracle = ForwardOracle(unit.subject, short)
        (reference,) = oracle.references([arguments], [()], [noise_key(key)], FLOAT64)
        assert oracle.means == {COMPLEX}
        found.append(reference.exact["gradients"])
    for name, gradient in found[0].items():
        np.testing.assert_array_equal(found[1][name], gradient)


def test_nothing_is_watched_but_what_the_loss_is_read_from(tmp_path: Path) -> None:
    unit = unit_of(HANDED, tmp_path)
    alone = loss_alone(unit)
    assert alone is not None
    assert "squashed()" in unit.subject.replay.run({}).variables
    assert "squashed()" not in alone.replay.run({}).variables
    assert "labels" in alone.replay.run({}).variables


def test_a_backward_pass_inside_of_the_forward_is_not_cut_off(tmp_path: Path) -> None:
    assert loss_alone(unit_of(JOINT, tmp_path)) is None


def test_another_loss_than_that_of_the_whole_call_is_not_believed(tmp_path: Path) -> None:
    unit = unit_of(PAIR, tmp_path)
    key = unit.cases.draw(0, 0)
    arguments = unit.cases.build(key).arguments
    (right,) = ForwardOracle(unit.subject).references([arguments], [()], [noise_key(key)], FLOAT64)

    class Twice:
        def in_arithmetic(self, arithmetic):
            subject = unit.subject.in_arithmetic(arithmetic)

            def twice(*values):
                outcome = subject(*values)
                return replace(outcome, loss=2 * outcome.loss)

            return twice

    (other,) = ForwardOracle(unit.subject, Twice()).references([arguments], [()], [noise_key(key)], FLOAT64)
    for name, gradient in right.exact["gradients"].items():
        np.testing.assert_array_equal(other.exact["gradients"][name], gradient)


@pytest.mark.parametrize("number", [1.5, np.float64(1.5), 1.5 + 0j, np.complex128(1.5), np.array(1.5 + 0j)])
def test_what_an_inner_function_returns_is_noted_in_any_arithmetic(number: Any) -> None:
    hooks = Hooks(1.0)
    hooks.begin("outer")
    hooks.leave("inner", number, {})
    hooks.leave("others", np.zeros(3), {})
    hooks.leave("flag", True, {})
    assert hooks.scalars == {"inner()": number}
