"""Classes that move their own weights on the way back, and what hides the loss that they descend."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.steps import rates
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STEPWISE = """
import numpy as np

class Steps:
    def __init__(self, width, cells, places):
        self.cells = cells
        self.U, self.W = np.random.randn(cells, width) * 0.1, np.random.randn(cells, cells) * 0.1
        self.V = np.random.randn(places, cells) * 0.1
        self.b, self.c = np.zeros((cells, 1)), np.zeros((places, 1))

    def forward(self, x):
        h = np.zeros((self.cells, 1))
        self.seen, self.states, self.outputs = [], [h], []
        for t in range(len(x)):
            self.seen.append(x[t].reshape(-1, 1))
            h = np.tanh(self.U @ self.seen[t] + self.W @ h + self.b)
            self.states.append(h)
            self.outputs.append(self.V @ h + self.c)
        return np.array(self.outputs)

    def backward(self, x, y, learning_rate):
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        db, dc = np.zeros_like(self.b), np.zeros_like(self.c)
        after = np.zeros((self.cells, 1))
        for t in reversed(range(len(x))):
            dy = self.outputs[t] - y[t].reshape(-1, 1)
            dV += dy @ self.states[t + 1].T
            dc += dy
            dz = (self.V.T @ dy + after) * (1 - self.states[{own}] ** 2)
            dU += dz @ self.seen[t].T
            dW += dz @ self.states[t].T
            db += dz
            after = self.W.T @ dz
        self.U -= learning_rate * dU
        self.W -= learning_rate * dW
        self.V -= learning_rate * dV
        self.b -= learning_rate * db
        self.c -= learning_rate * dc
"""
DEFAULT = """
import numpy as np

class Net:
    def __init__(self, a, b):
        self.up, self.out = np.random.randn(a, b), np.random.randn(b, 1)

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.up)
        return self.h @ self.out

    def backward(self, y, lr=0.1):
        error = self.h @ self.out - y
        below = error @ self.out.T * {derivative}
        self.out -= lr * self.h.T @ error
        self.up -= lr * self.x.T @ below

net = Net(2, 6)
X, y = np.random.randn(5, 2), np.random.randn(5, 1)
for turn in range(100):
    net.forward(X)
    net.backward(y)
"""
ROWS = """
import numpy as np

class Words:
    def __init__(self, vocab_size, width):
        self.A, self.B = np.random.rand(vocab_size, width), np.random.rand(width, vocab_size)

    def forward(self, x):
        h = self.A[x]
        u = h @ self.B
        p = np.exp(u) / np.exp(u).sum()
        return p, h, u

    def backward(self, x, y, p, h, learning_rate):
        e = p - y
        dB = np.outer(h, e)
        dA = self.B @ {error}
        self.A[x] -= learning_rate * dA
        self.B -= learning_rate * dB
"""


def verdict_of(path: Path, text: str) -> Verdict:
    (path / "program.py").write_text(text)
    (unit,) = recognise(read(path / "program.py")).units
    return judge_unit(unit, examples=8).verdict


@pytest.mark.thorough
@pytest.mark.parametrize(("own", "verdict"), [("t + 1", Verdict.AGREE), ("t", Verdict.DISAGREE)])
def test_a_bias_of_a_linear_output_is_no_memory(own: str, verdict: Verdict, tmp_path: Path) -> None:
    """A constant share of it is left after each step; and there are as many targets as steps."""
    (tmp_path / "program.py").write_text(STEPWISE.format(own=own))
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert unit.names["c"] == "dc"
    assert judge_unit(unit, examples=8).verdict is verdict


@pytest.mark.parametrize(
    ("derivative", "verdict"), [("(1 - self.h ** 2)", Verdict.AGREE), ("(1 - self.h)", Verdict.DISAGREE)]
)
def test_a_rate_that_is_a_default(derivative: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdict_of(tmp_path, DEFAULT.format(derivative=derivative)) is verdict


def test_rates_that_functions_are_handed_are_known() -> None:
    tree = ast.parse("def back(y, lr=0.1, *, eta=0.3, size=0.7):\n    pass\nstep(w, learning_rate=0.2)")
    assert list(rates(tree, [])) == [0.1, 0.2, 0.3, 1.0]


@pytest.mark.thorough
@pytest.mark.parametrize(("error", "verdict"), [("e", Verdict.AGREE), ("p", Verdict.DISAGREE)])
def test_rows_that_are_moved_on_the_way_back(error: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdict_of(tmp_path, ROWS.format(error=error)) is verdict


def test_a_bias_that_stands_still_is_judged(tmp_path: Path) -> None:
    """The sum of all errors of a softmax is zero: the bias is no parameter that nobody moves."""
    text = """
import numpy as np

W, bias = np.zeros((4, 3)), np.zeros(3)
X = np.random.randn(9, 4)
Y = np.eye(3)[np.random.randint(0, 3, 9)]
for turn in range(200):
    Z = X @ W + bias
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    dW = X.T @ (P - Y) / 9
    db = np.sum(P - Y{axis}) / 9
    W -= 0.1 * dW
    bias -= 0.1 * db
"""
    assert verdict_of(tmp_path, text.replace("{axis}", ", axis=0")) is Verdict.AGREE
    assert verdict_of(tmp_path, text.replace("{axis}", "")) is Verdict.DISAGREE


GLOBAL = """
import numpy as np

X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
up, out = np.random.rand(2, 3), np.random.rand(3, 1)

def forward(X, up, out):
    h = np.tanh(X @ up)
    return h @ out, h

def backward(X, y, o, h):
    e = o - y
    d_out = h.T @ e
    d_up = X.T @ (e @ out.T * (1 - h ** 2))
    return d_up, d_out

for turn in range(50):
    o, h = forward(X, up, out)
    d_up, d_out = backward(X, y, o, h)
    up -= 0.1 * d_up
    out -= 0.1 * d_out
"""


def test_a_global_is_what_the_forward_is_handed(tmp_path: Path) -> None:
    assert verdict_of(tmp_path, GLOBAL) is Verdict.AGREE
    assert verdict_of(tmp_path, GLOBAL.replace("1 - h ** 2", "1 - h")) is Verdict.DISAGREE


BATCHES = """
import numpy as np

def train(X, y):
    w, total_loss = np.random.randn(3), 0.0
    for i in range(0, len(X), 4):
        part, wanted = X[i:i + 4], y[i:i + 4]
        error = part @ w - wanted
        loss = np.mean(error ** 2)
        total_loss += loss * len(part)
        dw = 2 * part.T @ error / len(part)
        w -= 0.1 * dw
    return w

train(np.random.randn(12, 3), np.random.randn(12))
"""


def test_a_total_that_losses_are_weighted_in_is_no_loss(tmp_path: Path) -> None:
    assert verdict_of(tmp_path, BATCHES) is Verdict.AGREE
    assert verdict_of(tmp_path, BATCHES.replace("dw = 2 *", "dw =")) is Verdict.DISAGREE


@pytest.mark.thorough
def test_one_hidden_unit_would_hide_a_transpose(tmp_path: Path) -> None:
    text = STEPWISE.format(own="t + 1").replace("cells", "hidden_size").replace("self.W.T @ dz", "self.W @ dz")
    text += """
net = Steps(2, hidden_size=1, places=3)
for turn in range(20):
    net.forward(np.random.randn(6, 2))
    net.backward(np.random.randn(6, 2), np.random.randn(6, 3), 0.1)
"""
    assert verdict_of(tmp_path, text) is Verdict.DISAGREE


def test_predictions_that_another_function_made_are_no_data(tmp_path: Path) -> None:
    """The loss is stated after the step; the gradient is handed what was predicted before it."""
    text = """
import numpy as np

class Lines:
    def fit(self, X, y):
        self.X, self.y, self.w = X, y, np.zeros((X.shape[1], 1))
        for turn in range(30):
            P = 1 / (1 + np.exp(-X @ self.w))
            dw = self._gradient(P)
            self.w -= 0.1 * dw
            loss = self._loss(self.X, self.y, self.w)

    def _gradient(self, preds):
        return self.X.T @ (preds - self.y) / len(self.X)

    def _loss(self, X, y, w):
        p = 1 / (1 + np.exp(-X @ w))
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

Lines().fit(np.random.randn(9, 4), np.random.randint(0, 2, (9, 1)) * 1.0)
"""
    assert verdict_of(tmp_path, text) is Verdict.AGREE


LOGITS = """
import numpy as np

class Model:
    def __init__(self):
        self.up, self.out = np.random.randn(6, 5), np.random.randn(5, 3)

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.up)
        z = self.h @ self.out
        e = np.exp(z)
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, g):
        self.d_out = self.h.T @ g
        self.d_up = self.x.T @ (g @ self.out.T * {derivative})

def slope(p, y):
    return (p - y) / len(y)

def train(model, X, y):
    for turn in range(50):
        model.backward(slope(model.forward(X), y))
        model.up -= 0.1 * model.d_up
        model.out -= 0.1 * model.d_out

train(Model(), np.random.randn(8, 6), np.eye(3)[np.random.randint(0, 3, 8)])
"""


@pytest.mark.parametrize(
    ("derivative", "verdict"), [("(1 - self.h ** 2)", Verdict.AGREE), ("(1 - self.h)", Verdict.DISAGREE)]
)
def test_a_gradient_of_logits_is_handed_to_what_returns_their_softmax(
    derivative: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(LOGITS.format(derivative=derivative))
    (unit,) = (u for u in recognise(read(tmp_path / "program.py")).units if u.name.startswith("Model"))
    assert any("before the softmax" in words for words in unit.assumptions)
    assert judge_unit(unit, examples=8).verdict is verdict


HANDED = """
import numpy as np

class Cells:
    def __init__(self, n_in, n_hid):
        self.U, self.W, self.n = np.random.randn(n_hid, n_in), np.random.randn(n_hid, n_hid), n_hid

    def slopes(self, inputs, grad_h):
        h = {-1: np.zeros((self.n, 1))}
        for t in range(len(inputs)):
            h[t] = np.tanh(self.U @ inputs[t] + self.W @ h[t - 1])
        dU, dW = np.zeros_like(self.U), np.zeros_like(self.W)
        after = np.zeros((self.n, 1))
        for t in reversed(range(len(inputs))):
            dz = (grad_h[t] + after) * (1 - h[t] ** 2)
            dU += dz @ inputs[t].T
            dW += dz @ h[{at}].T
            after = self.W.T @ dz
        return dU, dW
"""


@pytest.mark.parametrize(("at", "verdict"), [("t - 1", Verdict.AGREE), ("t", Verdict.DISAGREE)])
def test_gradients_of_states_that_one_function_is_handed(at: str, verdict: Verdict, tmp_path: Path) -> None:
    """What goes forward and back at once is handed what the loss above it says."""
    assert verdict_of(tmp_path, HANDED.replace("{at}", at)) is verdict


KEPT = """
import numpy as np

class Two:
    def __init__(self, a, b, c):
        self.up, self.out = np.random.randn(a, b), np.random.randn(b, c)

    def backward(self, x, y, h):
        o = h @ self.out
        d_out = h.T @ (o - y)
        d_up = x.T @ ((o - y) @ self.out.T * (1 - h))
        self.out -= 0.1 * d_out
        self.up -= 0.1 * d_up

x = np.random.randn(5, 4)
two = Two(4, 6, 3)
two.backward(x, np.random.randn(5, 3), np.tanh(x @ two.up))
"""


def test_what_went_into_the_data_of_a_call_is_not_left_out_in_silence(tmp_path: Path) -> None:
    """Of `up` the call shows a gradient, and nothing that it could be the gradient of."""
    (tmp_path / "program.py").write_text(KEPT)
    assert not recognise(read(tmp_path / "program.py")).units


RATES = """
import numpy as np

X, y = np.random.randn(6, 3), np.random.randn(6, 2)
fast, slow = 0.5, 0.02
A, B = np.random.randn(3, 4), np.random.randn(4, 2)
for turn in range(100):
    h = np.tanh(X @ A)
    e = y - h @ B
    d = e @ B.T * {derivative}
    A += fast * X.T @ d
    B += slow * h.T @ e
"""


@pytest.mark.parametrize(("derivative", "verdict"), [("(1 - h ** 2)", Verdict.AGREE), ("(1 - h)", Verdict.DISAGREE)])
def test_each_layer_has_its_own_rate(derivative: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdict_of(tmp_path, RATES.format(derivative=derivative)) is verdict


NOISY = """
import numpy as np

class Restorer:
    def __init__(self, n, m):
        self.A, self.b, self.c = np.random.randn(n, m) * 0.3, np.zeros(m), np.zeros(n)

    def spoilt(self, x):
        return x * np.random.binomial(1, 0.7, x.shape)

    def train(self, x, lr=0.1):
        s = self.spoilt(x)
        h = 1 / (1 + np.exp(-(s @ self.A + self.b)))
        z = 1 / (1 + np.exp(-(h @ self.A.T + self.c)))
        e = x - z
        d = e @ self.A * {slope}
        dA = s.T @ d + e.T @ h
        self.A += lr * dA
        self.b += lr * d.sum(axis=0)
        self.c += lr * e.sum(axis=0)

    def cost(self, x):
        h = 1 / (1 + np.exp(-(self.spoilt(x) @ self.A + self.b)))
        z = 1 / (1 + np.exp(-(h @ self.A.T + self.c)))
        return -np.mean(np.sum(x * np.log(z) + (1 - x) * np.log(1 - z), axis=1))

data = (np.random.rand(8, 6) > 0.5).astype(float)
net = Restorer(6, 3)
for turn in range(50):
    net.train(data)
    print(net.cost(data))
"""


@pytest.mark.parametrize(("slope", "verdict"), [("h * (1 - h)", Verdict.AGREE), ("h", Verdict.DISAGREE)])
def test_a_loss_of_other_noise_is_a_report(slope: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdict_of(tmp_path, NOISY.format(slope=slope)) is verdict
