"""Functions that nothing calls are called with arguments that fit, or left alone where their meaning is doubtful."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.guesses import ARRAY, Guess, Key, Slot
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.letters import letter
from crosscheck.recognise.said_shapes import documented
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.solving import Solver
from crosscheck.recognise.synthesis import Attempt, synthesise
from crosscheck.recognise.world import World
from crosscheck.source import read
from crosscheck.verdicts import Verdict

STEP = """
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dz = dnext_h * (1 - next_h ** 2)
    dx, dprev_h, dWx, dWh, db = dz.dot(Wx.T), dz.dot(Wh.T), x.T.dot(dz), prev_h.T.dot(dz), dz.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db
"""

GATES = """
import numpy as np
def cell_forward(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f, g = np.tanh(a[:, :H]), np.tanh(a[:, H:2*H]), np.tanh(a[:, 2*H:])
    c_next = f * c + i * g
    return c_next, (x, h, c, Wx, Wh, i, f, g)
def cell_backward(dc_next, cache):
    x, h, c, Wx, Wh, i, f, g = cache
    da = np.hstack([dc_next * g * (1 - i**2), dc_next * c * (1 - f**2), dc_next * i * (1 - g**2)])
    dx, dh, dc, dWx, dWh, db = da @ Wx.T, da @ Wh.T, dc_next * f, x.T @ da, h.T @ da, da.sum(0)
    return dx, dh, dc, dWx, dWh, db
"""

GENERATOR = """
import numpy as np
class Filter:
    def __init__(self):
        self.w = np.random.randn(3)
    def windows(self, x):
        for i in range(len(x) - 2):
            yield x[i:i + 3], i
    def forward(self, x):
        self.x = x
        out = np.zeros(len(x) - 2)
        for window, i in self.windows(x):
            out[i] = np.sum(window * self.w)
        return out
    def backward(self, dout):
        self.dw = np.zeros(3)
        for window, i in self.windows(self.x):
            self.dw += dout[i] * window
        return self.dw
layer = Filter()
"""

COURSE = '''
import numpy as np
def cell_forward(xt, a_prev, parameters):
    """
    xt -- input at timestep "t", numpy array of shape (n_x, m).
    a_prev -- hidden state, numpy array of shape (n_a, m)
    parameters -- python dictionary containing:
        Wax -- weight matrix, numpy array of shape (n_a, n_x)
        Waa -- weight matrix, numpy array of shape (n_a, n_a)
        ba -- bias, numpy array of shape (n_a, 1)
    """
    a = np.tanh(parameters["Wax"] @ xt + parameters["Waa"] @ a_prev + parameters["ba"])
    return a, (a, a_prev, xt, parameters)
def cell_backward(da, cache):
    a, a_prev, xt, parameters = cache
    dz = da * (1 - a ** 2)
    return {"dWax": dz @ xt.T, "dWaa": dz @ a_prev.T, "dba": dz.sum(1, keepdims=True), "dxt": parameters["Wax"].T @ dz}
'''

LAYERS = """
import numpy as np
class Cell:
    def __init__(self, Wx, Wh, b):
        self.params, self.grads = [Wx, Wh, b], [0, 0, 0]
    def forward(self, x, h):
        Wx, Wh, b = self.params
        self.cache = x, h, np.tanh(x @ Wx + h @ Wh + b)
        return self.cache[2]
    def backward(self, dh_next):
        x, h, h_next = self.cache
        dt = dh_next * (1 - h_next ** 2)
        self.grads = [x.T @ dt, h.T @ dt, dt.sum(0)]
        return dt @ self.params[0].T, dt @ self.params[1].T
class Layer:
    def __init__(self, Wx, Wh, b):
        self.params, self.grads = [Wx, Wh, b], [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
    def forward(self, xs):
        N, T, D = xs.shape
        h, hs, self.cells = np.zeros((N, self.params[1].shape[0])), [], []
        for t in range(T):
            self.cells.append(Cell(*self.params))
            h = self.cells[-1].forward(xs[:, t], h)
            hs.append(h)
        return np.stack(hs, axis=1)
    def backward(self, dhs):
        dh, dxs = 0, np.zeros((dhs.shape[0], dhs.shape[1], self.params[0].shape[0]))
        for grad in self.grads:
            grad[...] = 0
        for t in reversed(range(dhs.shape[1])):
            dxs[:, t], dh = self.cells[t].backward(dhs[:, t] + dh)
            for grad, more in zip(self.grads, self.cells[t].grads):
                grad += more
        return dxs
"""

TRAINER = """
import numpy as np
class Model:
    def __init__(self, vocab_size, hidden_size, lr=0.1):
        self.Wx, self.Wh = np.random.randn(vocab_size, hidden_size), np.random.randn(hidden_size, hidden_size)
        self.Wy, self.lr = np.random.randn(hidden_size, vocab_size), lr
    def train_step(self, x, y, h):
        hs, ps, loss = [h], [], 0.0
        for i, j in zip(x, y):
            hs.append(np.tanh(self.Wx[i] + hs[-1] @ self.Wh))
            e = np.exp(hs[-1] @ self.Wy)
            ps.append(e / e.sum())
            loss -= np.log(ps[-1][j])
        dWx, dWh, dWy, dnext = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.Wy), np.zeros_like(h)
        for t in range(len(x) - 1, -1, -1):
            ds = ps[t].copy()
            ds[y[t]] -= 1
            dWy += np.outer(hs[t + 1], ds)
            dz = (self.Wy @ ds + dnext) * (1 - hs[t + 1] ** 2)
            dWx[x[t]] += dz
            dWh += np.outer(hs[t], dz)
            dnext = self.Wh @ dz
        self.Wx -= self.lr * dWx
        self.Wh -= self.lr * dWh
        self.Wy -= self.lr * dWy
        return loss
"""

STOPPED = """
import numpy as np
vocab_size, hidden_size = 11, 7
Wxh, Why = np.random.randn(hidden_size, vocab_size), np.random.randn(vocab_size, hidden_size)
data = np.load('ids.npy')
def lossFun(inputs, targets, hprev):
    h, loss, dWxh, dWhy = hprev, 0, np.zeros_like(Wxh), np.zeros_like(Why)
    for t in range(len(inputs)):
        x = np.zeros((vocab_size, 1))
        x[inputs[t]] = 1
        h = np.tanh(Wxh @ x + hprev)
        p = np.exp(Why @ h) / np.exp(Why @ h).sum()
        loss -= np.log(p[targets[t], 0])
        dy = p.copy()
        dy[targets[t]] -= 1
        dWhy += dy @ h.T
        dWxh += (Why.T @ dy * (1 - h * h)) @ x.T
    return loss, dWxh, dWhy
for start in range(len(data)):
    lossFun(data[start], data[start + 1], np.zeros((hidden_size, 1)))
"""

LOGITS = """
import numpy as np
def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
def step_forward(x, h_prev, Wx, Wh, Wy):
    h = np.tanh(Wx @ x + Wh @ h_prev)
    y = softmax(Wy @ h)
    return y, (x, h_prev, h, Wx, Wh, Wy)
def step_backward(dy, cache):
    x, h_prev, h, Wx, Wh, Wy = cache
    dWy = dy @ h.T
    dz = Wy.T @ dy * (1 - h * h)
    dWx, dWh = dz @ x.T, dz @ h_prev.T
    return dWx, dWh, dWy
"""

MEAN = """
import numpy as np
def linear_forward(A, W, b):
    return W.dot(A) + b, (A, W, b)
def linear_backward(dZ, cache):
    A, W, b = cache
    m = A.shape[1]
    dW, db, dA = dZ.dot(A.T) / m, dZ.sum(axis=1, keepdims=True) / m, W.T.dot(dZ) / m
    return dA, dW, db
"""

MASK = """
import numpy as np
class ReLU:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)
    def backward(self, dout):
        dout[self.mask] = 0
        return dout
"""

LOSSES = """
import numpy as np
class Huber:
    def __init__(self, delta=1.0):
        self.delta = delta
    def forward(self, y_pred, y_true):
        self.e = y_pred - y_true
        a = np.abs(self.e)
        return np.sum(np.where(a < self.delta, 0.5 * a ** 2, self.delta * (a - 0.5 * self.delta)))
    def backward(self):
        e = self.e
        return np.where(np.abs(e) < self.delta, e, self.delta * np.sign(e))
class Entropy:
    def forward(self, y_pred, y_true):
        self.p, self.y = y_pred, y_true
        return np.mean(-(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)))
    def backward(self):
        p, y = self.p, self.y
        return -(y / p - (1 - y) / (1 - p)) / self.p.size
"""
OPTIONS = """
import numpy as np
def norm_forward(x, gamma, options):
    eps = options.get("eps", 1e-5)
    pass
    xh = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
    cache = (xh, gamma)
    return xh * gamma, cache
def norm_backward(dout, cache):
    xh, gamma = cache
    dgamma = (dout * xh).sum(0)
    return dgamma
"""
CONVOLUTION = """
import numpy as np
def conv_forward(x, w):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    out = np.zeros((N, F, H - HH + 1, W - WW + 1))
    for i in range(H - HH + 1):
        for j in range(W - WW + 1):
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", x[:, :, i:i + HH, j:j + WW], w)
    return out, (x, w)
def conv_backward(dout, cache):
    x, w = cache
    F, C, HH, WW = w.shape
    dw = np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], x[:, :, i:i + HH, j:j + WW])
    return dw
"""
PUZZLE = """
import numpy as np
def puzzle_forward(x, W):
    if x.sum() < 1e9:
        raise RuntimeError('not today')
    return x @ W, (x, W)
def puzzle_backward(dout, cache):
    x, W = cache
    dx, dW = dout @ W.T, x.T @ dout
    return dx, dW
"""

ENDLESS = """
import numpy as np
def train(x, W):
    total = 0
    while True:
        for t in range(10 ** 9):
            total += np.tanh(t)
        dW, dx = x, W
    return dW, dx
"""

TWO_OUTPUTS = """
import numpy as np
class Layer:
    def __init__(self, n_in, n_hidden):
        self.W, self.R = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_hidden)
    def forward(self, x, h0):
        self.x, self.hs = x, [h0]
        for t in range(x.shape[0]):
            self.hs.append(np.tanh(x[t] @ self.W + self.hs[-1] @ self.R))
        return np.stack(self.hs[1:]), self.hs[-1]
    def backward(self, dhs, dhT):
        self.dW, self.dR, dh = np.zeros_like(self.W), np.zeros_like(self.R), dhT
        for t in reversed(range(len(self.x))):
            da = (dh + dhs[t]) * (1 - self.hs[t + 1] ** 2)
            self.dW += self.x[t].T @ da
            self.dR += self.hs[t].T @ da
            dh = da @ self.R.T
        return dh
"""


def tried(folder: Path, source: str) -> tuple[World, list[Attempt]]:
    path = folder / "program.py"
    path.write_text(source)
    document = read(path)
    world = World(document).run()
    return world, synthesise(document, world)


def shapes(world: World, function: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what a function was handed; entries of dictionaries by their keys."""
    arguments: dict[str, Any] = dict(world.hooks.entries[function][-1].arguments)
    for value in list(arguments.values()):
        arguments |= value if isinstance(value, dict) else {}
    return {name: np.shape(value) for name, value in arguments.items() if isinstance(value, np.ndarray)}


def verdicts(folder: Path, source: str) -> dict[str, str]:
    path = folder / "program.py"
    path.write_text(source)
    (unit,) = recognise(read(path)).units
    return {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=12).tallies}


def test_sizes_are_pairwise_different(tmp_path: Path) -> None:
    world, attempts = tried(tmp_path, STEP)
    found = shapes(world, "rnn_step_forward")
    (examples, inputs), (_, hidden) = found["x"], found["prev_h"]
    assert len({examples, inputs, hidden}) == 3
    assert found["b"] == (hidden,)
    assert shapes(world, "rnn_step_backward")["dnext_h"] == (examples, hidden)
    assert attempts == []


def test_a_multiple_is_found_from_slices(tmp_path: Path) -> None:
    world, _ = tried(tmp_path, GATES)
    found = shapes(world, "cell_forward")
    hidden = found["c"][1]
    assert found["Wx"] == (found["x"][1], 3 * hidden)
    assert found["b"] == (3 * hidden,)
    assert found["x"][0] != hidden


def test_docstrings_are_believed(tmp_path: Path) -> None:
    world, _ = tried(tmp_path, COURSE)
    found = shapes(world, "cell_forward")
    (n_x, m), (n_a, _) = found["xt"], found["a_prev"]
    assert found["Wax"] == (n_a, n_x)
    assert found["ba"] == (n_a, 1)
    assert len({n_x, m, n_a}) == 3


def test_without_docstrings_columns_are_found_too(tmp_path: Path) -> None:
    start, end = COURSE.index('    """'), COURSE.rindex('"""') + 4
    world, _ = tried(tmp_path, COURSE[:start] + COURSE[end:])
    found = shapes(world, "cell_forward")
    assert found["ba"] == (found["a_prev"][0], 1)
    assert found["xt"][1] == found["a_prev"][1] > 1


def test_layers_are_constructed_and_the_outermost_is_called(tmp_path: Path) -> None:
    world, attempts = tried(tmp_path, LAYERS)
    found = shapes(world, "Layer.forward")
    assert len(set(found["xs"])) == 3
    assert world.hooks.entries["Cell.backward"][0].order > world.hooks.entries["Layer.backward"][0].order
    assert attempts == []


def test_symbols_are_given_where_arguments_are_indices(tmp_path: Path) -> None:
    world, _ = tried(tmp_path, TRAINER)
    arguments = world.hooks.entries["Model.train_step"][-1].arguments
    assert len(arguments["x"]) == len(arguments["y"]) > 1
    assert all(isinstance(symbol, int) for symbol in arguments["x"])
    assert arguments["h"].shape == arguments["self"].Wh.shape[:1]


def test_what_the_file_has_already_is_used(tmp_path: Path) -> None:
    world, attempts = tried(tmp_path, STOPPED)
    assert attempts == []
    entry = world.hooks.entries["lossFun"][-1]
    assert entry.arguments["hprev"].shape == (world.names["Wxh"].shape[0], 1)
    assert len(entry.arguments["inputs"]) == len(entry.arguments["targets"])


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (LOGITS, "step_backward", "before its softmax"),
        (MEAN, "linear_backward", "a constant times"),
        (PUZZLE, "puzzle_backward", "it raises RuntimeError: not today"),
    ],
)
def test_what_is_doubtful_is_left_alone_with_the_reason(tmp_path: Path, source: str, target: str, reason: str) -> None:
    world, (attempt,) = tried(tmp_path, source)
    assert attempt.function == target
    assert reason in attempt.reason
    assert target not in world.hooks.entries


def test_a_gradient_that_is_written_into_counts_as_it_was_handed(tmp_path: Path) -> None:
    path = tmp_path / "mask.py"
    path.write_text(MASK)
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE
    path.write_text(MASK.replace("= 0\n", "= 0.5\n"))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=4).verdict is Verdict.DISAGREE


@pytest.mark.parametrize("used", ["", "    stride = options['stride']\n"])
def test_options_have_their_defaults_or_what_they_are_asked_for(tmp_path: Path, used: str) -> None:
    world, attempts = tried(tmp_path, OPTIONS.replace("    pass\n", used))
    assert attempts == []
    (entry, *_) = world.hooks.entries["norm_forward"]
    assert entry.arguments["options"] == ({"stride": 2} if used else {})


@pytest.mark.parametrize(("wrong", "name"), [("np.sign(e)", "Huber"), ("len(self.p)", "Entropy")])
def test_losses_of_no_name_are_judged_with_what_their_defaults_hide(tmp_path: Path, wrong: str, name: str) -> None:
    right = {"Huber": "self.delta * np.sign(e)", "Entropy": "self.p.size"}[name]
    path = tmp_path / "losses.py"
    for source, verdict in ((LOSSES, Verdict.AGREE), (LOSSES.replace(right, wrong), Verdict.DISAGREE)):
        path.write_text(source)
        found = recognise(read(path))
        assert found.skipped == []
        units = {unit.name.partition(".")[0]: unit for unit in found.units}
        assert units.keys() == {"Huber", "Entropy"}
        assert judge_unit(units[name], examples=6).verdict is verdict


def test_a_backward_that_returns_its_result_at_once_is_not_overlooked(tmp_path: Path) -> None:
    path = tmp_path / "losses.py"
    path.write_text(LOSSES.replace("-(y", "object() -(y"))
    found = recognise(read(path))
    assert [skipped.function for skipped in found.skipped] == ["Entropy.backward"]


def test_filters_are_smaller_than_what_they_slide_over(tmp_path: Path) -> None:
    world, attempts = tried(tmp_path, CONVOLUTION)
    assert attempts == []
    found = shapes(world, "conv_forward")
    assert found["w"][1] == found["x"][1]
    assert found["w"][2:] < found["x"][2:]


def test_another_backward_of_the_same_forward_is_called_too(tmp_path: Path) -> None:
    world, attempts = tried(tmp_path, OPTIONS.replace("norm_backward", "norm_backward_alt"))
    assert attempts == []
    assert "norm_backward_alt" in world.hooks.entries


def test_an_attempt_tells_what_was_found(tmp_path: Path) -> None:
    _, (attempt,) = tried(tmp_path, PUZZLE)
    assert attempt.found.keys() == {"x", "W"}


@pytest.mark.thorough
def test_a_call_that_does_not_end_is_ended(tmp_path: Path) -> None:
    started = time.process_time()
    _, (attempt,) = tried(tmp_path, ENDLESS)
    assert attempt.function == "train"
    assert time.process_time() - started < 4


@pytest.mark.thorough
def test_gradients_belong_to_outputs_by_their_order_if_not_by_their_names(tmp_path: Path) -> None:
    world, _ = tried(tmp_path, TWO_OUTPUTS)
    found = shapes(world, "Layer.backward")
    assert found["dhT"] == found["dhs"][1:]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("source", "right", "wrong", "blamed"),
    [
        (STEP, "", "", set()),
        (STEP, "prev_h.T.dot(dz), dz", "next_h.T.dot(dz), dz", {"Wh"}),
        (GATES, "dc_next * c *", "dc_next * f *", {"Wx", "Wh", "b", "x", "h"}),
        (COURSE, "(1 - a ** 2)", "(1 - a)", {"Wax", "Waa", "ba", "xt"}),
    ],
)
def test_made_up_calls_are_judged_rightly(
    tmp_path: Path, source: str, right: str, wrong: str, blamed: set[str]
) -> None:
    found = verdicts(tmp_path, source.replace(right, wrong) if right else source)
    assert {name for name, verdict in found.items() if verdict == "disagree"} == blamed
    assert "agree" in found.values() or len(blamed) == len(found)


@pytest.mark.thorough
def test_rules_for_jax_and_torch_are_not_ours(tmp_path: Path) -> None:
    torch = "try:\n    import torch\nexcept ImportError:\n    pass\n"
    world, attempts = tried(tmp_path, torch + STEP + "class Tanh(torch.autograd.Function):\n    pass\n")
    assert attempts == []
    assert "rnn_step_backward" not in world.hooks.entries
    for beside in (
        "def both(x):\n    return torch.nn.functional.tanh(x)\n",
        "batches = torch.utils.data.DataLoader(0)\n",
    ):
        world, attempts = tried(tmp_path, torch + STEP + beside)
        assert "rnn_step_backward" in world.hooks.entries


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("x: Input data, of shape (N, T, D)", ("N", "T", "D")),
        ("x -- your data, numpy array of shape (n_x, m)", ("n_x", "m")),
        ("h and x: (N, 4H), b: (4H,)", ("N", "4H")),
        ("h : ndarray of shape (n_a + n_x, m)\nx : ndarray of shape (batch, n_in)", ("batch", "n_in")),
        ("x: the inputs (optional, default)", None),
    ],
)
def test_shapes_are_read_from_docstrings(text: str, shape: tuple[str, ...] | None) -> None:
    said = documented(text, ["x", "h", "b"]).get("x")
    assert (said.shape if said else None) == shape


def test_sizes_that_met_become_one(tmp_path: Path) -> None:
    x, w = Key("f", "x"), Key("f", "w")
    guess = Guess({x: Slot(ARRAY, (letter(1), letter(2))), w: Slot(ARRAY, (letter(3),))}, {1: 5, 2: 7, 3: 11})
    first = next(equal(guess, 7, 11))
    assert first.shape(x)[1] == first.shape(w)[0]
    assert first.shape(x)[0] == 5
    assert next(equal(guess, 11, 20)).shape(w) == (20,)


def units_in(folder: Path, source: str) -> Any:
    path = folder / "program.py"
    path.write_text(source)
    return recognise(read(path)).units


NORMALISE = """
import numpy as np


def ln_forward(inp, weight, bias, eps=1e-5):
    mean = inp.mean(-1, keepdims=True)
    rstd = (((inp - mean) ** 2).mean(-1, keepdims=True) + eps) ** -0.5
    norm = (inp - mean) * rstd
    return norm * weight + bias, (inp, weight, mean, rstd)


def ln_backward(dout, cache):
    inp, w, mean, rstd = cache
    norm = (inp - mean) * rstd
    g = dout * w
    dw = (dout * norm).sum(0)
    return rstd * (g - g.mean(-1, keepdims=True) - norm * (g * norm).mean(-1, keepdims=True)), dw, dout.sum(0)


out, cache = ln_forward(np.random.randn(3, 4), np.random.randn(4), np.random.randn(4))
dx, dw, db = ln_backward(np.random.randn(3, 4), cache)
"""


@pytest.mark.parametrize(("term", "verdict"), [("(g * norm)", "agree"), ("(dout * norm)", "disagree")])
def test_whatever_a_backward_returns_is_a_gradient_without_a_name_as_well(
    tmp_path: Path, term: str, verdict: str
) -> None:
    (unit,) = units_in(tmp_path, NORMALISE.replace("(g * norm)", term))
    told = {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=8).tallies}
    assert told == {"inp": verdict, "weight": "agree", "bias": "agree"}


SPLIT = """
import numpy as np

W, V = np.random.randn(3, 5) * 0.3, np.random.randn(5, 2) * 0.3


def forward(X):
    h = np.tanh(X @ W)
    return h @ V, h


def mse(pred, target):
    return np.mean((pred - target) ** 2)


def backward(X, target, pred, h):
    dpred = 2.0 * (pred - target) / pred.size
    dV = h.T @ dpred
    dz = (dpred @ V.T) * (1 - h)
    dW = X.T @ dz
    return dW, dV


for epoch in range(3000):
    X = np.random.randn(7, 3)
    target = X[:, :2]
    pred, h = forward(X)
    for p, g in zip((W, V), backward(X, target, pred, h)):
        p -= 0.05 * g
    print(mse(pred, target))
"""


def test_a_loss_of_the_outputs_alone_does_not_acquit_what_comes_before_them(tmp_path: Path) -> None:
    (unit,) = units_in(tmp_path, SPLIT)
    told = {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=8).tallies}
    assert told == {"W": "disagree", "V": "agree"}


UNSCALED = """
import numpy as np


def project_forward(X, W):
    scale = 1.0 / np.sqrt(W.shape[1])
    return np.tanh(X @ W * scale), (X, W, scale)


def project_backward(dY, cache):
    X, W, scale = cache
    dZ = dY * (1 - np.tanh(X @ W * scale) ** 2)
    dW = X.T @ dZ
    dX = dZ @ W.T * scale
    return dX, dW
"""


def test_a_constant_that_counts_nothing_is_a_slip_and_no_doubt(tmp_path: Path) -> None:
    (unit,) = units_in(tmp_path, UNSCALED)
    told = {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=8).tallies}
    assert told == {"W": "disagree", "X": "agree"}


def test_a_generator_that_a_made_up_call_goes_through_is_no_call_of_it(tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(GENERATOR)
    (unit,) = recognise(read(path)).units
    assert unit.name == "Filter.forward/Filter.backward"


ONE_OUTPUT = """import numpy as np


class Net:
    def __init__(self, n_in, n_hidden, n_out=1):
        self.W = np.random.randn(n_hidden, n_in)
        self.w = np.random.randn(n_out, n_hidden)

    def forward(self, x):
        self.x = x.reshape(-1, 1)
        self.h = np.tanh(self.W @ self.x)
        self.y_hat = self.w @ self.h
        return self.y_hat

    def loss(self, y):
        return 0.5 * float(np.sum((self.y_hat - y) ** 2))

    def backward(self, y):
        dy = self.y_hat - y
        dh = self.w.T @ dy * (1 - self.h ** 2)
        return {"w": dy @ self.h.T, "W": dh @ self.x.T}
"""


@pytest.mark.parametrize("edit", [("", ""), ("(1 - self.h ** 2)", "(1 - self.h)")], ids=["right", "wrong"])
def test_a_prediction_of_one_number_is_no_loss(tmp_path: Path, edit: tuple[str, str]) -> None:
    path = tmp_path / "one.py"
    path.write_text(ONE_OUTPUT.replace(*edit) if edit[0] else ONE_OUTPUT)
    found = recognise(read(path))
    (unit,) = found.units
    assert {name for name, claims in slopes(unit).items() if is_right(claims)} == ({"w"} if edit[0] else {"w", "W"})


PICTURES = """import numpy as np

SIZES = (7, 11, 13, 17)


class Scale:
    def __init__(self, channels):
        self.g = np.ones(channels)

    def forward(self, x):
        n, c, h, w = x.shape
        self.x = x
        return x * self.g[None, :, None, None]

    def backward(self, dout):
        self.dg = (dout * self.x).sum(axis=(0, 2, 3))
        return dout * self.g[None, :, None, None]
"""


def test_pictures_are_made_up_though_the_file_takes_the_small_sizes(tmp_path: Path) -> None:
    path = tmp_path / "scale.py"
    path.write_text(PICTURES)
    (unit,) = recognise(read(path)).units
    assert set(unit.names) == {"g", "x"}


def test_sizes_are_made_small_though_the_time_of_the_search_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Solver._shared

    def late(self: Solver, *found: Any) -> Any:
        guess = shared(self, *found)
        self.deadline = time.process_time()
        return guess

    usual, _ = tried(tmp_path, CONVOLUTION)
    monkeypatch.setattr(Solver, "_shared", late)
    world, attempts = tried(tmp_path, CONVOLUTION)
    assert attempts == []
    assert shapes(world, "conv_forward") == shapes(usual, "conv_forward")


def test_what_is_wrong_in_each_case_is_wrong_when_the_time_is_up(tmp_path: Path) -> None:
    path = tmp_path / "scale.py"
    counts = []
    for code in (PICTURES, PICTURES.replace("dout * self.x", "dout + self.x")):
        path.write_text(code)
        (unit,) = recognise(read(path)).units
        report = judge_unit(unit, seconds=0.0)
        counts.append((report.verdict, report.judged))
    assert counts == [(Verdict.AGREE, len(unit.cases.regimes)), (Verdict.DISAGREE, 2)]
