"""Layers and models that nothing calls are made: set up, given the objects they ask for, and built by a first call."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.source.document import read_text

SET_UP = """import copy
import numpy as np


class Layer:
    def set_input_shape(self, shape):
        self.input_shape = shape

    def forward_pass(self, X):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, units, input_shape=None):
        self.units, self.input_shape = units, input_shape
        self.W = None

    def initialize(self, optimizer):
        self.W = np.random.randn(self.input_shape[0], self.units)
        self.w_opt = copy.copy(optimizer)

    def forward_pass(self, X):
        self.x = X
        return X.dot(self.W)

    def backward_pass(self, accum_grad):
        W = self.W
        self.W = self.w_opt.update(self.W, self.x.T.dot(accum_grad))
        return accum_grad.dot(W.T)


class Scale(Layer):
    def initialize(self, optimizer):
        self.gamma = np.ones(self.input_shape)
        self.g_opt = copy.copy(optimizer)

    def forward_pass(self, X):
        self.x = X
        return self.gamma * X

    def backward_pass(self, accum_grad):
        gamma = self.gamma
        self.gamma = self.g_opt.update(self.gamma, np.sum(accum_grad * self.x, axis=0))
        return accum_grad * gamma
"""

BUILT = """import numpy as np


class Layer:
    def __init__(self, units):
        self.units, self.w = units, None

    def call(self, x):
        if self.w is None:
            self.w = np.random.randn(x.shape[-1], self.units)
        self.x = x
        return x @ self.w

    def backward(self, grad, rate):
        back = grad @ self.w.T
        self.w = self.w - rate * (self.x.T @ grad)
        return back
"""

GIVEN = """import numpy as np


class Activation:
    def func(self, z):
        raise NotImplementedError

    def deriv(self, z):
        raise NotImplementedError


class Square(Activation):
    def func(self, z):
        return z ** 2

    def deriv(self, z):
        return 2 * z


class Tanh(Activation):
    def func(self, z):
        return np.tanh(z)

    def deriv(self, z):
        return 1 - np.tanh(z) ** 2


class Dense:
    def __init__(self, n_in, n_out, activation, mode, rng):
        self.W = rng.normal(size=(n_out, n_in))
        self.activation = activation
        self.sign = {"plain": 1.0, "turned": -1.0}[mode]

    def propagate(self, inputs):
        self.inputs = inputs
        self.z = self.sign * self.W.dot(inputs)
        return self.activation.func(self.z)

    def backpropagate(self, delta):
        dz = self.sign * delta * self.activation.deriv(self.z)
        self.dW = dz.dot(self.inputs.T)
        return self.W.T.dot(dz)
"""


def found(tmp_path: Path, source: str) -> Recognition:
    path = tmp_path / "layers.py"
    path.write_text(source)
    return recognise(read(path))


def off(recognition: Recognition) -> dict[str, set[str]]:
    """Return, by unit, the names of the arrays whose gradient is not the derivative along a random direction."""
    wrong: dict[str, set[str]] = {}
    for unit in recognition.units:
        parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
        gradients = unit.subject(parameters, data).gradients
        wrong[unit.name] = set()
        for name, value in parameters.items():
            way = np.random.default_rng(3).standard_normal(value.shape)
            up, down = (float(unit.subject({**parameters, name: value + s * way}, data).loss) for s in (1e-6, -1e-6))
            if abs((up - down) / 2e-6 - np.sum(gradients[name] * way)) > 1e-5:
                wrong[unit.name].add(name)
    return wrong


@pytest.mark.parametrize(
    ("source", "units", "right", "bad", "blamed"),
    [
        (SET_UP, {"Dense": {"W", "X"}, "Scale": {"gamma", "X"}}, "self.x.T.dot(", "2 * self.x.T.dot(", "W"),
        (SET_UP, {"Dense": {"W", "X"}, "Scale": {"gamma", "X"}}, "accum_grad * gamma", "accum_grad", "X"),
        (BUILT, {"Layer": {"w", "x"}}, "self.x.T @ grad", "(self.x.T @ grad).mean()", "w"),
        (GIVEN, {"Dense": {"W", "inputs"}}, "deriv(self.z)\n", "func(self.z)\n", "W"),
    ],
)
def test_layers_are_set_up_and_given_what_they_ask_for(
    tmp_path: Path, source: str, units: dict[str, set[str]], right: str, bad: str, blamed: str
) -> None:
    recognition = found(tmp_path, source)
    assert not recognition.skipped
    named = {unit.name.partition(".")[0]: set(unit.names) for unit in recognition.units}
    assert units.items() <= named.items()
    assert not any(off(recognition).values())
    assert right in source
    wrong = off(found(tmp_path, source.replace(right, bad)))
    assert blamed in set().union(*wrong.values())


def test_an_update_on_the_way_back_must_be_the_gradient_times_a_rate(tmp_path: Path) -> None:
    source = BUILT.replace("rate * (self.x.T @ grad)", "rate * dw").replace(
        "        back =", "        dw = self.x.T @ grad\n        back ="
    )
    (unit,) = found(tmp_path, source).units
    assert not unit.faults
    (unit,) = found(tmp_path, source.replace("rate * dw", "rate * dw.sum()")).units
    assert [(fault.code, fault.parameter) for fault in unit.faults] == [("update-differs", "w")]


CONVOLUTION = """import numpy as np


class Conv:
    def __init__(self, in_channels, filters, k=2):
        self.k = k
        self.W = np.random.randn(filters, in_channels, k, k)

    def forward(self, x):
        self.x, k = x, self.k
        out = np.zeros((x.shape[0], len(self.W), x.shape[2] - k + 1, x.shape[3] - k + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                part = x[:, :, i:i + k, j:j + k]
                out[:, :, i, j] = np.tensordot(part, self.W, axes=([1, 2, 3], [1, 2, 3]))
        return out

    def backward(self, dout):
        k = self.k
        self.dW, dx = np.zeros_like(self.W), np.zeros_like(self.x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part, d = self.x[:, :, i:i + k, j:j + k], dout[:, :, i, j]
                self.dW += np.tensordot(d, part, axes=([0], [0]))
                dx[:, :, i:i + k, j:j + k] += np.tensordot(d, self.W, 1)
        return dx
"""

ONE_EXAMPLE = """import numpy as np


class Network:
    def __init__(self, sizes):
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]

    def backprop(self, x, y):
        layers = [x]
        for b, w in zip(self.biases, self.weights):
            layers.append(np.tanh(np.dot(w, layers[-1]) + b))
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        delta = layers[-1] - y
        for n in reversed(range(len(self.weights))):
            delta = delta * (1 - layers[n + 1] ** 2)
            nabla_b[n], nabla_w[n] = delta, np.dot(delta, layers[n].T)
            delta = np.dot(self.weights[n].T, delta)
        return nabla_b, nabla_w
"""

MOVING = """import numpy as np


class Network:
    def __init__(self, layers=[3, 4, 1], lr=0.5):
        self.lr = lr
        self.weights = [np.random.randn(m, n) for m, n in zip(layers[:-1], layers[1:])]
        self.biases = [np.random.randn(1, n) for n in layers[1:]]

    def feed_forward(self, X):
        self.outputs = [X]
        for W, b in zip(self.weights, self.biases):
            X = np.tanh(X @ W + b)
            self.outputs.append(X)
        return X

    def back_propagation(self, X, y):
        error = self.feed_forward(X) - y
        delta = error * (1 - self.outputs[-1] ** 2)
        for i in reversed(range(len(self.weights))):
            dW, db = self.outputs[i].T @ delta, delta.sum(axis=0, keepdims=True)
            if i > 0:
                delta = delta @ self.weights[i].T * (1 - self.outputs[i] ** 2)
            self.weights[i] -= self.lr * dW
            self.biases[i] -= self.lr * db
        return 0.5 * np.sum(error ** 2)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("source", "names", "right", "bad", "blamed"),
    [
        (CONVOLUTION, {"W", "x"}, "j:j + k] += np", "j:j + k] = np", {"x"}),
        (
            ONE_EXAMPLE,
            {"weights_0", "weights_1", "biases_0", "biases_1"},
            "= delta, ",
            "= delta**2, ",
            {"biases_0", "biases_1"},
        ),
        (MOVING, {"weights_0", "weights_1", "biases_0", "biases_1"}, "* db", "* db.mean()", {"biases_0"}),
    ],
    ids=["convolution", "one example", "moving"],
)
def test_sizes_and_steps_are_found_where_no_message_or_name_tells_them(
    tmp_path: Path, source: str, names: set[str], right: str, bad: str, blamed: set[str]
) -> None:
    (unit,) = found(tmp_path, source).units
    assert set(unit.names) == names
    assert not any(off(found(tmp_path, source)).values())
    assert right in source
    assert off(found(tmp_path, source.replace(right, bad))) == {unit.name: blamed}


DERIVATIVES = """import numpy as np


class Tanh:
    def __call__(self, z):
        return np.tanh(z)

    def gradient(self, z):
        return 1 - np.tanh(z) ** 2


class Logistic:
    def func(self, x):
        return 1 / (1 + np.exp(-x))

    def deriv(self, x):
        return x * (1 - x)


class CrossEntropy:
    def loss(self, y, p):
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    def gradient(self, y, p):
        return (p - y) / (p * (1 - p)) / len(y)


class Softmax:
    def __call__(self, x):
        e = np.exp(x)
        return e / e.sum(axis=1, keepdims=True)

    def gradient(self, x):
        return self(x) * (1 - self(x))
"""


def test_derivatives_of_functions_of_one_number_take_inputs_or_outputs(tmp_path: Path) -> None:
    recognition = found(tmp_path, DERIVATIVES)
    told = {unit.name.partition(".")[0]: unit for unit in recognition.units}
    assert told.keys() == {"Tanh", "Logistic", "CrossEntropy"}  # a softmax has no derivative of each number alone
    assert not any(off(recognition).values())
    assert any("returns in the place of x" in text for text in told["Logistic"].assumptions)
    assert set(told["CrossEntropy"].names) == {"p"}
    wrong = found(
        tmp_path, DERIVATIVES.replace("1 - np.tanh(z) ** 2", "1 - np.tanh(z)").replace("(p - y) /", "(y - p) /")
    )
    assert {name.partition(".")[0] for name, names in off(wrong).items() if names} == {"Tanh", "CrossEntropy"}


LAYERS = """import numpy as np


class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, grad):
        self.dW = self.x.T @ grad
        return grad @ self.W.T


class Curve(Layer):
    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, grad):
        return grad * self.df(self.x)

    def f(self, x):
        raise NotImplementedError

    def df(self, x):
        raise NotImplementedError


class Tanh(Curve):
    def f(self, x):
        return np.tanh(x)

    def df(self, x):
        return 1 - np.tanh(x) ** 2


class Net:
    {constructor}

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "constructor",
    [
        "def __init__(self, layers):\n        self.layers = layers",
        "def __init__(self, *layers):\n        self.layers = list(layers)",
        "def __init__(self):\n        self.layers = []\n\n    def add(self, layer):\n        self.layers.append(layer)",
    ],
    ids=["list", "spread", "added"],
)
def test_a_network_is_given_layers_that_follow_each_other(tmp_path: Path, constructor: str) -> None:
    source = LAYERS.replace("{constructor}", constructor)
    recognition = found(tmp_path, source)
    assert not recognition.skipped
    units = {unit.name.partition(".")[0]: unit for unit in recognition.units}
    assert set(units["Net"].names) == {"layers_0_W", "layers_2_W", "x"}
    assert {"Dense", "Curve"} <= units.keys()
    assert not any(off(recognition).values())
    turned = off(found(tmp_path, source.replace("reversed(self.layers)", "self.layers")))
    assert {name.partition(".")[0] for name, names in turned.items() if names} == {"Net"}


CAMEL = """import numpy as np


class Map:
    def __init__(self, innerDim=None, outerDim=None, rate=None, path=None):
        if not path:
            self.innerDim, self.outerDim, self.rate = innerDim, outerDim, rate
            self.initialize()

    def initialize(self):
        self.W = np.random.normal(size=(self.outerDim, self.innerDim))

    def forward(self, x):
        out = np.tanh(self.W @ x)
        return out

    def backward(self, x, out, target):
        self.dW = np.outer((out - target) * (1 - out ** 2), x)
        return 0.5 * np.sum((out - target) ** 2)
"""


def test_sizes_that_are_none_by_default_are_given_in_whatever_style_they_are_named(tmp_path: Path) -> None:
    recognition = found(tmp_path, CAMEL)
    assert not recognition.skipped
    assert list(off(recognition).values()) == [set()]


def test_a_method_that_only_raises_is_there_to_be_overridden():
    text = '''
class Squash:
    def forward(self, x):
        self.x = x
        return x ** 3

    def backward(self, grad):
        return grad * 3 * self.x ** 2


class Tail:
    def forward(self, x):
        return abs(x)

    def backward(self, grad):
        """Nobody has needed it yet."""
        raise Exception("to be done")
'''
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    assert not found.skipped
    assert [unit.name for unit in found.units] == ["Squash.forward/Squash.backward"]
