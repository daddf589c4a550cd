"""Which gradient belongs to what: memories of optimisers and steps are none, and what is returned is what counts."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import Recognition, recognise
from crosscheck.recognise.cases import is_one_hot
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.matching import pair
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

REMEMBERS = """
import numpy as np

class Net:
    def __init__(self, n, k):
        self.params = {{"W": np.random.randn(n, k), "b": np.zeros(k)}}
        self._m = {{key: np.zeros_like(value) for key, value in self.params.items()}}

    def forward(self, X):
        return X @ self.params["W"] + self.params["b"], (X, np.arange(len(X)))

    def backward(self, logits, y, kept):
        X, rows = kept
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        probs = p / p.sum(axis=1, keepdims=True)
        dlogits = probs.copy()
        dlogits[rows, y] -= 1.0
        grads = {{"{W}": X.T @ dlogits, "{b}": dlogits.sum(axis=0){slip}}}
        return grads

    def step(self, grads):
        for k in self.params:
            self._m[k] = 0.9 * self._m[k] + 0.1 * grads[k]
            corrected = self._m[k] / (1 - 0.9 ** 2)
            self.params[k] -= 0.1 * corrected

net = Net(4, 3)
for turn in range(3):
    X, y = np.random.randn(7, 4), np.random.randint(0, 3, 7)
    logits, kept = net.forward(X)
    {use}
"""
CALL = "net.backward(logits, y, kept)"
ATTRIBUTES = """
import numpy as np

class Classifier:
    def __init__(self, columns, seed=3):
        draw = np.random.default_rng(seed)
        self.W = draw.normal(size=(columns, 1))
        self.b = np.zeros(1)
        self.names = ["W", "b"]
        self.m = {name: np.zeros_like(getattr(self, name)) for name in self.names}
        self.v = {name: np.zeros_like(getattr(self, name)) for name in self.names}

    def forward(self, X):
        probs = (1.0 / (1.0 + np.exp(-(X @ self.W + self.b)))).ravel()
        return probs, {"X": X, "probs": probs}

    def backward(self, cache, y, shares=None):
        shares = np.ones(len(y)) if shares is None else shares
        grads = {name: np.zeros_like(getattr(self, name)) for name in self.names}
        d = (shares * (cache["probs"] - y)).reshape(-1, 1) / shares.sum()
        grads["W"] += cache["X"].T @ d{slip}
        grads["b"] += d.sum(axis=0)
        return grads

    def step(self, grads):
        for name in self.names:
            g = grads[name]
            self.m[name] = 0.9 * self.m[name] + 0.1 * g
            self.v[name] = 0.99 * self.v[name] + 0.01 * g ** 2
            change = 0.01 * self.m[name] / (np.sqrt(self.v[name]) + 1e-8)
            setattr(self, name, getattr(self, name) - change)

def cross_entropy(probs, y):
    return -np.mean(y * np.log(probs) + (1 - y) * np.log(1 - probs))
"""
SPEED = """
import numpy as np

class Linear:
    def __init__(self, W, b):
        self.w, self.b = W, b
        self.Dw, self.Db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, grad_output, rate=0.0, momentum=0.0):
        self.dldw, self.dldb = self.x.T @ grad_output, grad_output.sum(axis=0)
        self.Dw = momentum * self.Dw - rate * self.dldw
        self.Db = momentum * self.Db - rate * self.dldb
        back = grad_output @ self.w.T
        self.w = self.w + self.Dw
        self.b = self.b + self.Db
        return back
"""


def recognised(code: str) -> Recognition:
    return recognise(read_text(code, "utf-8", Path("x.py")))


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_entries_of_an_optimisers_memory_have_no_gradients(slip: str, verdict: Verdict) -> None:
    code = REMEMBERS.format(W="W", b="b", slip=slip, use=f"net.step({CALL})")
    unit = next(unit for unit in recognised(code).units if "backward" in unit.name)
    assert set(unit.names) == {"W", "b"}
    assert judge_unit(unit, examples=6).verdict is verdict


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_memories_by_the_names_of_attributes_have_no_gradients(slip: str, verdict: Verdict) -> None:
    (unit,) = recognised(ATTRIBUTES.replace("{slip}", slip)).units
    assert set(unit.names) == {"W", "b"}
    assert judge_unit(unit, examples=6).verdict is verdict


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * 2", Verdict.DISAGREE)])
def test_a_variable_is_no_gradient_where_others_are_returned(slip: str, verdict: Verdict) -> None:
    (unit,) = recognised(REMEMBERS.format(W="first", b="second", slip=slip, use=f"out = {CALL}")).units
    assert unit.names == {"W": "grads[first]", "b": "grads[second]"}
    assert judge_unit(unit, examples=6).verdict is verdict


def test_a_step_with_momentum_is_no_gradient() -> None:
    (unit,) = recognised(SPEED).units
    assert {name: place.rpartition(".")[2] for name, place in unit.names.items() if name != "x"} == {
        "w": "dldw",
        "b": "dldb",
    }
    assert judge_unit(unit, examples=6).verdict is Verdict.AGREE


def test_two_classes_are_encoded_like_more() -> None:
    assert is_one_hot(np.array([[1, 0], [1, 0], [0, 1], [0, 1]]))
    assert not is_one_hot(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    assert not is_one_hot(np.array([[0], [1], [1], [0]]))
    assert is_one_hot([0, 0, 1, 0])
    assert not is_one_hot([0, 1, 0])


LAYERS_WITH_A_RATE = """
import numpy as np

class Layer:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_output, learning_rate):
        dW = self.x.T @ grad_output
        db = np.sum(grad_output, axis=0)
        back = grad_output @ self.W.T
        self.W -= learning_rate * dW
        self.b -= learning_rate * db
        return back

class Net:
    def __init__(self):
        self.layers = [Layer(3, 5), Layer(5, 1)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output, learning_rate):
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output, learning_rate)

net = Net()
X, y = np.random.randn(6, 3), np.random.randn(6, 1)
for turn in range(3):
    out = net.forward(X)
    net.backward((out - y) / 6, 0.001)
"""


def test_a_rate_is_no_gradient_of_a_bias_with_one_entry() -> None:
    unit, turn = recognise(read_text(LAYERS_WITH_A_RATE, "utf-8", Path("layers.py"))).units
    report = judge_unit(unit, examples=4)
    assert report.verdict is judge_unit(turn, examples=4).verdict is Verdict.AGREE
    assert {tally.name for tally in report.tallies} == {"layers_0_W", "layers_0_b", "layers_1_W", "layers_1_b"}


STATES = """
import numpy as np

W, U = np.random.randn(4, 3), np.random.randn(4, 4)
g_h_prev = np.zeros((4, 1))

def whole(x, h_prev):
    h = np.tanh(W @ x + U @ h_prev)
    loss = 0.5 * np.sum(h ** 2)
    dz = h * (1 - h ** 2)
    return loss, dz @ x.T, dz @ h_prev.T, h

for turn in range(20):
    loss, dW, dU, g_h_prev = whole(np.random.randn(3, 1), g_h_prev)
    W -= 0.1 * dW
    U -= 0.1 * dU
"""


def test_a_state_that_is_handed_on_is_no_gradient_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(STATES)
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert unit.names.keys() == {"W", "U"}
    assert judge_unit(unit, examples=8).verdict is Verdict.AGREE


NUMBER = """
import numpy as np
def forward(x, p):
    h = np.tanh(p["W1"] @ x + p["b1"])
    e = np.exp(p["W2"] @ h + p["b2"])
    return e / e.sum(axis=0), h
def backward(x, y, p, out, h):
    d, g = (out - np.eye(2)[:, y]) / x.shape[1], {}
    e = p["W2"].T @ d * (1 - h ** 2)
    g["W2"], g["b2"] = d @ h.T, d.sum()
    g["W1"], g["b1"] = e @ x.T, e.sum(axis=1, keepdims=True)
    return g
def train(x, y):
    p = {"W1": np.random.randn(4, 3), "b1": np.zeros((4, 1)), "W2": np.random.randn(2, 4), "b2": np.zeros((2, 1))}
    for turn in range(9):
        out, h = forward(x, p)
        g = backward(x, y, p, out, h)
        for k in p:
            p[k] -= 0.1 * g[k]
train(np.random.randn(3, 5), np.random.randint(0, 2, 5))
"""


def test_one_number_under_the_key_of_a_parameter_is_its_gradient():
    (unit,) = recognise(read_text(NUMBER, "utf-8", Path("x.py"))).units
    assert unit.names.keys() == {"W1", "b1", "W2", "b2"}
    report = judge_unit(unit, examples=3)
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == {"b2"}


MEANS = """
import numpy as np
from sklearn.preprocessing import OneHotEncoder

letters = np.array(list("abcdef")).reshape(-1, 1)
rows = OneHotEncoder(sparse=False).fit_transform(letters)
X, Y = rows[:5], rows[1:]
weights = {"W": np.random.randn(6, 6), "c": np.zeros((1, 6))}

def forward(X, weights):
    scores = X @ weights["W"] + weights["c"]
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

def backward(X, Y, weights, out):
    grads = {name: np.zeros_like(weights[name]) for name in weights}
    for i in range(len(X)):
        dc = out[i:i + 1] - Y[i:i + 1]
        dW = X[i:i + 1].T @ SHARE
        grads["W"] += dW
        grads["c"] += dc
    for name in grads:
        grads[name] = grads[name] / len(X)
    return grads

out = forward(X, weights)
print(backward(X, Y, weights, out))
"""


@pytest.mark.parametrize(("share", "verdict"), [("dc", Verdict.AGREE), ("dc ** 2", Verdict.DISAGREE)])
def test_what_is_returned_comes_before_a_variable_of_one_turn(tmp_path, share, verdict):
    (tmp_path / "means.py").write_text(MEANS.replace("SHARE", share))
    (unit,) = recognise(read(tmp_path / "means.py")).units
    assert judge_unit(unit, examples=6).verdict is verdict
    assert set(unit.names.values()) == {"grads[W]", "grads[c]"}


NET_OF_ONE_OUTPUT = """
import numpy as np
from sklearn import datasets

N = 1000
X, Y = datasets.make_classification(n_samples=N, n_features=2)
X = np.vstack((X.T, np.ones((1, N))))
V, W = np.random.rand(4, 3), np.random.rand(1, 4)

for turn in range(100):
    for j in range(N):
        x = X[:, j].reshape(3, 1)
        hidden = np.tanh(V @ x)
        out = np.tanh(W @ hidden)
        {line}
        delta = (out - Y[j]) * (1 - out ** 2)
        below = (W.T @ delta) * (1 - {derivative} ** 2)
        W -= 0.01 * np.dot(delta, hidden.transpose())
        V -= 0.01 * np.dot(below, x.transpose())
"""


@pytest.mark.parametrize("line", ["loss_gradient = out - Y[j]", "loss = 0.5 * (out - Y[j]) ** 2"])
@pytest.mark.parametrize(("derivative", "verdict"), [("hidden", Verdict.AGREE), ("(V @ x)", Verdict.DISAGREE)])
def test_a_column_moves_no_row_and_the_gradient_of_a_loss_is_no_loss(line, derivative, verdict, tmp_path):
    (tmp_path / "net.py").write_text(NET_OF_ONE_OUTPUT.format(line=line, derivative=derivative))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert unit.names == {"V": "the step of V", "W": "the step of W"}
    assert judge_unit(unit, examples=12).verdict is verdict


@pytest.mark.parametrize(("shape", "is_found"), [((1, 4), True), ((4,), True), ((4, 1), False)])
def test_an_update_is_told_by_what_fits_the_parameter_as_it_lies(shape, is_found):
    weights = Leaf(("W",), np.ones((1, 4)))
    moves = Place(LOCAL, ("change",), "change", frozenset({"change"}))
    found = pair({"W": weights}, [(moves, np.zeros(shape))], {}, frozenset({("W", "change")}), {})
    assert bool(found) == is_found


BOTH_WAYS = """
import numpy as np

def both_forward(x, {p}, {q}):
    return x @ {p}["W"] + {p}["b"] + np.tanh(x @ {q}["W"] + {q}["b"]), (x, {p}, {q})

def both_backward(dout, cache):
    x, {p}, {q} = cache
    {g}, {h} = {{}}, {{}}
    {g}["W"], {g}["b"] = x.T @ dout, dout.sum(0)
    d = dout * (1 - np.tanh(x @ {q}["W"] + {q}["b"]) ** 2)
    {h}["W"], {h}["b"] = x.T @ d, d.sum(0)
    return {order}
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("zeta", "alpha", "g1", "g2"), "g1, g2"),
        (("pz", "pa", "gz", "ga"), "ga, gz"),
        (("params_z", "params_a", "grads_z", "grads_a"), "grads_a, grads_z"),
    ],
)
def test_gradients_with_the_same_keys_are_told_by_their_containers_and_else_by_their_order(names, order, tmp_path):
    p, q, g, h = names
    (tmp_path / "net.py").write_text(BOTH_WAYS.format(p=p, q=q, g=g, h=h, order=order))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert unit.names.keys() == {f"{p}_W", f"{p}_b", f"{q}_W", f"{q}_b"}
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE


SCALED = """
import numpy as np

def scale(x, gamma, beta):
    return gamma * np.tanh(x) + beta, (x, gamma)

def scale_back(d, cache):
    x, gamma = cache
    return d * gamma * (1 - np.tanh(x) ** 2), {gradients}
"""


@pytest.mark.parametrize("order", ["dg, db", "db, dg"])
def test_gradients_of_one_shape_are_told_by_their_first_letters(order, tmp_path):
    both = "    dg, db = (d * np.tanh(x)).sum(0), d.sum(0)\n    return "
    (tmp_path / "net.py").write_text(SCALED.replace("    return d *", both + "d *").format(gradients=order))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert (unit.names["gamma"], unit.names["beta"]) == ("dg", "db")
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE
