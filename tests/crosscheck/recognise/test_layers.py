"""Layers that nobody calls, whose backward passes are handed less, or by other names, than their forward passes."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.guesses import ARRAY, SIZE, Guess, Key, Slot
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.letters import letter
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.targets import hands_out
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SLIDING = """import numpy as np

def slide(signal, taps, bias):
    rows, channels, length = signal.shape
    out, _, reach = taps.shape
    room = length - reach + 1
    made = np.zeros((rows, out, room))
    for at in range(room):
        made[:, :, at] = np.tensordot(signal[:, :, at:at + reach], taps, axes=([1, 2], [1, 2]))
    return made + bias

def slide_backward(dout, signal, taps):
    dsignal, dtaps = np.zeros_like(signal), np.zeros_like(taps)
    reach = taps.shape[2]
    for at in range(dout.shape[2]):
        dtaps += np.tensordot(dout[:, :, at], signal[:, :, at:at + reach], axes=([0], [0]))
        dsignal[:, :, at:at + reach] += np.tensordot(dout[:, :, at], taps, axes=([1], [0]))
    return dsignal, dtaps, dout.sum(axis=(0, 2)).reshape(-1, 1)
"""

POOLED = """import numpy as np

def thin(x, by=2):
    rows, length = x.shape
    parts = x[:, :length // by * by].reshape(rows, length // by, by)
    return parts.max(axis=2), parts.argmax(axis=2)

def thin_backward(dout, chosen, x_shape, by=2):
    rows, length = x_shape
    parts = np.zeros((rows, length // by, by))
    np.put_along_axis(parts, chosen[:, :, None], dout[:, :, None], axis=2)
    dx = np.zeros(x_shape)
    dx[:, :length // by * by] = parts.reshape(rows, -1)
    return dx

def level(x):
    return x.mean(axis=1)

def level_backward(dout, x_shape):
    return np.repeat(dout[:, None], x_shape[1], axis=1) / x_shape[1]
"""

RENAMED = """import numpy as np

def crest(x):
    rows, length = x.shape
    return x.reshape(rows, length // 2, 2).max(axis=2)

def crest_backward(dout, a):
    rows, length = a.shape
    pairs = a.reshape(rows, length // 2, 2)
    is_left = pairs[:, :, 0] >= pairs[:, :, 1]
    da = np.zeros_like(pairs)
    da[:, :, 0], da[:, :, 1] = dout * is_left, dout * ~is_left
    return da.reshape(rows, length)
"""

OPTIONS = """import numpy as np

def filter_forward(A_prev, W, b, options):
    m, high, wide, _ = A_prev.shape
    f, f, _, out = W.shape
    step = options["stride"]
    rows, columns = (high - f) // step + 1, (wide - f) // step + 1
    Z = np.zeros((m, rows, columns, out))
    for i in range(rows):
        for j in range(columns):
            part = A_prev[:, i * step:i * step + f, j * step:j * step + f, :]
            for c in range(out):
                Z[:, i, j, c] = np.sum(part * W[:, :, :, c], axis=(1, 2, 3)) + float(b[0, 0, 0, c])
    return Z, (A_prev, W, b, options)

def filter_backward(dZ, cache):
    A_prev, W, b, options = cache
    f, step = W.shape[0], options["stride"]
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in range(dZ.shape[1]):
        for j in range(dZ.shape[2]):
            here = (slice(None), slice(i * step, i * step + f), slice(j * step, j * step + f))
            for c in range(dZ.shape[3]):
                up = dZ[:, i, j, c]
                dA_prev[here] += W[:, :, :, c] * up[:, None, None, None]
                dW[:, :, :, c] += np.sum(A_prev[here] * up[:, None, None, None], axis=0)
                db[:, :, :, c] += up.sum()
    return dA_prev, dW, db

def pool_forward(A_prev, options):
    m, high, wide, depth = A_prev.shape
    f, step = options["f"], options["stride"]
    A = np.zeros((m, (high - f) // step + 1, (wide - f) // step + 1, depth))
    for i in range(A.shape[1]):
        for j in range(A.shape[2]):
            A[:, i, j] = A_prev[:, i * step:i * step + f, j * step:j * step + f].mean(axis=(1, 2))
    return A, (A_prev, options)

def pool_backward(dA, cache):
    A_prev, options = cache
    f = options["f"]
    step = options["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i in range(dA.shape[1]):
        for j in range(dA.shape[2]):
            up = dA[:, i, j][:, None, None] / (f * f)
            dA_prev[:, i * step:i * step + f, j * step:j * step + f] += up
    return dA_prev
"""

GROUPED = """import numpy as np

class Shares:
    def __init__(self, channels, groups=2):
        assert channels % groups == 0
        self.groups = groups
        self.weight = np.ones(channels)

    def forward(self, x):
        self.x = x
        rows, channels = x.shape
        parts = x.reshape(rows, self.groups, -1)
        self.centred = (parts - parts.mean(-1, keepdims=True)).reshape(rows, channels)
        return self.centred * self.weight

    def backward(self, dout):
        self.dweight = (dout * self.centred).sum(0)
        parts = (dout * self.weight).reshape(len(dout), self.groups, -1)
        return (parts - parts.mean(-1, keepdims=True)).reshape(dout.shape)
"""


DRAWN = """import numpy as np

class Thin:
    def __init__(self, keep, seed=None):
        self.keep, self.seed = keep, seed

    def forward(self, x):
        self.kept = (np.random.default_rng().random(x.shape) < self.keep) / self.keep
        self.kept *= np.random.RandomState(self.seed).rand(*x.shape)
        return x * self.kept

    def backward(self, dout):
        return dout * self.kept
"""


def found_in(tmp_path: Path, source: str) -> Recognition:
    path = tmp_path / "layers.py"
    path.write_text(source)
    return recognise(read(path))


def right(found: Recognition) -> dict[str, bool]:
    return {unit.name: all(map(is_right, slopes(unit).values())) for unit in found.units}


def test_a_kernel_is_made_shorter_than_what_it_moves_over(tmp_path: Path) -> None:
    found = found_in(tmp_path, SLIDING)

    assert right(found) == {"slide/slide_backward": True}
    shapes = {name: value.shape for name, value in found.units[0].example[0].items()}
    assert shapes["taps"][2] < shapes["signal"][2]
    assert shapes["taps"][1] == shapes["signal"][1]


def test_results_without_a_name_and_shapes_are_handed_on(tmp_path: Path) -> None:
    found = found_in(tmp_path, POOLED)

    assert right(found) == {"thin/thin_backward": True, "level/level_backward": True}
    wrong = found_in(tmp_path, POOLED.replace("/ x_shape[1]\n", "/ x_shape[0]\n"))
    assert right(wrong) == {"thin/thin_backward": True, "level/level_backward": False}


@pytest.mark.parametrize("slip", [None, ("dout * ~is_left", "dout")])
def test_what_goes_in_may_have_another_name_on_the_way_back(tmp_path: Path, slip: tuple[str, str] | None) -> None:
    found = found_in(tmp_path, RENAMED.replace(*slip) if slip else RENAMED)

    assert right(found) == {"crest/crest_backward": slip is None}


def test_what_an_output_may_be_is_not_taken_for_an_input_where_the_gradient_is_wrong(tmp_path: Path) -> None:
    squash = "import numpy as np\n\ndef squash(z):\n    return np.tanh(z) + np.cumsum(z)\n\n"

    found = found_in(tmp_path, squash + "def squash_backward(dout, s):\n    return dout * (1 + s ** 3)\n")

    assert not found.units


def test_a_bias_has_no_length_of_its_own(tmp_path: Path) -> None:
    found = found_in(tmp_path, OPTIONS)

    assert right(found) == {"filter_forward/filter_backward": True, "pool_forward/pool_backward": True}
    filters = next(unit for unit in found.units if "filter" in unit.name)
    assert np.shape(filters.example[0]["b"])[:3] == (1, 1, 1)


@pytest.mark.thorough
def test_windows_that_pool_do_not_overlap(tmp_path: Path) -> None:
    source = OPTIONS.replace("j * step:j * step + f] += up", "j * step:j * step + f] = up")

    assert right(found_in(tmp_path, source))["pool_forward/pool_backward"]
    filters = source.replace("dA_prev[here] +=", "dA_prev[here] =")
    assert not right(found_in(tmp_path, filters))["filter_forward/filter_backward"]


def test_generators_without_a_seed_draw_the_same_again(tmp_path: Path) -> None:
    assert right(found_in(tmp_path, DRAWN)) == {"Thin.forward/Thin.backward": True}
    wrong = DRAWN.replace("return dout * self.kept", "return dout * self.keep")
    assert right(found_in(tmp_path, wrong)) == {"Thin.forward/Thin.backward": False}


def test_what_is_asserted_to_be_divisible_is(tmp_path: Path) -> None:
    found = found_in(tmp_path, GROUPED)

    assert right(found) == {"Shares.forward/Shares.backward": True}
    assert not found.skipped


def test_sizes_that_are_multiplied_by_the_same_are_one() -> None:
    a, b = Key("layer", "channels"), Key("layer", "x")
    guess = Guess({a: Slot(SIZE, (letter(1),)), b: Slot(ARRAY, (letter(2), letter(3)))}, {1: 5, 2: 11, 3: 13})

    first = next(equal(guess, 5 * 9, 13 * 9))

    assert len({first.slots[a].sizes[0], first.slots[b].sizes[1]}) == 1


@pytest.mark.parametrize(
    ("body", "gathers"),
    [
        ("for u in self.units:\n  for name, p, g in u.params_and_grads():\n   yield name, p, g", True),
        ("return [pair for u in self.units for pair in u.params_and_grads()]", True),
        ("for u in self.units:\n  u.params_and_grads()", False),
        ("return [2 * g for u in self.units for g in u.params_and_grads()]", False),
        ("for u in self.units:\n  g = u.params_and_grads(g)\n return g", False),
    ],
)
def test_what_only_gathers_gradients_computes_none(body: str, gathers: bool) -> None:
    node = ast.parse(f"def params_and_grads(self):\n {body}").body[0]

    assert isinstance(node, ast.FunctionDef)
    assert hands_out(node) == gathers


LISTED = """
import numpy as np

class Squash:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        dout = dout * (1 - np.square(self.out))
        return dout

class Row:
    def __init__(self):
        self.layers = [Squash()]

    def forward(self, x):
        return [layer.forward(x) for layer in self.layers]

    def backward(self, dnext):
        for layer in self.layers:
            dnext = layer.backward(dnext)
        return dnext

row = Row()
outs = row.forward(np.random.randn(3, 4))
row.backward(outs)
"""


def test_outputs_that_are_handed_back_in_a_list_are_gradients_from_above(tmp_path: Path) -> None:
    (tmp_path / "row.py").write_text(LISTED)
    (unit,) = recognise(read(tmp_path / "row.py")).units
    assert judge_unit(unit, examples=6).verdict is Verdict.AGREE


GATE = """
import numpy as np

class Gate:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backprop(self, d_out):
        d_x = np.where({test}, {value}, 0)
        return d_x
"""


@pytest.mark.parametrize(
    ("test", "value", "verdict"),
    [
        ("self.x > 0", "d_out", Verdict.AGREE),
        ("d_out > 0", "1", Verdict.DISAGREE),
    ],
)
def test_a_gradient_of_whole_numbers_is_judged(tmp_path: Path, test: str, value: str, verdict: Verdict) -> None:
    (tmp_path / "gate.py").write_text(GATE.format(test=test, value=value))
    (unit,) = recognise(read(tmp_path / "gate.py")).units
    assert judge_unit(unit, examples=6).verdict is verdict


RESIDUAL = """
import numpy as np

class Norm:
    def __init__(self, n):
        self.gain = np.ones(n)

    def __call__(self, x):
        self.inverse = 1 / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-5)
        self.kept = x * self.inverse
        return self.gain * self.kept

    def backward(self, g):
        self.dgain = (g * self.kept).sum(0)
        gx = g * self.gain
        return self.inverse * (gx - {slip}self.kept * (gx * self.kept).mean(-1, keepdims=True))

class Dense:
    def __init__(self, i, o):
        self.W, self.b = np.random.randn(i, o), np.zeros(o)

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW, self.db = self.x.T @ g, g.sum(0)
        return g @ self.W.T
"""
BLOCK = """
class Block:
    def __init__(self, n):
        self.norm, self.dense = Norm(n), Dense(n, n)

    def __call__(self, x):
        return x + self.dense(self.norm(x))

    def backward(self, g):
        return {around}self.norm.backward(self.dense.backward(g))
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), ("2 * ", Verdict.DISAGREE)])
def test_what_a_layer_returns_is_the_gradient_of_its_input_whatever_a_variable_in_it_is_called(
    slip: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "layers.py").write_text(RESIDUAL.replace("{slip}", slip))
    units = {unit.name: unit for unit in recognise(read(tmp_path / "layers.py")).units}
    unit = units["Norm.__call__/Norm.backward"]
    assert unit.names.keys() == {"gain", "x"}
    assert judge_unit(unit, examples=12).verdict is verdict


@pytest.mark.parametrize(("around", "verdict"), [("g + ", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_the_forward_pass_of_a_block_is_its_own_and_not_that_of_its_last_layer(
    around: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "layers.py").write_text((RESIDUAL + BLOCK).replace("{slip}", "").replace("{around}", around))
    (unit,) = recognise(read(tmp_path / "layers.py")).units
    assert unit.name == "Block.__call__/Block.backward"
    assert judge_unit(unit, examples=12).verdict is verdict


JOINED = """
import numpy as np

class Cell:
    def __init__(self, n_in, n_hidden):
        self.W = np.random.randn(n_hidden, n_in + n_hidden)
        self.n_in, self.n_hidden = n_in, n_hidden

    def forward(self, xs):
        h, self.kept = np.zeros(self.n_hidden), []
        for x in xs:
            z = np.r_[x, h]
            h = np.tanh(self.W @ z)
            self.kept.append((z, h))
        return h

    def backward(self, dh):
        self.dW = np.zeros_like(self.W)
        for z, h in reversed(self.kept):
            d = dh * (1 - {state} ** 2)
            self.dW += np.outer(d, z)
            dh = (self.W.T @ d)[self.n_in :]
"""


@pytest.mark.parametrize(("state", "verdict"), [("h", Verdict.AGREE), ("z[-len(h):]", Verdict.DISAGREE)])
def test_what_is_joined_between_brackets_is_no_index(state: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(JOINED.format(state=state))
    (unit,) = recognise(read(tmp_path / "cell.py")).units
    assert judge_unit(unit, examples=12).verdict is verdict


ADDED_TO = """
import numpy as np

def step(x, h, p):
    a = np.tanh(x @ p["W"] + h @ p["U"] + p["shift"])
    return a, (x, h, a)

def step_back(dh, kept, p, {sums}):
    x, h, a = kept
    d = dh * (1 - a ** 2)
    {W} += x.T @ d
    {U} += {state}.T @ d
    {shift} += d.sum(0)
    return d @ p["W"].T, d @ p["U"].T
"""
ENTRIES = {"sums": "total", "W": "total['W']", "U": "total['U']", "shift": "total['shift']"}


@pytest.mark.thorough
@pytest.mark.parametrize(("state", "verdict"), [("h", Verdict.AGREE), ("a", Verdict.DISAGREE)])
def test_what_a_step_adds_its_gradients_to_begins_with_nothing(state: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(ADDED_TO.format(state=state, **ENTRIES))
    (unit,) = recognise(read(tmp_path / "step.py")).units
    assert {"W", "U", "shift", "x", "h"} == unit.names.keys()
    assert unit.example[0]["shift"].ndim == 1
    assert judge_unit(unit, examples=12).verdict is verdict


TWO_STATES = """
import numpy as np

def cell_forward(x, h_prev, c_prev, Wx, Wh, b):
    \"\"\"One step. Wx: (2H, D), Wh: (2H, H), b: (2H,).\"\"\"
    H = h_prev.shape[0]
    z = Wx @ x + Wh @ h_prev + b
    g = np.tanh(z[H:])
    f = 1 / (1 + np.exp(-z[:H]))
    c = f * c_prev + g
    return np.tanh(c), c, (x, h_prev, c_prev, f, g, c)

def cell_backward(dh, dc, cache, Wx, Wh):
    x, h_prev, c_prev, f, g, c = cache
    dc = dc + dh * (1 - np.tanh(c) ** 2)
    dz = np.concatenate([dc * {before} * f * (1 - f), dc * (1 - g ** 2)])
    return Wx.T @ dz, Wh.T @ dz, dc * f, np.outer(dz, x), np.outer(dz, h_prev), dz

def bptt(x, Wx, Wh, b, dh):
    h = c = np.zeros(Wh.shape[1])
    kept = []
    for step in x:
        h, c, cache = cell_forward(step, h, c, Wx, Wh, b)
        kept.append(cache)
    g = {"Wx": np.zeros_like(Wx), "Wh": np.zeros_like(Wh), "b": np.zeros_like(b)}
    dc = np.zeros_like(dh)
    for cache in reversed(kept):
        _, dh, dc, dWx, dWh, db = cell_backward(dh, dc, cache, Wx, Wh)
        g["Wx"] += dWx
        g["Wh"] += dWh
        g["b"] += db
    return g
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("before", "is_wrong"), [("c_prev", False), ("c", True)])
def test_two_states_have_one_shape_and_sums_of_gradients_climb_nowhere(
    before: str, is_wrong: bool, tmp_path: Path
) -> None:
    (tmp_path / "cell.py").write_text(TWO_STATES.replace("{before}", before))
    units = {unit.name: unit for unit in recognise(read(tmp_path / "cell.py")).units}
    unit = units["cell_forward/cell_backward"]
    assert {unit.example[0][name].ndim for name in ("h_prev", "c_prev") if name in unit.example[0]} == {1}
    assert unit.faults == ()
    assert (judge_unit(unit, examples=12).verdict is Verdict.DISAGREE) == is_wrong


@pytest.mark.thorough
def test_states_that_are_made_up_have_one_shape(tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(TWO_STATES[: TWO_STATES.index("def bptt")].replace("{before}", "c_prev"))
    (unit,) = recognise(read(tmp_path / "cell.py")).units
    arguments = unit.subject.replay.entry.arguments
    assert {arguments[name].ndim for name in ("h_prev", "c_prev")} == {1}
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE


RETURNED = """
import numpy as np
class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, d):
        self.dw, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.w.T
class Net:
    def __init__(self, n, m, k):
        self.params = {"w1": np.random.randn(n, m), "b1": np.zeros(m), "w2": np.random.randn(m, k), "b2": np.zeros(k)}
        self.layers = [Layer(self.params["w1"], self.params["b1"]), Layer(self.params["w2"], self.params["b2"])]
    def loss(self, x, t):
        for layer in self.layers:
            x = layer.forward(x)
        self.off = x - t
        return np.mean(self.off ** 2) / 2
    def gradient(self, x, t):
        self.loss(x, t)
        d = self.off / self.off.size
        for layer in reversed(self.layers):
            d = layer.backward(d)
        one, two = self.layers
        return {"w1": one.dw, "b1": %s.db, "w2": two.dw, "b2": two.db}
"""


@pytest.mark.parametrize(("of", "is_right"), [("one", True), ("two", False)])
def test_what_is_returned_for_a_parameter_is_its_gradient_whatever_a_layer_keeps(of: str, is_right: bool) -> None:
    (unit,) = recognise(read_text(RETURNED % of, "utf-8", Path("x.py"))).units
    report = judge_unit(unit, examples=4)
    assert (report.verdict is Verdict.AGREE) is is_right
    if not is_right:
        assert report.error is not None
        assert "shape" in str(report.error["message"])
