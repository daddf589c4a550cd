"""Parameters that a step gives another shape, where NumPy broadcasts and nothing raises."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

ROWS = """
import numpy as np

X = np.random.randn(20, 3)
y = X @ np.array([1.0, -2.0, 0.5]) + 0.3
w, b = np.zeros(3), 0.0
for epoch in range(100):
    e = X @ w + b - y
    loss = np.mean(e ** 2) / 2
    w = w - 0.1 * X.T @ e / len(y)
    b {step}
print(loss)
"""

CLASSES = """
import numpy as np

X, T = np.random.randn(20, 4), np.eye(3)[np.random.randint(0, 3, 20)]
W, b = np.zeros((4, 3)), 0
for epoch in range(100):
    z = X @ W + b
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.sum(T * np.log(p)) / 20
    d = (p - T) / 20
    W = W - 0.5 * X.T @ d
    b = b - 0.5 * d.sum(axis=0)
print(loss)
"""

LAYERS = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out) * 0.3, np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W + self.b)

    def backward(self, grad, lr):
        grad = grad * (1 - np.tanh(self.x @ self.W + self.b) ** 2)
        dx = grad @ self.W.T
        self.W = self.W - lr * self.x.T @ grad
        self.b = self.b - lr * {db}
        return dx

X = np.random.randn(12, 3)
Y = np.sin(X[:, :2])
net = [Dense(3, 5), Dense(5, 2)]
for epoch in range(20):
    out = X
    for layer in net:
        out = layer.forward(out)
    grad = 2 * (out - Y) / Y.size
    for layer in reversed(net):
        grad = layer.backward(grad, 0.1)
print(np.mean((out - Y) ** 2))
"""


SUMMED_ELSEWHERE = """
import numpy as np

x0, y0 = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
below, above = {{"w": np.random.rand(2, 5), "b": np.zeros(5)}}, {{"w": np.random.rand(5, 1), "b": np.zeros(1)}}

def forward_net(x):
    hidden = np.maximum(x @ below["w"] + below["b"], 0)
    return hidden @ above["w"] + above["b"], [x, hidden]

def backprop_net(G_output, aux):
    x, hidden = aux
    G_hidden = (G_output @ above["w"].T) * (hidden > 0)
    G_w_out, G_b_out = hidden.T @ G_output, np.sum(G_output, axis=0)
    G_w_hid, G_b_hid = x.T @ G_hidden, np.sum({of}, axis=0)
    above["w"] -= 0.01 * G_w_out
    above["b"] -= 0.01 * G_b_out
    below["w"] -= 0.01 * G_w_hid
    below["b"] -= 0.01 * G_b_hid

for turn in range(20):
    output, aux = forward_net(x0)
    backprop_net(2 * (output - y0) / y0.size, aux)
"""


def judged(code):
    """Return the worst verdict, and what was said of it."""
    reports = [judge_unit(unit, examples=6) for unit in recognise(read_text(code, "utf-8", Path("example.py"))).units]
    verdicts = [report.verdict for report in reports]
    said = " ".join(finding.message for report in reports for finding in report.findings)
    return (Verdict.DISAGREE if Verdict.DISAGREE in verdicts else verdicts[-1]), said


@pytest.mark.parametrize("step", ["= b - 0.1 * e / len(y)", "-= 0.1 * e / len(y)"])
def test_a_bias_that_becomes_one_for_each_example_is_wrong(step):
    verdict, said = judged(ROWS.format(step=step))
    assert verdict is Verdict.DISAGREE
    assert "(20,)" in said


@pytest.mark.parametrize("code", [ROWS.format(step="-= 0.1 * np.mean(e)"), CLASSES], ids=["a number", "a row"])
def test_a_number_may_stay_one_or_become_a_row_of_outputs(code):
    assert judged(code)[0] is Verdict.AGREE


@pytest.mark.thorough
def test_a_layer_whose_bias_outgrows_its_shape_is_wrong():
    assert judged(LAYERS.format(db="grad.sum(axis=0)"))[0] is Verdict.AGREE
    verdict, said = judged(LAYERS.format(db="grad"))
    assert verdict is Verdict.DISAGREE
    assert "(12, 5) afterwards" in said


def test_a_step_in_place_of_fewer_entries_is_wrong():
    assert judged(SUMMED_ELSEWHERE.format(of="G_hidden"))[0] is Verdict.AGREE
    assert judged(SUMMED_ELSEWHERE.format(of="G_output"))[0] is Verdict.DISAGREE


OBJECTS = """
import numpy as np

class Net:
    def __init__(self, x, y):
        self.x, self.y = np.array(x), np.array(y)
        self.weights = 2 * np.random.random((x.shape[1], y.shape[1])) - 1

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_derivative(self, x):
        return x * (1 - x)

    def train(self, i):
        for iteration in range(i):
            self.output = self.sigmoid(np.dot(self.x, self.weights))
            self.error = self.y - self.output
            self.adjustments = self.error * self.sigmoid_derivative(self.output)
            self.weights += np.dot(self.x.T, self.adjustments)

x = np.array([[0, 0, 1], [1, 1, 1], [1, 0, 1], [0, 1, 1]])
y = np.array([[0], [1], [1], [0]])
Net(x, y).train(10)
x1 = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y1 = np.array([[0], [1], [1], [0]])
net = Net(x1, y1)
net.train(10)
"""


def test_another_object_of_another_size_is_no_parameter_that_grew():
    verdict, said = judged(OBJECTS)
    assert (verdict, said) == (Verdict.AGREE, "")
