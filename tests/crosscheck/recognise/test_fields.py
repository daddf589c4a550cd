"""Functions are given the records that they ask for: what is done with the fields says what each of them is."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.unit import Unit
from crosscheck.source import read

ONE_EXAMPLE = """from dataclasses import dataclass
import numpy as np

@dataclass
class Brain:
    w_hidden_layer: np.ndarray
    b_hidden: np.ndarray
    w_output: np.ndarray
    b_output: float

def cost(guess: float, wish: float) -> float:
    return 0.5 * float((guess - wish) ** 2)

def forward_pass(signal: np.ndarray, brain: Brain) -> dict:
    act = np.tanh(brain.w_hidden_layer @ signal + brain.b_hidden)
    return {"signal": signal, "act": act, "guess": float(act @ brain.w_output + brain.b_output)}

def backward_pass(cache: dict, target: float, brain: Brain):
    off = cache["guess"] - target
    d_hidden = brain.w_output * off * (1 - cache["act"] ** 2)
    return {
        "grad_w_hidden_layer": np.outer(d_hidden, cache["signal"]),
        "grad_b_hidden": d_hidden,
        "grad_w_output": off * cache["act"],
        "grad_b_output": off,
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


@pytest.mark.parametrize(
    ("source", "slip", "names"),
    [
        (ONE_EXAMPLE, ("np.outer(d_hidden, cache", "np.outer(brain.w_output * off, cache"), {"w_hidden_layer"}),
        (KEPT, ("np.outer(d_z, kept.x)", "np.outer(pair.second.T @ d_out, kept.x)"), {"first"}),
        (SETTINGS, ("return dH @", "return dH * self.H @"), {"X"}),
    ],
    ids=["one example", "a cache", "settings"],
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


def test_no_field_hides_a_transpose_behind_equal_sizes(tmp_path: Path) -> None:
    parameters, _ = _unit(tmp_path, ONE_EXAMPLE).example
    hidden, inputs = np.shape(parameters["w_hidden_layer"])
    assert 1 < hidden != inputs > 1
