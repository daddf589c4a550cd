"""What nothing calls, or calls in an unusual way, is judged by what it is there for, or left alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.formulas import aligned
from crosscheck.recognise.guesses import ARRAY, SIZE, Guess, Key, Slot
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.letters import letter
from crosscheck.recognise.reach import Reach
from crosscheck.recognise.synthesis import synthesise
from crosscheck.recognise.uses import uses_of
from crosscheck.recognise.world import FILENAME, World
from crosscheck.source import read

CONCATENATED = """
import numpy as np
class Layer:
    def __init__(self, n_input, n_state):
        self.n_state, self.W = n_state, np.random.randn(n_input + n_state, n_state)
    def forward(self, xs, h0):
        h, self.steps, out = h0, [], []
        for x in xs:
            v = np.hstack((x, h))
            h = np.tanh(v.dot(self.W))
            self.steps.append((v, h))
            out.append(h)
        return np.array(out)
    def backward(self, dout):
        self.dW, dh, dxs = np.zeros_like(self.W), np.zeros_like(dout[0]), []
        for k in reversed(range(len(dout))):
            v, h = self.steps[k]
            da = (dh + dout[k]) * (1 - h ** 2)
            self.dW += v.T.dot(da)
            dv = da.dot(self.W.T)
            dxs.append(dv[:, :-self.n_state])
            dh = dv[:, -self.n_state:]
        return np.array(dxs[::-1]), dh
"""

SYMBOLS = """
import numpy as np
class Net:
    def __init__(self, n_sym, n_units):
        self.W, self.U, self.V = np.ones((n_units, n_sym)), np.ones((n_units, n_units)), np.ones((n_sym, n_units))
        self.b = np.zeros(n_units)
    def loss(self, seq, nxt, h):
        H, P, cost = [h], [], 0.0
        for t in range(len(seq)):
            k = seq[t]
            H.append(np.tanh(self.W[:, k] + self.U.dot(H[t]) + self.b))
            e = np.exp(self.V.dot(H[-1]))
            P.append(e / e.sum())
            cost -= np.log(P[t][nxt[t]])
        self.g_W, self.g_U = np.zeros_like(self.W), np.zeros_like(self.U)
        self.g_V, self.g_b, dh = np.zeros_like(self.V), np.zeros_like(self.b), np.zeros_like(h)
        for t in reversed(range(len(seq))):
            dy = P[t].copy()
            dy[nxt[t]] -= 1
            self.g_V += np.outer(dy, H[t + 1])
            dz = (dh + self.V.T.dot(dy)) * (1 - H[t + 1] ** 2)
            self.g_W[:, seq[t]] += dz
            self.g_U += np.outer(dz, H[t])
            self.g_b += dz
            dh = self.U.T.dot(dz)
        return cost
"""

LAYERS = """
import numpy as np
def model_forward(X, parameters):
    caches, A = [], X
    for l in range(1, len(parameters) // 2 + 1):
        A, before = np.tanh(np.dot(parameters['W' + str(l)], A) + parameters['b' + str(l)]), A
        caches.append((before, A, parameters['W' + str(l)]))
    return A, caches
def model_backward(dA, caches):
    grads = {}
    for l in range(len(caches), 0, -1):
        before, A, W = caches[l - 1]
        dZ = dA * (1 - A ** 2)
        grads['dW' + str(l)], grads['db' + str(l)] = np.dot(dZ, before.T), dZ.sum(axis=1, keepdims=True)
        dA = np.dot(W.T, dZ)
    return grads
"""

DEFAULTS = """
import numpy as np
class Param:
    def __init__(self, value):
        self.v, self.d = value, np.zeros_like(value)
class Parameters:
    def __init__(self):
        self.W, self.V = Param(np.random.randn(5, 3)), Param(np.random.randn(3, 5))
parameters = Parameters()
def forward(x, p=parameters):
    h = np.tanh(p.W.v @ x)
    e = np.exp(p.V.v @ h)
    return h, e / e.sum()
def backward(target, dh_next, x, h, y, p=parameters):
    dv = y.copy()
    dv[target] -= 1
    p.V.d += dv @ h.T
    dz = (p.V.v.T @ dv + dh_next) * (1 - h * h)
    p.W.d += dz @ x.T
    return p.W.v.T @ dz
def whole(inputs, targets):
    loss, steps, xs = 0.0, {}, {}
    for t in range(len(inputs)):
        xs[t] = np.zeros((3, 1))
        xs[t][inputs[t]] = 1
        steps[t] = forward(xs[t])
        loss -= np.log(steps[t][1][targets[t], 0])
    for p in (parameters.W, parameters.V):
        p.d.fill(0)
    for t in range(len(inputs)):
        backward(targets[t], np.zeros((5, 1)), xs[t], *steps[t])
    return loss
loss = whole([0, 1, 2], [1, 2, 0])
"""

COMPOSED = """
import numpy as np
def softmax_loss(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).sum() / len(y), dx / len(y)
class Net:
    def __init__(self, input_dim=3072, num_classes=10, reg=0.0):
        self.params, self.reg = {'W': np.random.randn(input_dim, num_classes)}, reg
    def loss(self, X, y):
        loss, dscores = softmax_loss(X.dot(self.params['W']), y)
        loss += 0.5 * self.reg * np.sum(self.params['W'] ** 2)
        grads = {'W': X.T.dot(dscores)}
        grads['W'] += self.reg * self.params['W']
        return loss, grads
"""

GATES = """
import numpy as np
W, V = np.random.randn(4, 7), np.random.randn(3, 4)
def fprop(inputs, targets, h, c):
    tape, loss = [], 0
    for i, k in zip(inputs, targets):
        x = np.zeros((3, 1))
        x[i] = 1
        gc = np.tanh(W @ np.vstack([x, h]))
        c = c + gc
        h = np.tanh(c)
        p = np.exp(V @ h)
        p /= p.sum()
        loss -= np.log(p[k, 0])
        tape.append((x, gc, h, p))
    return loss, tape
def bprop(targets, tape):
    dV = np.zeros_like(V)
    for k, (x, gc, h, p) in zip(targets, tape):
        ds = p.copy()
        ds[k] -= 1
        dV += ds @ h.T
    return dV
loss, tape = fprop([0, 1], [1, 2], np.zeros((4, 1)), np.zeros((4, 1)))
dV = bprop([1, 2], tape)
"""

STATES = """
import numpy as np
X, t = np.random.randn(5, 4), np.random.randn(5)
def update_state(xk, sk, wx, wRec):
    return xk * wx + sk * wRec
def forward_states(X, wx, wRec):
    S = np.zeros((X.shape[0], X.shape[1] + 1))
    for k in range(X.shape[1]):
        S[:, k + 1] = update_state(X[:, k], S[:, k], wx, wRec)
    return S
def backward_gradient(X, S, grad_out, wRec):
    over_time = np.zeros((X.shape[0], X.shape[1] + 1))
    over_time[:, -1] = grad_out
    wx_grad = wRec_grad = 0
    for k in range(X.shape[1], 0, -1):
        wx_grad += np.sum(np.mean(over_time[:, k] * X[:, k - 1], axis=0))
        wRec_grad += np.sum(np.mean(over_time[:, k] * S[:, k - 1], axis=0))
        over_time[:, k - 1] = over_time[:, k] * wRec
    return wx_grad, wRec_grad
W = [-1.5, 2.0]
for i in range(50):
    S = forward_states(X, W[0], W[1])
    grads = backward_gradient(X, S, 2 * (S[:, -1] - t), W[1])
    W = [w - 0.001 * np.sign(g) for w, g in zip(W, grads)]
"""

LOADED = """
import numpy as np
def load():
    d = np.loadtxt('data.txt', delimiter=',')
    return d[:, :-1], d[:, -1]
def cost(theta, X, y):
    h = 1 / (1 + np.exp(-X @ theta))
    J = -(y @ np.log(h) + (1 - y) @ np.log(1 - h)) / len(y)
    grad = X.T @ (h - y) / len(y)
    return J, grad
def gradient_descent(theta, alpha):
    X, y = load()
    for i in range(400):
        J, grad = cost(theta, X, y)
        theta = theta - alpha * grad
    return theta
theta = gradient_descent(np.zeros(4), 0.5)
"""

SOFTMAX = """
import numpy as np
class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out
    def backward(self, dout):
        return self.out * (dout - (dout * self.out).sum(axis=1, keepdims=True))
"""

WITH_LOSS = """
import numpy as np
class Loss:
    def forward(self, x, t):
        self.t, e = t, np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return -np.sum(np.log(self.y[np.arange(len(t)), t])) / len(t)
    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)
"""


def found_in(folder: Path, source: str) -> Any:
    path = folder / "program.py"
    path.write_text(source)
    return recognise(read(path))


def verdicts(folder: Path, source: str) -> dict[str, str]:
    return {unit.name: str(judge_unit(unit, examples=6).verdict) for unit in found_in(folder, source).units}


def test_sizes_that_were_put_together_are_taken_apart_as_their_names_say(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, CONCATENATED).units
    parameters, _ = unit.example
    inputs, states = parameters["xs"].shape[-1], parameters["h0"].shape[-1]
    assert parameters["W"].shape == (inputs + states, states)
    assert len({*parameters["xs"].shape, states}) == 4
    assert str(judge_unit(unit, examples=6).verdict) == "agree"


def test_an_entry_of_a_sequence_that_is_an_index_makes_it_one_of_symbols(tmp_path: Path) -> None:
    assert verdicts(tmp_path, SYMBOLS) == {"Net.loss": "agree"}
    assert verdicts(tmp_path, SYMBOLS.replace("dh = self.U.T", "dh = self.U")) == {"Net.loss": "disagree"}


def test_numbered_keys_are_the_weights_of_layers(tmp_path: Path) -> None:
    assert verdicts(tmp_path, LAYERS) == {"model_forward/model_backward": "agree"}
    wrong = LAYERS.replace("np.dot(W.T, dZ)", "2 * np.dot(W.T, dZ)")
    assert verdicts(tmp_path, wrong) == {"model_forward/model_backward": "disagree"}


@pytest.mark.parametrize("key", ["'W' + str(l)", "f'W{l}'", "'W%d' % l", "'W{}'.format(l)"])
def test_a_key_may_end_in_a_number(key: str) -> None:
    import ast

    assert uses_of(ast.parse(f"a = p[{key}]")).numbered == {"p": ["W"]}


def test_a_default_is_the_object_that_its_name_means(tmp_path: Path) -> None:
    assert verdicts(tmp_path, DEFAULTS) == {"whole": "agree"}
    assert verdicts(tmp_path, DEFAULTS.replace("dz @ x.T", "dz @ x.T / 2")) == {"whole": "disagree"}


@pytest.mark.thorough
def test_what_a_backward_adds_for_targets_of_its_own_is_not_held_against_upstream_gradients(tmp_path: Path) -> None:
    apart = DEFAULTS.replace("loss = whole([0, 1, 2], [1, 2, 0])", "") + (
        "x = np.ones((3, 1))\nh, y = forward(x)\nbackward(1, np.ones((5, 1)), x, h, y)\n"
    )
    found = found_in(tmp_path, apart.replace("def whole", "def _whole"))
    assert "the sum of outputs times upstream gradients" not in [str(unit.subject.loss) for unit in found.units]


@pytest.mark.parametrize("train", [False, True])
def test_what_a_loss_adds_to_the_gradients_of_others_is_judged(tmp_path: Path, train: bool) -> None:
    called = "\nnet = Net(7, 4, 0.1)\nloss, grads = net.loss(np.ones((3, 7)), np.array([0, 1, 2]))\n" if train else ""
    assert verdicts(tmp_path, COMPOSED + called) == {"softmax_loss": "agree", "Net.loss": "agree"}
    wrong = COMPOSED.replace("+= self.reg * self", "+= 2 * self.reg * self") + called
    assert verdicts(tmp_path, wrong) == {"softmax_loss": "agree", "Net.loss": "disagree"}


def test_what_a_forward_returns_is_no_gradient(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, GATES).units
    assert (unit.name, dict(unit.names)) == ("fprop/bprop", {"V": "dV"})


def test_a_step_is_not_the_forward_of_a_backward_that_is_handed_more(tmp_path: Path) -> None:
    found = found_in(tmp_path, STATES)
    assert [unit.name for unit in found.units] == []
    assert "backward_gradient" in [skipped.function for skipped in found.skipped]


def test_data_are_loaded_whenever_the_code_runs(tmp_path: Path) -> None:
    found = found_in(tmp_path, LOADED)
    assert ([unit.name for unit in found.units], found.skipped) == (["cost"], [])


def test_a_softmax_that_uses_its_output_is_handed_the_gradient_of_that(tmp_path: Path) -> None:
    assert verdicts(tmp_path, SOFTMAX) == {"Softmax.forward/Softmax.backward": "agree"}
    wrong = SOFTMAX.replace("(dout - (dout * self.out).sum(axis=1, keepdims=True))", "(1 - self.out) * dout")
    assert verdicts(tmp_path, wrong) == {"Softmax.forward/Softmax.backward": "disagree"}
    whole = "self.out * (dout - (dout * self.out).sum(axis=1, keepdims=True))"
    assert found_in(tmp_path, SOFTMAX.replace(whole, "dout * 1.0")).units == []


def test_a_product_is_called_after_its_gradient(tmp_path: Path) -> None:
    assert verdicts(tmp_path, WITH_LOSS) == {"Loss.forward/Loss.backward": "agree"}
    wrong = WITH_LOSS.replace("dout * dx / len(self.t)", "dout * dx")
    assert verdicts(tmp_path, wrong) == {"Loss.forward/Loss.backward": "disagree"}


def test_a_unit_of_variables_is_none_where_other_gradients_are_returned(tmp_path: Path) -> None:
    begin = "def model_backward(AL, Y, caches):\n    dAL = AL - Y\n    dA = dAL\n"
    source = LAYERS.replace("def model_backward(dA, caches):\n", begin) + (
        "def half(AL, Y):\n    return np.sum((AL - Y) ** 2) / 2\n"
        "parameters = {'W1': np.ones((2, 3)), 'b1': np.ones((2, 1))}\n"
        "AL, caches = model_forward(np.ones((3, 4)), parameters)\n"
        "grads = model_backward(AL, np.zeros((2, 4)), caches)\n"
    )
    (unit,) = found_in(tmp_path, source).units
    assert unit.name == "model_forward/model_backward"
    assert {"W1", "b1"} <= unit.names.keys()


def test_sizes_named_by_letters_become_small_where_arrays_are_made_of_them(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import numpy as np\nQ1, Q2 = 48, 36\nW = np.zeros((Q1, Q2))\nX = np.ones((600, 9)).reshape(600, 9)\n"
    )
    world = World(read(path)).run()
    assert max(world.names["W"].shape) < 20 > min(world.names["W"].shape)
    assert world.names["W"].shape[0] != world.names["W"].shape[1]


def test_a_square_is_split_into_two_sizes() -> None:
    x, n = Key("f", "x"), Key("f", "n")
    square = Guess({x: Slot(ARRAY, (letter(1), letter(1))), n: Slot(SIZE, (letter(1),))}, {1: 5})
    assert {tuple(other.shape(x)) for other in square.split()} >= {(7, 5), (5, 7), (7, 7)}
    assert list(Guess({x: Slot(ARRAY, (letter(1), letter(2)))}, {1: 5, 2: 7}).split()) == []


def test_a_sum_that_is_to_be_another_shares_a_term_with_it() -> None:
    x, n, m = Key("f", "X"), Key("f", "n_in"), Key("f", "n_hid")
    slots = {n: Slot(SIZE, (letter(1),)), m: Slot(SIZE, (letter(2),)), x: Slot(ARRAY, (letter(3), letter(4)))}
    guess = Guess(slots, {1: 5, 2: 7, 3: 11, 4: 17})
    assert next(equal(guess, 24, 12)).shape(x) == (11, 5)


def test_the_lines_that_ran_are_counted_once_each() -> None:
    code = compile("a = 0\nfor k in range(9):\n    a += k\nb = missing\nc = 1\n", FILENAME, "exec")
    with Reach() as reach, pytest.raises(NameError):
        exec(code, {})
    assert reach.lines == {1, 2, 3, 4}


def test_text_and_sizes_with_defaults_are_made_up_for_an_object(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import numpy as np\nclass Model:\n    def __init__(self, text, hidden_dim=512):\n"
        "        self.W = np.ones((len(sorted(set(text))), hidden_dim))\n"
        "    def forward(self, x):\n        self.x = x\n        return x @ self.W\n"
        "    def backward(self, dout):\n        self.dW = self.x.T @ dout\n        return dout @ self.W.T\n"
    )
    world = World(read(path)).run()
    assert synthesise(read(path), world) == []
    (told,) = world.missing.values()
    assert "text a text" in told
    assert max(world.hooks.entries["Model.forward"][-1].arguments["self"].W.shape) < 20


HEADS = """
import numpy as np
class Heads:
    def __init__(self, d_model, n_heads):
        assert d_model % n_heads == 0
        self.h, self.W = n_heads, np.random.randn(d_model, d_model)
    def forward(self, x):
        self.x = x
        return (x @ self.W).reshape(len(x), self.h, -1).sum(axis=1)
    def backward(self, dout):
        dy = np.repeat(dout[:, None], self.h, axis=1).reshape(len(dout), -1)
        self.dW = self.x.T @ dy
        return dy @ self.W.T
"""

MODULES = """
import numpy as np
class Linear:
    def __init__(self, n, m):
        self.weight, self.grad_weight = np.random.randn(n, m), np.zeros((n, m))
    def __call__(self, x):
        self.input = x
        return x @ self.weight
    def backward(self, grad):
        self.grad_weight += self.input.T @ grad
        return grad @ self.weight.T
class Sequential:
    def __init__(self, *layers):
        self.layers = layers
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
class MSE:
    def __call__(self, pred, target):
        self.diff = pred - target
        return np.mean(self.diff ** 2)
    def backward(self):
        return 2 * self.diff / self.diff.size
model, loss = Sequential(Linear(3, 5), Linear(5, 2)), MSE()
value = loss(model(np.ones((4, 3))), np.zeros((4, 2)))
model.backward(loss.backward())
"""

WRAPPED = """
import numpy as np
X, y, w = np.random.randn(20, 3), np.random.randn(20), np.zeros(3)
def loss_and_grad(w, X, y):
    e = X @ w - y
    return 0.5 * np.mean(e ** 2), X.T @ e / len(y)
def regularised(w, X, y, lam):
    loss, dw = loss_and_grad(w, X, y)
    return loss + lam * np.sum(w * w), dw + 2 * lam * w
loss, dw = regularised(w, X, y, 0.1)
"""


def test_a_size_that_must_be_a_multiple_becomes_one(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, HEADS).units
    assert unit.example[0]["x"].shape[1] % 2 == 0


def test_a_call_of_an_object_that_has_a_backward_is_no_backward(tmp_path: Path) -> None:
    names = {unit.name for unit in found_in(tmp_path, MODULES).units}
    assert names == {"MSE.__call__/MSE.backward", "Sequential.__call__/Sequential.backward"}


def test_what_wraps_a_gradient_is_judged_as_well(tmp_path: Path) -> None:
    assert verdicts(tmp_path, WRAPPED) == {"loss_and_grad": "agree", "regularised": "agree"}
    wrong = WRAPPED.replace("dw + 2 * lam", "dw + lam")
    assert verdicts(tmp_path, wrong) == {"loss_and_grad": "agree", "regularised": "disagree"}


KEPT = """
import numpy as np
class Net:
    def __init__(self):
        self.W, self.V, self.h = np.random.randn(5, 5), np.random.randn(3, 5), np.zeros(5)
    def train(self, xs, ys):
        hs, es, loss = [self.h], {}, 0.0
        for t in range(len(xs)):
            hs.append(np.tanh(self.W @ hs[-1] + xs[t]))
            es[t] = self.V @ hs[-1] - ys[t]
            loss += 0.5 * np.sum(es[t] ** 2)
        dW, dV, dh = np.zeros_like(self.W), np.zeros_like(self.V), np.zeros(5)
        for t in reversed(range(len(xs))):
            dV += np.outer(es[t], hs[t + 1])
            dz = (self.V.T @ es[t] + dh) * (1 - hs[t + 1] ** 2)
            dW += np.outer(dz, hs[t])
            dh = self.W.T @ dz
        for p, g in zip((self.W, self.V), (dW, dV)):
            p -= 0.1 * g
        self.h = hs[-1]
        return loss
net = Net()
loss = net.train(np.random.randn(4, 5), np.random.randn(4, 3))
"""


def test_a_state_that_goes_on_is_no_parameter_that_was_left_out(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, KEPT).units
    assert (unit.names.keys(), unit.without) == ({"W", "V"}, ())


def test_a_target_that_holds_no_numbers_is_none() -> None:
    with pytest.raises(LookupError):
        aligned(np.ones(2), [{0: np.ones(2)}, {0: np.ones(2)}])
