"""Lists of weights whose entries are moved one by one: updates say which gradient is whose, whatever its shape."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NETWORK = """
import numpy as np
class Net:
    def __init__(self, n_in, hidden, n_out, rate=0.01):
        self.rate = rate
        self.weights = [np.random.randn(n_in, hidden[0]), np.random.randn(hidden[0], hidden[1]),
                        np.random.randn(hidden[1], n_out)]
        self.biases = [np.zeros((1, hidden[0])), np.zeros((1, hidden[1])), np.zeros((1, n_out))]
    def forward(self, x):
        self.a1 = np.tanh(x @ self.weights[0] + self.biases[0])
        self.a2 = np.tanh(self.a1 @ self.weights[1] + self.biases[1])
        e = np.exp(self.a2 @ self.weights[2] + self.biases[2])
        self.a3 = e / e.sum(axis=1, keepdims=True)
        return self.a3
    def backward(self, x, y):
        d3 = (self.a3 - y) / len(x)
        dw3, db3 = self.a2.T @ d3, d3.sum(axis=0, keepdims=True)
        d2 = d3 @ self.weights[2].T * (1 - self.a2 ** 2)
        dw2, db2 = self.a1.T @ d2, d2.sum(axis=0, keepdims=True)
        d1 = d2 @ self.weights[1].T * (1 - self.a1 ** 2)
        dw1, db1 = x.T @ d1, d1.sum(axis=0, keepdims=True)
        self.weights[2] -= self.rate * dw3
        self.biases[2] -= self.rate * {last}
        self.weights[1] -= self.rate * dw2
        self.biases[1] -= self.rate * {middle}
        self.weights[0] -= self.rate * dw1
        self.biases[0] -= self.rate * db1
net = Net(4, [6, 5], 5)
x, y = np.random.randn(8, 4), np.eye(5)[np.arange(8) % 5]
for turn in range(3):
    net.forward(x)
    net.backward(x, y)
"""


@pytest.mark.parametrize(
    ("last", "middle", "verdict"), [("db3", "db2", Verdict.AGREE), ("db2", "db3", Verdict.DISAGREE)]
)
def test_each_entry_has_the_gradient_that_moves_it(last: str, middle: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NETWORK.format(last=last, middle=middle), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert {unit.names["biases_1"], unit.names["biases_2"]} == {"db2", "db3"}
    assert judge_unit(unit, examples=5).verdict is verdict


TWO = """
import numpy as np
class Half:
    def __init__(self):
        self.W = [np.random.randn(4, 4), np.random.randn(4, 4)]
class Net:
    def __init__(self):
        self.far, self.near = Half(), Half()
    def step(self, x, y, rate=0.01):
        a = np.tanh(x @ self.far.W[0])
        h = np.tanh(a @ self.far.W[1])
        c = np.tanh(h @ self.near.W[0])
        e = c @ self.near.W[1] - y
        loss = 0.5 * np.sum(e ** 2)
        gd = c.T @ e
        q = e @ self.near.W[1].T * (1 - c ** 2)
        gc = h.T @ q
        q = q @ self.near.W[0].T * (1 - h ** 2)
        gb = a.T @ q
        ga = x.T @ (q @ self.far.W[1].T * (1 - a ** 2))
        self.far.W[0] -= rate * ga
        self.far.W[1] -= rate * gb
        self.near.W[0] -= rate * gc
        self.near.W[1] -= rate * gd
        return loss
net = Net()
for turn in range(3):
    net.step(np.random.randn(6, 4), np.random.randn(6, 4))
"""


def test_lists_of_one_name_are_told_apart_by_their_objects(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(TWO, encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert sorted(unit.names.values()) == ["ga", "gb", "gc", "gd"]
    assert judge_unit(unit, examples=5).verdict is Verdict.AGREE
