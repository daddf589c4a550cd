"""A loop that learns is told by what it does, not by what its variables are called."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.moving import factors_of_steps, moves_weights
from crosscheck.source import read
from crosscheck.verdicts import Verdict


@pytest.mark.parametrize(
    ("body", "learns"),
    [
        ("a = sig(np.dot(x, w)); w += np.dot(x.T, q)", True),
        ("a = sig(x.dot(w)); step = x.T.dot(q); w = w - 0.1 * step", True),
        ("a = np.tanh(self.w @ x); self.w -= r * np.outer(q, x)", True),
        ("a = np.tanh(net['w'] @ x); net['w'] -= r * q @ x.transpose()", True),
        ("h += 0.1 * (w @ h)", False),
        ("p = p + v; v = v - w @ p", False),
        ("a = x @ w; total += a.T @ a", False),
        ("a = x @ w; count += 1", False),
        ("w[k] += rate * off * x[k]", True),
        ("w[k] = w[k] - 0.01 * off * x[k]", True),
        ("place[k] += speed[k] * dt", False),
    ],
)
def test_weights_are_multiplied_by_and_moved(body: str, learns: bool) -> None:
    loop = ast.parse("for i in range(9):\n" + "".join(f"    {line}\n" for line in body.split("; ")))
    assert moves_weights(loop) is learns


PAIRS_OF_WORDS = """
import numpy as np

inner = np.random.randn(7, 4) * 0.1
outer = np.random.randn(7, 4) * 0.1

def move(table, rows, step):
    table[rows] = table[rows] - 0.05 * step

def pull(word, rows, labels):
    near = 1 / (1 + np.exp(-outer[rows] @ inner[word]))
    loss = -np.sum(labels * np.log(near) + (1 - labels) * np.log(1 - near))
    off = near - labels
    return loss, off @ outer[rows], {factor} * np.outer(off, inner[word])

for turn in range(5):
    rows = np.random.permutation(7)[:3]
    loss, towards, apart = pull(turn % 7, rows, np.array([1.0, 0.0, 0.0]))
    inner[turn % 7] -= 0.05 * towards
    {step}
"""
SCATTERED = "np.subtract.at(outer, rows, 0.05 * apart)"


@pytest.mark.parametrize(
    ("factor", "step", "verdict"),
    [
        (1, SCATTERED, Verdict.AGREE),
        (2, SCATTERED, Verdict.DISAGREE),
        (1, "move(outer, rows, apart)", Verdict.INCONCLUSIVE),
        (2, "move(outer, rows, apart)", Verdict.INCONCLUSIVE),
    ],
)
def test_what_a_turn_moves_is_judged_or_it_is_said_that_it_was_not(
    factor: int, step: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "words.py"
    path.write_text(PAIRS_OF_WORDS.format(factor=factor, step=step))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=6)
    assert report.verdict is verdict, report
    assert {tally.name for tally in report.tallies} == {"inner", "outer"}


@pytest.mark.parametrize("upstream", ["d", "g", "dout", "error"])
def test_a_layer_that_nothing_calls_is_judged_whatever_its_upstream_is_called(upstream: str, tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER.format(upstream=upstream))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is Verdict.AGREE


LAYER = """
import numpy as np

class Rectifier:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, {upstream}):
        return {upstream} * self.on
"""


ADAM = """
import numpy as np

class Net:
    def __init__(self, sizes):
        self.W = [np.random.randn(a, b) / a for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]
        self.m = [np.zeros_like(p) for p in self.W + self.b]
        self.v = [np.zeros_like(p) for p in self.W + self.b]
        self.t = 0

    def fit_once(self, x, y):
        hidden = np.tanh(x @ self.W[0] + self.b[0])
        off = hidden @ self.W[1] + self.b[1] - y
        inner = off @ self.W[1].T * (1 - hidden ** 2)
        gW = [x.T @ inner, hidden.T @ off]
        gb = [inner.sum(0), off.sum(0)]
        self.t += 1
        for j, (p, g) in enumerate(zip(self.W + self.b, gW + gb)):
            self.m[j] = 0.9 * self.m[j] + 0.1 * g
            self.v[j] = 0.999 * self.v[j] + 0.001 * g * g
            mean = self.m[j] / (1 - 0.9 ** self.t)
            p -= 0.01 * mean / (np.sqrt(self.v[j] / (1 - 0.999 ** self.t)) + 1e-8)
        return 0.5 * (off ** 2).sum()

net = Net([3, 5, 2])
for turn in range(3):
    net.fit_once(np.random.randn(4, 3), np.random.randn(4, 2))
"""


def test_what_comes_from_a_memory_is_no_gradient_however_small_it_is(tmp_path: Path) -> None:
    """The mean of the last bias, two numbers, is too little to be told to decay, and moves `p`, which is that bias."""
    path = tmp_path / "adam.py"
    path.write_text(ADAM)
    report = judge_unit(recognise(read(path)).units[0], examples=6)
    assert report.verdict is Verdict.AGREE, report
    assert {tally.name for tally in report.tallies} == {"W_0", "W_1", "b_0", "b_1"}


@pytest.mark.parametrize(("factor", "verdict"), [(1, Verdict.AGREE), (2, Verdict.DISAGREE)])
def test_a_number_that_moves_at_a_rate_is_a_parameter(factor: int, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(LINE.format(factor=factor))
    report = judge_unit(recognise(read(path)).units[0], examples=6)
    assert report.verdict is verdict, report
    assert {tally.name for tally in report.tallies} == {"slope", "shift"}


LINE = """
import numpy as np

class Line:
    def __init__(self):
        self.slope = np.zeros(3)
        self.shift = 0.0

    def move(self, x, y, lr=0.1):
        off = x @ self.slope + self.shift - y
        loss = 0.5 * off ** 2
        self.shift -= {factor} * lr * off
        self.slope -= lr * off * x
        return loss

line = Line()
for turn in range(5):
    line.move(np.random.randn(3), 0.5)
"""


UNCALLED = """
import numpy as np

def squash(W, x):
    h = np.tanh(x @ W.T)
    dz = 2 * h * (1 - h * h)
    return (h * h).sum(), {"W": dz.T @ x}

def odd_one(W, x):
    h = np.tanh(x @ W.T)
    dz = 2 * h * (1 - h)
    return (h * h).sum(), {"W": dz.T @ x}

W = np.random.randn(3, 5)
for turn in range(3):
    loss, gradients = squash(W, np.random.randn(7, 5))
    W -= 0.1 * gradients["W"]
"""


def test_what_returns_gradients_by_names_is_judged_though_nothing_calls_it(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    path.write_text(UNCALLED)
    verdicts = {unit.name: judge_unit(unit, examples=6).verdict for unit in recognise(read(path)).units}
    assert verdicts == {"squash": Verdict.AGREE, "odd_one": Verdict.DISAGREE}


ONE_ALONE = """
import numpy as np

class Softmax:
    def forward(self, z):
        self.e = np.exp(z)
        return self.e / self.e.sum()

    def backward(self, dout):
        for i, d in enumerate(dout):
            if d == 0:
                continue
            total = self.e.sum()
            dz = -self.e[i] * self.e / total ** 2
            dz[i] = self.e[i] * (total - self.e[i]) / total ** 2
            return d * dz
"""


@pytest.mark.parametrize("slip", ["", " * 2"])
def test_a_backward_that_is_meant_for_one_gradient_alone_is_judged_by_one(tmp_path: Path, slip: str) -> None:
    path = tmp_path / "softmax.py"
    path.write_text(ONE_ALONE.replace("return d * dz", f"return d * dz{slip}"))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is (Verdict.DISAGREE if slip else Verdict.AGREE)


def test_a_factor_of_a_step_is_no_gradient_where_all_sizes_are_one() -> None:
    """What is judged in equal sizes alone has no shapes that tell a gradient from what it is made of."""
    tree = ast.parse("self.W += -1.0 * rate * self.x.T.dot(self.out_delta)\nself.b -= rate * db\n")
    assert {"x", "out_delta"} <= factors_of_steps(tree)
    assert "db" not in factors_of_steps(tree)
