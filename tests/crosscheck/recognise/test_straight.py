"""Scripts without a function or a loop around their gradient: recognised, judged, and never passed over."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.straight import straightened
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SCRIPT = """
import numpy as np

def relu(z):
    return np.maximum(0, z)

def relu_backward(d, z):
    return d * (z > 0)

x = np.random.randn(5, 3)
V = np.random.randn(3, 4)
z = x @ V
h = relu(z)
print(h.shape)
W = np.random.randn(4, 2)
y = np.random.randn(5, 2)
out = h @ W
loss = 0.5 * np.sum((out - y) ** 2)

dout = out - y
dW = h.T @ dout
dh = dout @ W.T
dz = dh * (z > 0)
dV = x.T @ dz
W -= 0.1 * dW
V -= 0.1 * dV
"""
HELPERS = SCRIPT[: SCRIPT.index("x = ")]


def units_of(text):
    return recognise(read_text(text, "utf-8", Path("x.py")))


def script_in(text):
    (unit,) = [unit for unit in units_of(text).units if unit.name.startswith("the script")]
    return unit


def test_a_script_is_one_turn_and_starts_arrays_off_before_it():
    made = straightened(ast.parse(SCRIPT))
    (loop,) = [node for node in made.body if isinstance(node, ast.For)]
    turn = [ast.unparse(statement).partition(" ")[0] for statement in loop.body]
    assert turn[0] == "z"
    assert turn[-1] == "V"
    assert not {"W", "y", "x"} & set(turn[:-2])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [
        ("", "", Verdict.AGREE),
        ("dz = dh * (z > 0)", "dz = dh", Verdict.DISAGREE),
        ("W -= 0.1 * dW", "W += 0.1 * dW", Verdict.DISAGREE),
    ],
)
def test_a_script_is_judged_beside_its_helpers(right, wrong, verdict):
    assert right in SCRIPT
    report = judge_unit(script_in(SCRIPT.replace(right, wrong) if right else SCRIPT))
    assert report.verdict is verdict


def test_arrays_whose_sizes_have_names_are_started_off_all_the_same():
    named = SCRIPT.replace(
        "V = np.random.randn(3, 4)", "n = x.shape[1]\nhidden = 2 * 2\nV = np.random.randn(n, hidden)"
    )
    named = named.replace("W = np.random.randn(4, 2)", "W = np.random.randn(hidden, 2)")
    assert judge_unit(script_in(named), examples=4).verdict is Verdict.AGREE


ROWS = """
import numpy as np

xs, ys = np.random.randn(5, 3), np.random.randn(5, 2)
W, c = np.random.randn(2, 3), np.zeros(2)
out = [W @ x + c for x in xs]
loss = 0.5 * sum(np.sum((o - y) ** 2) for o, y in zip(out, ys))

delta = out[4] - ys[4]
dc = delta
dW = np.outer(delta, xs[4])

dW, dc = np.zeros_like(W), np.zeros_like(c)
for n in reversed(range(5)):
    delta = out[n] - ys[n]
    dc += delta
    dW += np.outer(delta, xs[n])
W -= 0.1 * dW
c -= 0.1 * dc
"""


def test_of_two_names_that_move_a_parameter_its_own_is_the_gradient():
    unit = script_in(ROWS)
    assert unit.names["c"] == "dc"
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


def test_a_script_that_cannot_be_judged_is_told_of():
    found = units_of(SCRIPT.replace("dout = out - y", "dout = mystery(out, y)"))
    assert [skipped.function for skipped in found.skipped if skipped.function.startswith("the script")]


@pytest.mark.parametrize(
    "text",
    [
        HELPERS,
        "import numpy as np\nW = np.zeros(3)\ndW = W * 2\nW -= dW\n",
        "import numpy as np\nW, b = np.zeros(3), np.zeros(3)\nfor t in range(9):\n    dW = db = W * b\n    W -= dW\n",
        "V, W = [[1.0]], [[2.0]]\nfor t in range(9):\n    e = y - V @ W\n    V += V @ e\n    W += W @ e\nV = [[3.0]]\n",
    ],
    ids=["no gradient", "one gradient", "a training loop", "a training loop without names"],
)
def test_what_is_no_straight_script_stays(text):
    tree = ast.parse(text)
    assert straightened(tree) is tree


FUNCTION = """
import numpy as np

def profiled(steps, size, hidden):
    x = np.random.randn(steps, size)
    goals = np.random.randn(steps, size)
    h = np.zeros((steps + 1, hidden))
    out = np.zeros((steps, size))
    Wx = np.random.randn(hidden, size)
    Wh = np.random.randn(hidden, hidden)
    Wo = np.random.randn(size, hidden)
    b = np.random.randn(hidden)
    for t in range(steps):
        h[t] = np.tanh(Wx @ x[t] + Wh @ h[t - 1] + b)
        out[t] = Wo @ h[t]
    loss = np.sum(0.5 * (out - goals) ** 2)
    dWx, dWh, dWo, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wo), np.zeros_like(b)
    carry = np.zeros(hidden)
    for t in reversed(range(steps)):
        dout = out[t] - goals[t]
        dWo += np.outer(dout, h[t])
        dh = Wo.T @ dout + carry
        dz = (1 - h[t] ** 2) * dh
        dWx += np.outer(dz, x[t])
        dWh += np.outer(dz, h[t - 1])
        db += dz
        carry = Wh.T @ dz
    return steps
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [("", "", Verdict.AGREE), ("carry = Wh.T @ dz", "carry = Wh @ dz", Verdict.DISAGREE)],
)
def test_a_function_that_makes_its_weights_and_goes_back_once_is_a_script_as_well(right, wrong, verdict):
    assert right in FUNCTION
    (unit,) = units_of(FUNCTION.replace(right, wrong) if right else FUNCTION).units
    assert unit.name == "profiled, the statements from line 13"
    assert set(unit.names) == {"Wx", "Wh", "Wo", "b"}
    assert judge_unit(unit).verdict is verdict


def test_a_function_that_is_handed_its_weights_is_left_as_it_is():
    made = [line for line in FUNCTION.splitlines() if line.startswith(("    W", "    b ="))]
    tree = ast.parse("\n".join(line for line in FUNCTION.splitlines() if line not in made))
    assert len(made) == 4
    assert straightened(tree) is tree


DEDENTED = """
import numpy as np
X = np.array([[2, 9], [1, 5], [3, 6]])
y = np.array([[0.92], [0.86], [0.89]])
lr = 0.1
V, b = np.random.uniform(size=(2, 4)), np.random.uniform(size=(1, 4))
W, c = np.random.uniform(size=(4, 1)), np.random.uniform(size=(1, 1))
for i in range(10000):
    z = X @ V + b
    hidden = 1 / (1 + np.exp(-z))
    s = hidden @ W + c
    out = 1 / (1 + np.exp(-s))

error = y - out
d_out = error * out * (1 - out)
d_hidden = (d_out @ W.T){slope}
W += hidden.T @ d_out * lr
c += np.sum(d_out, axis=0, keepdims=True) * lr
V += X.T @ d_hidden * lr
b += np.sum(d_hidden, axis=0, keepdims=True) * lr
"""


@pytest.mark.parametrize(
    ("slope", "verdict"), [(" * hidden * (1 - hidden)", Verdict.AGREE), (" * hidden", Verdict.DISAGREE)]
)
def test_what_stands_behind_a_loop_that_computes_the_same_every_turn_is_a_script(verdicts, slope, verdict):
    assert verdicts(DEDENTED.format(slope=slope)) == [verdict]
