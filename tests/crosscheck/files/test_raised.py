"""A backward pass that raises as the file stands is wrong, and one that only our arguments do not fit is not."""

from pathlib import Path

import pytest

from crosscheck.files import raised as raised_errors
from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.files.raised import explained_error
from crosscheck.recognise import recognition
from crosscheck.recognise.raising import raised_in_backward
from crosscheck.source.document import read_text

NETWORK = """
import numpy as np

class Network:
    def __init__(self):
        self.A = np.array([[0.3, -0.2, 0.5], [-0.4, 0.1, 0.6]])
        self.B = np.array([[0.7], [-0.3], [0.2]])

    def forward(self, x):
        self.h = np.tanh(x @ self.A)
        return self.h @ self.B

    def backward(self, x, y, out):
        dout = (out - y) / len(x)
        self.dB = self.h.T @ dout
        dh = {} * (1 - self.h ** 2)
        self.dA = x.T @ dh

    def train(self, x, y, rate=0.1):
        for turn in range(50):
            out = self.forward(x)
            loss = 0.5 * np.sum((out - y) ** 2) / len(x)
            self.backward(x, y, out)
            self.A -= rate * self.dA
            self.B -= rate * self.dB

x = np.array([[0.1, 0.7], [0.4, -0.2], [-0.3, 0.5], [0.9, -0.6], [0.2, 0.8]])
y = np.array([[0.3], [-0.1], [0.6], [0.2], [-0.4]])
Network().train(x, y)
"""
RIGHT, WRONG = "(dout @ self.B.T)", "(dout @ self.A.T)"


def raised(code):
    return raised_in_backward(read_text(code, "utf-8", Path("x.py")))


def test_the_first_line_on_the_way_back_that_does_not_fit_is_told():
    found = raised(NETWORK.format(WRONG))
    assert found.function == "Network.backward"
    assert found.line == 1 + NETWORK.split("\n").index("        dh = {} * (1 - self.h ** 2)")
    assert found.message.startswith("ValueError: matmul")
    assert raised(NETWORK.format(RIGHT)) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = np.array(", "x = np.loadtxt('x.txt') + np.array("),
        ("import numpy as np\n", "import numpy as np\nfrom shapes import randn\nnp.random.randn = randn\n"),
        ("Network().train(x, y)", ""),
        ("self.h = np.tanh(x @ self.A)", "self.h = np.tanh(x @ self.A.T)"),
        ("def backward(", "def numerical_check("),
    ],
)
def test_nothing_is_told_of_what_is_not_of_the_file_or_not_on_the_way_back(before, after):
    code = NETWORK.format(WRONG)
    assert before in code
    assert raised(code.replace(before, after)) is None


def test_a_part_that_is_right_is_not_blamed_for_what_it_is_handed():
    document = read_text(NETWORK.format(WRONG), "utf-8", Path("x.py"))
    assert raised_in_backward(document, {"Network.backward"}) is None


@pytest.mark.thorough
def test_an_edit_with_which_it_is_right_shows_that_it_is_wrong():
    document = read_text(NETWORK.format(WRONG), "utf-8", Path("x.py"))
    found = raised_in_backward(document)
    entry = explained_error(document, found, Options(), 30.0, lambda: None)
    assert entry["verdict"] == "disagree"
    assert entry["error"] is None
    assert entry["repair"]["line"] == entry["line"] == found.line
    assert entry["repair"]["after"] == "dh = (dout @ self.B.T) * (1 - self.h ** 2)"
    assert entry["diagnoses"][0]["code"] == "wrong-variable"


@pytest.mark.thorough
def test_without_such_an_edit_it_is_an_error(monkeypatch):
    monkeypatch.setattr(recognition, "PLANS", recognition.PLANS[:1])
    monkeypatch.setattr(raised_errors, "candidates", lambda _scope: iter(()))
    code, events = NETWORK.format(WRONG), []
    examine(read_text(code, "utf-8", Path("x.py")), Options(), events.append)
    first, last = (event["subject"] for event in events if event["event"] in ("judged", "explained"))
    assert first == last
    assert (first["function"], first["verdict"]) == ("Network.backward", "error")
    assert (first["error"]["code"], first["error"]["line"]) == ("backward-raises", raised(code).line)
    assert not [event for event in events if event["event"] == "skipped"]


def test_a_way_through_layers_is_told_where_the_layers_are_right():
    code = LAYERS.format("layer.backward(d)")
    found = raised_in_backward(read_text(code, "utf-8", Path("x.py")), {"Layer.backward"})
    assert (found.function, found.callers) == ("Stack.backward", ())
    assert raised(LAYERS.format("d = layer.backward(d)")) is None


LAYERS = """
import numpy as np

class Layer:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W.T

class Stack:
    def __init__(self):
        self.layers = [Layer(3, 4), Layer(4, 2)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, d):
        for layer in reversed(self.layers):
            {}

stack = Stack()
stack.backward(stack.forward(np.random.randn(6, 3)) - np.ones((6, 2)))
"""
