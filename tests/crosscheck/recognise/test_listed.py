"""Programs that keep their numbers in plain lists and single floats are judged like those with arrays."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.copying import copied
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.listed import as_listed, keeps_lists, moved_entries, stands_for_list
from crosscheck.recognise.seeing import seen
from crosscheck.recognise.step_factors import gradient_pairs
from crosscheck.recognise.training import trains_by_calls
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAYERS_OF_DICTS = """
from math import exp
from random import seed, uniform

def squash(z):
    return 1.0 / (1.0 + exp(-z))

def forward(net, row):
    values = row
    for layer in net:
        nxt = []
        for unit in layer:
            z = unit['w'][-1]
            for k in range(len(unit['w']) - 1):
                z += unit['w'][k] * values[k]
            unit['out'] = squash(z)
            nxt.append(unit['out'])
        values = nxt
    return values

def backward(net, wanted):
    for depth in reversed(range(len(net))):
        for j, unit in enumerate(net[depth]):
            if depth == len(net) - 1:
                off = wanted[j] - unit['out']
            else:
                off = {hidden}
            unit['delta'] = off * unit['out'] * (1.0 - unit['out'])

def learn(net, row, rate):
    for depth in range(len(net)):
        values = row[:-1] if depth == 0 else [unit['out'] for unit in net[depth - 1]]
        for unit in net[depth]:
            for k in range(len(values)):
                unit['w'][k] += rate * unit['delta'] * values[k]
            unit['w'][-1] += rate * unit['delta']

def train(net, rows, rate, epochs):
    for epoch in range(epochs):
        total = 0
        for row in rows:
            got = forward(net, row)
            wanted = [0, 0]
            wanted[row[-1]] = 1
            total += sum((wanted[i] - got[i]) ** 2 for i in range(2))
            backward(net, wanted)
            learn(net, row, rate)
        print(epoch, total)

seed(4)
rows = [[0.4, 1.3, 0], [1.1, 0.2, 1], [0.3, 0.9, 0], [1.4, 0.1, 1]]
net = [[{'w': [uniform(-1, 1) for _ in range(3)]} for _ in range(2)],
       [{'w': [uniform(-1, 1) for _ in range(3)]} for _ in range(2)]]
train(net, rows, 0.4, 5)
"""
CARRIED = "sum(up['w'][j] * up['delta'] for up in net[depth + 1])"


def verdict_of(code: str, folder: Path) -> tuple[Verdict | None, tuple[str, ...]]:
    path = folder / "program.py"
    path.write_text(code, encoding="utf-8")
    units = recognise(read(path)).units
    if not units:
        return None, ()
    (unit,) = units
    return judge_unit(unit, examples=8).verdict, unit.assumptions


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("hidden", "verdict"),
    [(CARRIED, Verdict.AGREE), (CARRIED.replace("] * up", "] + up"), Verdict.DISAGREE)],
)
def test_layers_of_dictionaries(hidden: str, verdict: Verdict, tmp_path: Path) -> None:
    code = LAYERS_OF_DICTS.replace("{hidden}", hidden)
    found, stated = verdict_of(code, tmp_path)
    assert found is verdict
    assert any("the squared error of got against wanted" in words for words in stated)


COEFFICIENTS = """
import math

def estimate(row, coef):
    z = coef[0]
    for i in range(len(row) - 1):
        z += coef[i + 1] * row[i]
    return 1.0 / (1.0 + math.exp(-z))

def fit(rows, rate, epochs):
    coef = [0.0] * 3
    for epoch in range(epochs):
        for row in rows:
            p = estimate(row, coef)
            coef[0] = coef[0] - rate * {step}
            for i in range(2):
                coef[i + 1] = coef[i + 1] - rate * (p - row[-1]) * row[i]
    return coef

print(fit([[0.5, 1.5, 1], [1.5, 0.3, 0], [0.7, 1.1, 1], [0.2, 0.4, 0]], 0.2, 9))
"""


@pytest.mark.parametrize(("step", "verdict"), [("(p - row[-1])", Verdict.AGREE), ("p", Verdict.DISAGREE)])
def test_coefficients_by_cross_entropy(step: str, verdict: Verdict, tmp_path: Path) -> None:
    found, stated = verdict_of(COEFFICIENTS.replace("{step}", step), tmp_path)
    assert found is verdict
    assert any("binary cross-entropy" in words for words in stated)


INERTIA = """
import math

class Net:
    def __init__(self):
        self.seen = [1.0] * 3
        self.hidden = [1.0] * 2
        self.inner = [[0.1, -0.3], [0.2, 0.5], [-0.4, 0.6]]
        self.outer = [0.3, -0.2]
        self.before = [0.0] * 2

    def forward(self, row):
        for i in range(2):
            self.seen[i] = row[i]
        for j in range(2):
            self.hidden[j] = math.tanh(sum(self.seen[i] * self.inner[i][j] for i in range(3)))
        self.out = sum(self.hidden[j] * self.outer[j] for j in range(2))

    def backward(self, wanted, N, M):
        off = wanted - self.out
        deltas = [off * self.outer[j] * (1 - self.hidden[j] ** 2) for j in range(2)]
        for j in range(2):
            change = off * self.hidden[j]
            self.outer[j] = self.outer[j] + N * change + M * self.before[j]
            self.before[j] = change
            for i in range(3):
                self.inner[i][j] = self.inner[i][j] + N * deltas[j] * {value}
        return 0.5 * off ** 2

    def train(self, rows, N=0.3, M=0.1, turns=100000):
        for turn in range(turns):
            error = 0.0
            for row in rows:
                self.forward(row[0])
                error = error + self.backward(row[1], N, M)

Net().train([[[0.1, 0.9], 0.2], [[0.8, 0.3], 0.7], [[0.4, 0.4], 0.1]])
"""


@pytest.mark.parametrize(("value", "verdict"), [("self.seen[i]", Verdict.AGREE), ("self.seen[j]", Verdict.DISAGREE)])
def test_steps_with_inertia_of_a_training_that_takes_long(value: str, verdict: Verdict, tmp_path: Path) -> None:
    found, stated = verdict_of(INERTIA.replace("{value}", value), tmp_path)
    assert found is verdict
    assert any("only the steps" in words for words in stated)


UNITS_AS_OBJECTS = """
class Unit:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def fire(self, taken):
        self.taken = taken
        self.out = sum(w * x for w, x in zip(self.w, taken)) + self.b
        return self.out

class Net:
    def __init__(self):
        self.units = [Unit([0.3, -0.4], 0.1), Unit([0.2, 0.5], -0.2)]

    def forward(self, row):
        return [unit.fire(row) for unit in self.units]

    def backward(self, wanted):
        for j, unit in enumerate(self.units):
            unit.delta = {delta}

    def update(self, rate):
        for unit in self.units:
            for k in range(len(unit.w)):
                unit.w[k] += rate * unit.delta * unit.taken[k]
            unit.b += rate * unit.delta

    def train(self, rows, rate=0.1):
        for row, wanted in rows:
            got = self.forward(row)
            self.backward(wanted)
            self.update(rate)

Net().train([([0.1, 0.9], [0.2, 0.4]), ([0.8, 0.3], [0.7, 0.1]), ([0.4, 0.4], [0.1, 0.6])])
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("delta", "verdict"),
    [("wanted[j] - unit.out", Verdict.AGREE), ("wanted[j] - unit.out * (1 + 0.5 * j)", Verdict.DISAGREE)],
)
def test_a_factor_of_a_step_is_not_taken_for_the_gradient(delta: str, verdict: Verdict, tmp_path: Path) -> None:
    found, _ = verdict_of(UNITS_AS_OBJECTS.replace("{delta}", delta), tmp_path)
    assert found is verdict


SINGLE_NUMBERS = """
class Line:
    def __init__(self):
        self.slope, self.offset = 0.3, 0.1

    def train(self, points):
        rate = 0.05
        for x, y in points:
            guess = self.slope
            guess *= x
            guess += self.offset
            off = guess - y
            self.slope -= rate * off * x
            self.offset -= rate * off

Line().train([(0.5, 1.0), (1.5, 2.0), (0.7, 1.1)])
"""


def test_single_numbers_do_not_change_under_another_name(tmp_path: Path) -> None:
    found, _ = verdict_of(SINGLE_NUMBERS, tmp_path)
    assert found is Verdict.AGREE


def test_lists_are_arrays_and_lists_again() -> None:
    row = [0.5, 2.0, 1]
    held = {"table": [row, [0.1, 0.2, 0], [0.3, 0.4, 1]], "row": row, "names": ["a"], "counts": [1, 2]}
    copy = copied(held, {})
    as_listed([copy], [], {})
    assert stands_for_list(copy["table"])
    assert copy["table"].shape == (3, 3)
    assert copy["row"].labels == {2: (0, 1)}
    assert not stands_for_list(copy["counts"])
    assert copy["names"] == ["a"]
    assert {name: copied(value, {}) for name, value in copy.items()} == held
    back = copied(copy["row"], {id(copy["row"]): np.array([0.25, 0.75, 0.123])})
    assert back[:2] == [0.25, 0.75]
    assert back[2] in (0, 1)
    assert isinstance(back[2], int)
    rounded = copied(copy["row"], {id(copy["row"]): np.array([0.25, 0.75, 1 - 1e-15])})
    assert rounded == [0.25, 0.75, 1]


def test_rows_that_two_lists_share_stay_shared() -> None:
    row = [0.5, 0.25]
    copy = copied({"all": [row, [1.5, 2.5]], "first": [row]}, {})
    as_listed([copy], [], {})
    assert copy["all"][0] is copy["first"][0]
    again = copied(copy, {})
    assert again["all"][0] is again["first"][0] == row


def test_what_is_left_behind_is_seen_as_arrays() -> None:
    found = seen({"steps": [[0.5, 1.0], [0.25, 2]], "words": ["x"], "ragged": [[0.5], [1.0, 2.0]], "counts": [1, 2]})
    assert isinstance(found["steps"], np.ndarray)
    assert found["steps"].shape == (2, 2)
    assert found["ragged"][1].tolist() == [1.0, 2.0]
    assert found["words"] == ["x"]
    assert found["counts"] == [1, 2]


def test_factors_of_the_steps_of_entries_are_no_gradients() -> None:
    tree = ast.parse("w[k] += rate * delta * x[k]\nb += rate * delta\nv[k] -= rate * dv[k] * scale[k]")
    assert gradient_pairs(tree) == {("w", "rate"), ("b", "rate"), ("b", "delta"), ("v", "rate"), ("v", "dv")}


def test_which_modules_keep_lists() -> None:
    assert keeps_lists(ast.parse("import math\nw = [0.5]"))
    assert not keeps_lists(ast.parse("import numpy as np\nlosses = []\nlosses.append(0.5)"))
    moving = ast.parse("import numpy as np\nfor i in r:\n    w[i] = w[i] - 0.1 * g[i]")
    assert keeps_lists(moving)
    assert moved_entries(moving) == {"w"}


@pytest.mark.parametrize(
    ("loop", "trains"),
    [
        ("for row in rows: learn(net, row)", True),
        ("while True: learn(net, rows[0])", True),
        ("for layer in net: learn(layer, row)", False),
        ("for row in rows: look(net, row)", False),
    ],
)
def test_what_moves_the_same_weights_in_every_turn_trains(loop: str, trains: bool) -> None:
    nodes = {node.name: node for node in ast.parse(MOVING).body if isinstance(node, ast.FunctionDef)}
    assert trains_by_calls(ast.parse(f"def run(net, rows):\n    {loop}").body[0], nodes) is trains


MOVING = """
def learn(units, row):
    for unit in units:
        for k in range(2):
            unit['w'][k] -= 0.1 * row[k]

def look(units, row):
    z = [0.0]
    for unit in units:
        z[0] += unit['w'][0] * row[0]
"""
