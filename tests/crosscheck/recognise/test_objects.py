"""Functions that are handed a model are given one, and calls that begin with what is no number are passed over."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.guesses import LIST, VALUE, Key
from crosscheck.recognise.hooks import Entry, fullest
from crosscheck.recognise.objects import objects_of
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.replay import used_names
from crosscheck.recognise.slots import Asked, first_guess
from crosscheck.recognise.styles import STYLES
from crosscheck.source import read

MODEL = """import numpy as np

class Net:
    def __init__(self, n_in, n_hid):
        self.W = np.random.randn(n_hid, n_in) * 0.5
        self.v = np.random.randn(n_hid) * 0.5

    def hidden(self, x):
        return np.tanh(self.W @ x)


class Other:
    def __init__(self, size):
        self.W = np.zeros(size)


def loss(net, x, t):
    return 0.5 * ((net.v @ net.hidden(x) - t) ** 2).sum()


def gradients(net, x, t):
    h = net.hidden(x)
    e = net.v @ h - t
    dh = np.outer(net.v, e) * (1 - h ** 2)
    return {"W": dh @ x.T, "v": h @ e}
"""


@pytest.mark.parametrize("edit", [("", ""), ("(1 - h ** 2)", "(1 - h)")], ids=["right", "wrong"])
def test_a_function_is_given_the_model_that_it_asks_for(tmp_path: Path, edit: tuple[str, str]) -> None:
    path = tmp_path / "model.py"
    path.write_text(MODEL.replace(*edit) if edit[0] else MODEL)
    found = recognise(read(path), function="gradients")
    assert [unit.name for unit in found.units] == ["gradients"]
    unit = found.units[0]
    assert set(unit.names) == {"W", "v"}
    parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
    moved = {name: array.copy() for name, array in parameters.items()}
    moved["W"][1, 2] += 1e-6
    outcome = unit.subject(parameters, data)
    slope = (float(unit.subject(moved, data).loss) - float(outcome.loss)) / 1e-6
    assert (abs(slope - outcome.gradients["W"][1, 2]) < 1e-4) == (not edit[0])


def test_only_attributes_that_no_array_has_tell_an_object() -> None:
    tree = ast.parse(
        MODEL + "def f(net, a, b):\n    return g(net) + a.W + b.shape\ndef g(m):\n    return m.hidden(1)\n"
    )
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(tree, "model", "exec"), names)
    nodes = functions_of(tree)
    # Of `a` either class has what is read; of `b` every array.
    assert objects_of(nodes["f"], names, nodes) == {"net": names["Net"]}


def test_calls_that_begin_with_no_numbers_are_passed_over() -> None:
    entries = [Entry("f", {"w": np.array([value])}, {}, {}, finished=True) for value in (1.0, 2.0, np.nan)]
    assert fullest(entries) is entries[1]
    assert fullest(entries[2:]) is entries[2]


@pytest.mark.parametrize(("rows", "kind"), [("p[y]", VALUE), ("np.eye(4)[y]", LIST), ("p[np.arange(3), y]", LIST)])
def test_a_sequence_has_one_label_where_nothing_else_is_indexed(rows: str, kind: str) -> None:
    tree = ast.parse(f"def f(sent, y):\n    for w in sent:\n        E[w] += 1\n    return {rows}\n")
    node = functions_of(tree)["f"]
    guess = first_guess([Asked("f", node, ("sent", "y"), "")], {"f": node}, STYLES[0])
    assert guess.slots[Key("f", "y")].kind == kind


def test_an_attribute_is_no_global_of_its_name() -> None:
    names: dict[str, Any] = {"W": 1.0, "V": 2.0}
    exec("def moved(model, rate):\n    model.W -= rate * V\n    return [model.W for _ in range(2)]", names)
    assert used_names(names, [names["moved"]]) == {"V"}
