"""What has a gradient in someone's file is found, called with other numbers, and judged."""

import ast
import importlib.util
from pathlib import Path
from typing import Any

import pytest

import crosscheck
from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import looks_like_backward
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.training_loops import trains
from crosscheck.source import read

spec = importlib.util.spec_from_file_location("recognised_programs", Path(__file__).with_name("programs.py"))
assert spec is not None
assert spec.loader is not None
programs: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(programs)


def found_in(folder: Path, source: str) -> Any:
    path = folder / "program.py"
    path.write_text(source)
    return recognise(read(path))


def verdicts(unit: Any) -> dict[str, str]:
    return {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=12).tallies}


@pytest.mark.parametrize(
    ("source", "name", "gradients"),
    [
        (programs.CHARACTERS, "lossFun", {"Wxh": "dWxh", "Whh": "dWhh", "Why": "dWhy", "bh": "dbh", "by": "dby"}),
        (programs.PAIR, "affine_forward/affine_backward", {"x": "dx", "W": "dW", "b": "db"}),
        (programs.LOOP, "the loop in line 5", {"W1": "g_W1", "W2": "g_W2"}),
        (programs.METHOD, "Net.step", {"W": "dW", "b": "db"}),
    ],
    ids=["globals", "pair", "loop", "method"],
)
def test_a_right_gradient_is_found_and_agrees(
    tmp_path: Path, source: str, name: str, gradients: dict[str, str]
) -> None:
    found = found_in(tmp_path, source)
    assert found.skipped == []
    (unit,) = found.units
    assert unit.name == name
    assert dict(unit.names) == gradients
    assert set(verdicts(unit).values()) == {"agree"}


@pytest.mark.parametrize(
    ("source", "right", "wrong", "blamed"),
    [
        (programs.CHARACTERS, "dhnext = Whh.T", "dhnext = Whh", {"Wxh", "Whh", "bh"}),
        (programs.CHARACTERS, "dWhh += dz.dot(hs[t-1].T)", "dWhh += dz.dot(hs[t].T)", {"Whh"}),
        (programs.PAIR, "dout.sum(axis=0)", "dout.mean(axis=0)", {"b"}),
        (programs.LOOP, "(1 - h ** 2)", "(1 - h) ** 2", {"W1"}),
        (programs.METHOD, "2 * (h - y)", "(h - y)", {"W", "b"}),
    ],
)
def test_a_wrong_gradient_is_blamed_on_its_parameters(
    tmp_path: Path, source: str, right: str, wrong: str, blamed: set[str]
) -> None:
    assert right in source
    (unit,) = found_in(tmp_path, source.replace(right, wrong)).units
    assert {name for name, verdict in verdicts(unit).items() if verdict == "disagree"} == blamed


def test_the_clip_is_no_part_of_the_gradient(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, programs.CHARACTERS.replace("-5, 5", "-1e-3, 1e-3")).units
    assert set(verdicts(unit).values()) == {"agree"}


def test_a_clip_inside_the_time_loop_is(tmp_path: Path) -> None:
    clipped = programs.CHARACTERS.replace("dhnext = Whh.T.dot(dz)", "dhnext = np.clip(Whh.T.dot(dz), -1e-3, 1e-3)")
    (unit,) = found_in(tmp_path, clipped).units
    assert verdicts(unit)["Whh"] == "disagree"


def test_gradients_that_nobody_empties_are_a_warning(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, programs.METHOD).units
    report = judge_unit(unit, examples=4)
    assert [(f.code, str(f.severity)) for f in report.findings] == [("accumulates", "warning")]


def test_only_the_backward_pass_may_be_edited(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, programs.CHARACTERS).units
    lines = unit.document.code.split("\n")
    editable = {lines[line - 1].strip() for line in unit.editable}
    assert "dWhh += dz.dot(hs[t-1].T)" in editable
    assert not any(text.startswith(("hs[t] =", "loss +=", "xs[t]")) for text in editable)


@pytest.mark.thorough
def test_an_edited_unit_is_judged_without_a_second_recognition(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, programs.CHARACTERS.replace("+ dhnext", "- dhnext")).units
    path = tmp_path / "mended.py"
    path.write_text(programs.CHARACTERS)
    assert verdicts(unit)["Whh"] == "disagree"
    assert set(verdicts(unit.rebuilt(read(path))).values()) == {"agree"}
    assert verdicts(unit)["Whh"] == "disagree"


def test_what_looks_like_a_gradient_and_is_never_called_is_named(tmp_path: Path) -> None:
    found = found_in(tmp_path, "def backward(self, *args, **kwargs):\n    dW = frobnicate(args)\n    return dW\n")
    assert [one.function for one in found.skipped] == ["backward"]


NAMELESS = """
import numpy as np


def loss_and_gradients(parameters, x, y):
    h = np.tanh(x @ parameters["W"].T + parameters["b"])
    dz = (1 - h * h) * (h - y)
    return 0.5 * np.sum((h - y) ** 2), {"W": dz.T @ x, "b": dz.sum(axis=0)}


draw = np.random.default_rng(0).normal
print(loss_and_gradients({"W": draw(size=(3, 5)), "b": np.zeros(3)}, draw(size=(7, 5)), draw(size=(7, 3)))[0])
"""


@pytest.mark.parametrize("name", ["loss_and_gradients", "by_hand"])
@pytest.mark.parametrize(("gradient", "verdict"), [("(1 - h * h)", "agree"), ("(1 - h)", "disagree")])
def test_gradients_may_bear_the_names_of_their_parameters(
    tmp_path: Path, name: str, gradient: str, verdict: str
) -> None:
    source = NAMELESS.replace("(1 - h * h)", gradient).replace("loss_and_gradients", name)
    (unit,) = found_in(tmp_path, source).units
    assert verdicts(unit) == {"W": verdict, "b": verdict}


def test_parameters_that_were_moved_are_not_taken_for_gradients(tmp_path: Path) -> None:
    moved = NAMELESS.replace("loss_and_gradients", "by_hand").replace("dz.T @ x", 'parameters["W"] - dz.T @ x')
    assert found_in(tmp_path, moved).units == []


@pytest.mark.parametrize(
    ("name", "is_one"), [("rms_norm", True), ("layernorm", True), ("clip_by_global_norm", False), ("grad_norm", False)]
)
def test_a_layer_that_normalises_is_no_norm_of_gradients(name: str, is_one: bool) -> None:
    (node,) = ast.parse(f"def {name}(x):\n    dout = x\n    dz = dout\n    dW = dz\n    return dW").body
    assert isinstance(node, ast.FunctionDef)
    assert looks_like_backward(node) is is_one


TAKEN = "for w, dw, m in zip(ws, dws, ms):\n        m += dw * dw\n        w += -rate * dw"
CLIPPED = "for n in names:\n        grad = np.clip(grads[n], -5, 5)\n        w = ws[n]\n        w -= rate * grad"
COMPUTED = "for x in xs:\n        dw = x * w\n        w -= rate * dw"


@pytest.mark.parametrize(("loop", "is_training"), [(TAKEN, False), (CLIPPED, False), (COMPUTED, True)])
def test_a_loop_over_gradients_that_are_there_is_no_training(loop: str, is_training: bool) -> None:
    (node,) = ast.parse(f"def train(xs, rate):\n    {loop}").body
    assert isinstance(node, ast.FunctionDef)
    assert trains(node, set()) is is_training


NETWORK = """
import numpy as np

class Dense:
    def __init__(self, rows, columns):
        self.W, self.b = np.random.randn(rows, columns), np.zeros(columns)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.W.T

class Entropy:
    def forward(self, z, y):
        e = np.exp(z)
        self.p, self.y = e / e.sum(1, keepdims=True), y
        return -np.log(self.p[np.arange(len(y)), y]).sum()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.y)), self.y] -= 1
        return d

layer, head = Dense(3, 4), Entropy()
b = np.array([0, 3, 1, 1, 2])
for _ in range(99):
    loss = head.forward(layer.forward(np.random.randn(5, 3)), b)
    layer.backward(head.backward())
    layer.W -= 0.1 * layer.dW
    layer.b -= 0.1 * layer.db
"""


@pytest.mark.parametrize(("right", "wrong"), [("", ""), ("return d\n", "return d / 2\n"), ("dout.sum(0)", "dout[0]")])
def test_a_loss_without_arguments_has_its_forward_and_no_global_is_taken_for_a_bias(
    tmp_path: Path, right: str, wrong: str
) -> None:
    found = found_in(tmp_path, NETWORK.replace(right, wrong))
    assert found.skipped == []
    wrongly = {unit.name.partition(".")[0] for unit in found.units if "disagree" in verdicts(unit).values()}
    assert wrongly >= ({"Entropy"} if "d / 2" in wrong else {"Dense"} if wrong else set())
    assert bool(wrongly) is bool(wrong)


def test_a_list_of_gradients_is_paired_with_the_parameters_it_moves() -> None:
    moved = ast.parse("total, grads, h = cost(a, b, h)\nfor w, g, m in zip((A, B), grads, memory):\n    w -= rate * g")
    assert {("A", "grads[0]"), ("B", "grads[1]")} <= update_pairs(moved)
    assert ("A", "grads[1]") not in update_pairs(moved)


def test_a_gate_is_no_decay_of_a_velocity() -> None:
    assert ("v", "g") in update_pairs(ast.parse("v = mu * v - rate * g"))
    assert ("v", "g") in update_pairs(ast.parse("v = 0.9 * v - rate * g"))
    assert update_pairs(ast.parse("c = f * c + i * g")) == set()


def test_a_loose_name_is_no_gradient_of_another_variable() -> None:
    path = Path(crosscheck.__file__).parent / "learn/exercises/gradient_flow/solution.py"  # dh beside h, and bh
    assert recognise(read(path)).units == []


KEEPING = """
import numpy as np

class Scale:
    def __init__(self, gamma):
        self.gamma = gamma

    def forward(self, x):
        self.xn = x * x
        return self.gamma * self.xn

    def backward(self, dout):
        self.dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        return dxn * 2 * np.sqrt(self.xn)

layer = Scale(np.ones(3))
for _ in range(2):
    out = layer.forward(np.random.rand(5, 3))
    dx = layer.backward(np.random.randn(5, 3))
"""


def test_what_the_forward_writes_over_is_no_parameter_without_a_gradient(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, KEEPING).units
    assert unit.without == ()


PARTS = """
import numpy as np

class Part:
    def __init__(self, n, m):
        self.w = np.random.randn(m, n)
    def __call__(self, x):
        return np.tanh(self.w @ x)
    def back(self, d, x):
        self.dw = d @ x.T
        return self.w.T @ d

class Whole:
    def __init__(self):
        self.first, self.last = Part(3, 4), Part(4, 2)
    def run(self, x, t):
        a = self.first(x)
        b = self.last(a)
        loss = 0.5 * np.sum((b - t) ** 2)
        da = self.last.back((b - t) * (1 - b * b), a)
        self.first.back(da * (1 - a * a), x)
        return loss

net = Whole()
for turn in range(9):
    net.run(np.random.randn(3, 1), np.random.randn(2, 1))
    for part in (net.first, net.last):
        part.w -= 0.1 * part.dw
"""


def test_what_a_judged_gradient_goes_through_is_no_backward_pass_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "parts.py"
    path.write_text(PARTS)
    found = recognise(read(path))
    assert [unit.name for unit in found.units] == ["Whole.run"]  # `back` is handed the slope before tanh
    assert not found.skipped


MISMATCHED = """
import numpy as np

def scaled_tanh_forward(x, W):
    z = x @ W
    return np.tanh(z), (x, W)

def linear_backward(dz, cache):
    x, W = cache
    return dz @ W.T, x.T @ dz

x, W = np.random.randn(5, 3), np.random.randn(3, 4)
out, cache = scaled_tanh_forward(x, W)
dx, dW = linear_backward(np.random.randn(5, 4) * (1 - out ** 2), cache)
"""


def test_functions_of_other_names_are_no_pair_unless_a_gradient_is_right(tmp_path: Path) -> None:
    found = found_in(tmp_path, MISMATCHED)
    assert found.units == []
    assert [skipped.function for skipped in found.skipped] == ["linear_backward"]
    linear = MISMATCHED.replace("np.tanh(z), (x", "z, (x")
    assert [unit.name for unit in found_in(tmp_path, linear).units] == ["scaled_tanh_forward/linear_backward"]


RESIDUAL = """
import numpy as np

def block_forward(x, W):
    h = np.tanh(x @ W)
    return x + h @ W.T, (x, W, h)

def block_backward(dy, cache):
    x, W, h = cache
    dh = (dy @ W) * (1 - h * h)
    dx = dh @ W.T
    return dx + dy, x.T @ dh + dy.T @ h

x, W = np.random.randn(5, 3), np.random.randn(3, 4)
out, cache = block_forward(x, W)
dx, dW = block_backward(np.random.randn(5, 3), cache)
"""


def test_what_is_returned_is_the_gradient_where_a_part_of_it_bears_the_name(tmp_path: Path) -> None:
    source = RESIDUAL.replace("dx, dW = ", "back = ")
    assert set(verdicts(found_in(tmp_path, source).units[0]).items()) == {("W", "agree"), ("x", "agree")}
    (unit,) = found_in(tmp_path, source.replace("return dx + dy", "return dx")).units
    assert verdicts(unit) == {"W": "agree", "x": "disagree"}


HALF = """
import numpy as np

class Net:
    def __init__(self):
        self.W, self.V = np.random.randn(4, 3), np.random.randn(1, 4)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(self.W @ x)
        self.out = self.V @ self.h
        return self.out

    def loss(self, y):
        return 0.5 * float(np.sum((self.out - y) ** 2))

    def backward(self, y):
        dy = self.out - y
        grads = {"V": dy @ self.h.T, "b": dy, "W": (self.V.T @ dy) @ self.x.T, "U": dy * 2}
        return grads
"""


def test_no_unit_holds_the_gradient_of_a_target_alone(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, HALF).units
    assert verdicts(unit) == {"V": "agree", "W": "disagree"}


ATTENTION = """import numpy as np

rng = np.random.default_rng(0)
X, W, G = rng.normal(size=(5, 4)), rng.normal(size=(4, 4)), rng.normal(size=(5, 4))

def score_forward(X, W):
    a = np.tanh(X @ W)
    return a, {"X": X, "W": W, "a": a}

def score_backward(dout, cache):
    dz = dout * (1 - cache["a"] ** 2)
    return cache["X"].T @ dz, dz @ cache["W"].T

out, cache = score_forward(X, W)
dW, dX = score_backward(G, cache)
"""


def test_an_upstream_gradient_may_be_a_global(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, ATTENTION).units
    assert verdicts(unit) == {"W": "agree", "X": "agree"}
    (unit,) = found_in(tmp_path, ATTENTION.replace("1 - cache", "2 - cache")).units
    assert verdicts(unit) == {"W": "disagree", "X": "disagree"}


SQUARED = """import numpy as np

class Squared:
    def forward(self, y_true, y_pred):
        return np.mean((y_true - y_pred) ** 2)

    def backward(self, y_true, y_pred):
        return -2 * (y_true - y_pred) / y_true.size
"""


def test_the_gradient_of_a_loss_is_that_of_what_was_predicted(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, SQUARED).units
    assert verdicts(unit) == {"y_pred": "agree"}
    (unit,) = found_in(tmp_path, SQUARED.replace("-2", "2")).units
    assert verdicts(unit) == {"y_pred": "disagree"}


LAST_STATE = """
import numpy as np

def run(xs, h0, U, R):
    hs, h = [], h0
    for x in xs:
        h = np.tanh(x @ U + h @ R)
        hs.append(h)
    return np.array(hs), h, (xs, h0, hs, U, R)

def run_backward(dhs, dlast, cache):
    xs, h0, hs, U, R = cache
    dU, dR, dh = np.zeros_like(U), np.zeros_like(R), dlast
    for t in reversed(range(len(xs))):
        dz = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dU += xs[t].T @ dz
        dR += (hs[t - 1] if t else h0).T @ dz
        dh = dz @ R.T
    return dU, dR, dh

U, R = np.random.randn(3, 4), np.random.randn(4, 4)
hs, last, cache = run(np.random.randn(5, 2, 3), np.zeros((2, 4)), U, R)
run_backward(np.ones_like(hs), np.zeros((2, 4)), cache)
"""


def test_zeros_above_the_last_state_are_not_the_zeros_of_the_first(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, LAST_STATE).units
    assert verdicts(unit) == {"U": "agree", "R": "agree", "h0": "agree"}
