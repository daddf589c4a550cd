"""Functions are given the records that they ask for: what is done with the fields says what each of them is."""

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.argument_names import BIAS, is_matrix
from crosscheck.recognise.failures import failure_of
from crosscheck.recognise.fields import maker_of, uses_of_fields
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.slots import Asked, first_guess
from crosscheck.recognise.styles import STYLES
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import FILENAME
from crosscheck.source import read

ONE_EXAMPLE = """from dataclasses import dataclass
import numpy as np

@dataclass
class Brain:
    w_input_cells: np.ndarray
    b_hidden: np.ndarray
    w_hidden_guess: np.ndarray
    b_guess: float

def cost(guess: float, wish: float) -> float:
    return 0.5 * float((guess - wish) ** 2)

def forward_pass(signal: np.ndarray, brain: Brain) -> dict:
    act = np.tanh(brain.w_input_cells @ signal + brain.b_hidden)
    guess = float(act @ brain.w_hidden_guess + brain.b_guess)
    return {"signal": signal, "act": act, "guess": guess}

def backward_step(cache: dict, target: float, brain: Brain, eta: float):
    signal, act = cache["signal"], cache["act"]
    off = float(cache["guess"]) - target
    grad_w_hidden_guess = act * off
    d_hidden = brain.w_hidden_guess * off * (1 - act ** 2)
    grad_w_input_cells = np.outer(d_hidden, signal)
    moved = Brain(
        w_input_cells=brain.w_input_cells - eta * grad_w_input_cells,
        b_hidden=brain.b_hidden - eta * d_hidden,
        w_hidden_guess=brain.w_hidden_guess - eta * grad_w_hidden_guess,
        b_guess=float(brain.b_guess - eta * off),
    )
    return moved, {
        "grad_w_input_cells": grad_w_input_cells,
        "grad_b_hidden": d_hidden,
        "grad_w_hidden_guess": grad_w_hidden_guess,
        "grad_b_guess": off,
    }
"""
KEPT = """from typing import NamedTuple, Optional
import numpy as np

class Kept(NamedTuple):
    x: np.ndarray
    z: np.ndarray

class Pair(NamedTuple):
    first: np.ndarray
    second: np.ndarray

def walk(pair: Pair, x):
    z = pair.first @ x
    return pair.second @ np.maximum(z, 0), Kept(x, z)

def back(pair: Pair, kept: "Optional[Kept]", d_out):
    d_z = (pair.second.T @ d_out) * (kept.z > 0)
    d_first = np.outer(d_z, kept.x)
    d_second = np.outer(d_out, np.maximum(kept.z, 0))
    return d_first, d_second, pair.first.T @ d_z
"""
BOTH_WAYS = """from typing import NamedTuple
import numpy as np

class Rows(NamedTuple):
    near: np.ndarray
    far: np.ndarray

class Columns(NamedTuple):
    far: np.ndarray
    near: np.ndarray

class Begun(NamedTuple):
    x: np.ndarray
    h: np.ndarray

class Ended(NamedTuple):
    h: np.ndarray
    x: np.ndarray

def walk(rows: Rows, x):
    h = np.tanh(rows.near @ x)
    return rows.far @ h, Begun(x, h), Ended(h, x)

def walk_backward(d_out, one: Ended, rows: Rows, other: Begun):
    d_z = (rows.far.T @ d_out) * (1 - one.h ** 2)
    d_near = np.outer(d_z, other.x)
    d_far = np.outer(d_out, one.h)
    return d_near, d_far, rows.near.T @ d_z
"""
SETTINGS = """from __future__ import annotations
from dataclasses import dataclass, field
import numpy as np

@dataclass
class Settings:
    inputs: int
    hidden: int
    outputs: int
    tags: list = field(default_factory=list)

class Layers:
    def __init__(self, settings: Settings):
        s = settings
        self.W = np.random.randn(s.inputs, s.hidden) * 0.3
        self.V = np.random.randn(s.hidden, s.outputs) * 0.3

    def forward(self, X):
        self.X, self.H = X, np.tanh(X @ self.W)
        return self.H @ self.V

    def backward(self, dout):
        self.dV = self.H.T @ dout
        dH = dout @ self.V.T * (1 - self.H ** 2)
        self.dW = self.X.T @ dH
        return dH @ self.W.T
"""


def _unit(folder: Path, source: str, *edit: str) -> Unit:
    path = folder / "record.py"
    path.write_text(source.replace(*edit) if edit else source)
    (unit,) = recognise(read(path)).units
    return unit


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("source", "slip", "names"),
    [
        (ONE_EXAMPLE, ("np.outer(d_hidden,", "np.outer(brain.w_hidden_guess * off,"), {"w_input_cells"}),
        (KEPT, ("np.outer(d_z, kept.x)", "np.outer(pair.second.T @ d_out, kept.x)"), {"first"}),
        (BOTH_WAYS, ("* (1 - one.h ** 2)", "* (1 - one.h)"), {"near", "x"}),
        (SETTINGS, ("return dH @", "return dH * self.H @"), {"X"}),
        (SETTINGS.replace(": Settings", ""), ("return dH @", "return dH * self.H @"), {"X"}),
    ],
    ids=["one example", "a cache", "records of the same fields", "settings", "settings by another name"],
)
def test_records_are_made_up_field_by_field(
    tmp_path: Path, source: str, slip: tuple[str, str], names: set[str]
) -> None:
    unit = _unit(tmp_path, source)
    assert len(unit.names) >= 3
    assert all(map(is_right, slopes(unit).values()))
    wrong = {name for name, claims in slopes(_unit(tmp_path, source, *slip)).items() if not is_right(claims)}
    assert wrong, "the slip was not seen"
    assert wrong <= names


@pytest.mark.thorough
def test_no_field_hides_a_transpose_behind_equal_sizes(tmp_path: Path) -> None:
    parameters, _ = _unit(tmp_path, ONE_EXAMPLE).example
    hidden, inputs = np.shape(parameters["w_input_cells"])
    assert 1 < hidden != inputs > 1


def test_what_is_done_with_fields_and_said_of_them_is_known() -> None:
    tree = ast.parse(ONE_EXAMPLE)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(tree, "one.py", "exec"), names)
    nodes = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    kind = names["Brain"]
    uses = uses_of_fields(kind, maker_of(kind, ["w_hidden_guess", "b_guess"], tree), names, nodes)
    assert uses.arrays == {"w_input_cells", "w_hidden_guess"}
    assert uses.numbers == {"b_guess"}


def test_a_failure_tells_which_fields_were_in_sight() -> None:
    code = "def product(pair, x):\n    return pair.inner.first @ x\n"
    pair, tree = SimpleNamespace(inner=SimpleNamespace(first=np.ones((2, 3)))), ast.parse(code)
    names: dict[str, Any] = {}
    exec(compile(tree, FILENAME, "exec"), names)
    key = Key("Pair", "first")
    with pytest.raises(ValueError, match="matmul") as caught:
        names["product"](pair, np.ones(4))
    assert failure_of(caught.value, tree, {key: pair.inner.first}).inside == [key]


def test_an_argument_that_is_said_to_be_one_number_is_one_unless_nothing_is_believed() -> None:
    node = ast.parse("def cost(guess: float, wish: 'float | None', row): return guess * wish @ row").body[0]
    assert isinstance(node, ast.FunctionDef)
    asked = Asked("cost", node, ("guess", "wish", "row"), "")
    believed, other = (first_guess([asked], {"cost": node}, STYLES[0], believing=b) for b in (True, False))
    shapes = [[guess.shape(Key("cost", name)) for name in ("guess", "wish", "row")] for guess in (believed, other)]
    assert shapes[0][:2] == [(), ()]
    assert () not in (*shapes[1], shapes[0][2])


@pytest.mark.parametrize(
    ("name", "is_a_matrix", "is_a_bias"),
    [
        ("w_input_hidden", True, False),
        ("W_hidden", True, False),
        ("b_hidden", False, True),
        ("b_output_gate", False, True),
        ("weather", False, False),
        ("batch", False, False),
    ],
)
def test_names_of_weights_say_between_which_layers_they_are(name: str, is_a_matrix: bool, is_a_bias: bool) -> None:
    assert (is_matrix(name), bool(BIAS.search(name))) == (is_a_matrix, is_a_bias)
