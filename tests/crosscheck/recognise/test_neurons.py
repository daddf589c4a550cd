"""Networks of objects that hold a neuron each, losses that are called so in other languages, lists of unlike arrays."""

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.loss_samples import STENCIL, Sample
from crosscheck.recognise.naming import LOSS, LOSS_FUNCTION
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.results import differs
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.siblings import siblings_of
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NEURONS = """import numpy as np


class Cell:
    def __init__(self, n):
        self.w = np.random.randn(n)
        self.b = 0.0


class Sheet:
    def __init__(self, n, m):
        self.cells = [Cell(n) for _ in range(m)]

    def table(self):
        return np.array([cell.w for cell in self.cells]), np.array([cell.b for cell in self.cells])


class Net:
    def __init__(self, sizes):
        self.sheets = []
        for i in range(len(sizes) - 1):
            self.sheets.append(Sheet(sizes[i], sizes[i + 1]))

    def forward(self, x):
        values = [x]
        for number, sheet in enumerate(self.sheets):
            w, b = sheet.table()
            x = x @ w.T + b
            x = np.maximum(0, x) if number < len(self.sheets) - 1 else x
            values.append(x)
        return values

    def verlust(self, guess, wanted):
        return 0.5 * np.sum((guess - wanted) ** 2) / len(wanted)

    def backward(self, values, wanted):
        found = []
        back = (values[-1] - wanted) / len(wanted)
        for i in reversed(range(len(self.sheets))):
            found.append((values[i].T @ back, np.sum(back, axis=0, keepdims=True)))
            back = (back @ self.sheets[i].table()[0]) * (values[i] > 0)
        found.reverse()
        return found

    def train(self, x, wanted, rounds=100, rate=0.01):
        for turn in range(rounds):
            values = self.forward(x)
            verlust = self.verlust(values[-1], wanted)
            print(turn, verlust)
            found = self.backward(values, wanted)
            for i, sheet in enumerate(self.sheets):
                for j, cell in enumerate(sheet.cells):
                    cell.w -= rate * found[i][0][:, j]
                    cell.b -= rate * found[i][1][0, j]
"""


def _found(folder: Path, code: str) -> Recognition:
    path = folder / "net.py"
    path.write_text(code)
    return recognise(read(path))


@pytest.mark.thorough
@pytest.mark.parametrize(("edit", "wrong"), [(("", ""), ""), ((" * (values[i] > 0)", ""), "sheets_0")])
def test_each_neuron_is_judged_by_its_own_step(tmp_path: Path, edit: tuple[str, str], wrong: str) -> None:
    found = _found(tmp_path, NEURONS.replace(*edit) if edit[0] else NEURONS)
    (unit,) = found.units
    told = {name: is_right(claims) for name, claims in slopes(unit).items()}
    assert not found.skipped
    assert len(told) > 10
    assert {name for name, right in told.items() if not right} <= {name for name in told if wrong and wrong in name}
    assert all(told.values()) == (not wrong)


@pytest.mark.thorough
def test_a_forward_pass_may_return_arrays_of_several_shapes(tmp_path: Path) -> None:
    found = _found(tmp_path, NEURONS[: NEURONS.index("    def train")])
    assert not any("not understood" in skipped.reason for skipped in found.skipped)


def test_what_moves_by_a_column_of_something_is_not_moved_by_the_whole() -> None:
    moved = "cell.w -= rate * found[0][:, j]\nb = b - rate * g[0, :]\nw[:, j] -= rate * d[:, j]\nv -= rate * e[0]"
    pairs = update_pairs(ast.parse(moved))
    assert {word for word, _ in pairs} == {"w", "b", "v"}
    assert ("w", "found") not in pairs
    assert ("b", "g") not in pairs
    assert {("w", "d"), ("v", "e")} <= pairs


@pytest.mark.parametrize("name", ["perda", "custo_total", "coste", "valeur_perte", "verlust", "kayip", "koszt", "blad"])
def test_losses_are_known_in_other_languages(name: str) -> None:
    assert LOSS.search(name)


@pytest.mark.parametrize("name", ["custom", "blade", "cout", "property", "expert", "stratagem"])
def test_what_only_sounds_like_a_loss_is_none(name: str) -> None:
    assert not LOSS.search(name)
    assert bool(LOSS_FUNCTION.search(name)) == (name == "cout")


@pytest.mark.parametrize(("name", "is_one"), [("cout", True), ("custo", True), ("count", False)])
def test_the_loss_is_the_method_that_is_handed_the_same(name: str, is_one: bool) -> None:
    nodes = functions_of(
        ast.parse(f"class Net:\n  def {name}(self, x, label): ...\n  def calcul(self, x, label, rate): ...")
    )
    given = dict.fromkeys(("self", "x", "label", "rate"), 0)
    entry = SimpleNamespace(arguments=given, function="Net.calcul")
    replay: Any = SimpleNamespace(name="Net.calcul", roots=lambda: given, entry=entry, handed_on=frozenset)
    found = [sibling for sibling in siblings_of(replay, nodes, ()) if sibling.exact]
    assert [sibling.function for sibling in found] == [f"Net.{name}"] * is_one


def test_lists_of_unlike_arrays_are_compared_one_by_one() -> None:
    one, other = [np.ones(2), np.ones((3, 4))], [np.ones(2), np.zeros((3, 4))]
    assert differs(one, other)
    assert not differs(one, [np.ones(2), np.ones((3, 4))])
    assert differs(np.ones(2), one)
    assert differs({0: np.ones(2), 1: np.ones((3, 4))}, {0: np.ones(2), 1: np.ones((3, 5))})


@pytest.mark.parametrize(
    ("loss", "bends"),
    [
        (lambda x: 2 * max(0.0, x), True),
        (lambda x: 2 * max(0.0, x + 0.6), True),
        (lambda x: 0.1 * x + float(x > 1.5), False),
        (lambda x: float(x > 0), False),
        (lambda _: 0.0, False),
        (lambda x: 2 * max(0.0, x - 2.5), False),
    ],
)
def test_a_kink_within_reach_is_told_from_a_jump(loss: Callable[[float], float], bends: bool) -> None:
    sample: Any = SimpleNamespace(around={"w": [(float(n), -float(n)) for n, _ in STENCIL]})
    assert Sample.bends(sample, SimpleNamespace(read=loss), "w") == bends


LABELLED = """
import math, random

class Net:
    def __init__(self, n_inputs, n_hidden, n_outputs):
        self.n_outputs = n_outputs
        self.hidden = [{"w": [random.random() for _ in range(n_inputs + 1)]} for _ in range(n_hidden)]
        self.last = [{"w": [random.random() for _ in range(n_hidden + 1)]} for _ in range(n_outputs)]
        self.layers = [self.hidden, self.last]

    def forward(self, row):
        inputs = row
        for layer in self.layers:
            outputs = []
            for neuron in layer:
                total = neuron["w"][-1] + sum(w * x for w, x in zip(neuron["w"][:-1], inputs))
                neuron["out"] = 1 / (1 + math.exp(-total))
                outputs.append(neuron["out"])
            inputs = outputs
        return inputs

    def backward(self, expected):
        for neuron, target in zip(self.last, expected):
            neuron["delta"] = (target - neuron["out"]) * neuron["out"] * (1 - neuron["out"])
        for place, neuron in enumerate(self.hidden):
            error = sum(one["w"][place] * one["delta"] for one in self.last)
            neuron["delta"] = error * neuron["out"] * (1 - neuron["out"])

    def update(self, row, rate):
        for place in range(len(self.layers)):
            inputs = row[:-1]
{indent}    if place != 0:
{indent}        inputs = [neuron["out"] for neuron in self.layers[place - 1]]
{indent}    for neuron in self.layers[place]:
{indent}        for j in range(len(inputs)):
{indent}            neuron["w"][j] += rate * neuron["delta"] * inputs[j]
{indent}        neuron["w"][-1] += rate * neuron["delta"]

    def train(self, rows, rate, epochs):
        for epoch in range(epochs):
            for row in rows:
                self.forward(row)
                expected = [0] * self.n_outputs
                expected[row[-1]] = 1
                self.backward(expected)
                self.update(row, rate)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("indent", "verdict"), [(" " * 8, Verdict.AGREE), (" " * 4, Verdict.DISAGREE)])
def test_rows_end_in_a_label_and_neurons_of_a_layer_that_is_never_moved_are_wrong(verdicts, indent, verdict):
    """Nothing calls the class: rows with labels are made up, as long as the layer is told to have inputs."""
    assert verdicts(LABELLED.replace("{indent}", indent)) == [verdict]
