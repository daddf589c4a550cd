"""A constructor is given the sizes of layers where it goes through neighbours of a list, whatever that is called."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.layer_sizes import Layers, layer_sizes
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

STACK = """import numpy as np


class Stack:
    def __init__(self, ARGUMENTS):
        self.widths = WIDTHS
        self.W = [np.random.randn(self.widths[i], self.widths[i + 1]) * 0.5 for i in range(COUNT)]

    def forward(self, x):
        self.seen = [x]
        for W in self.W:
            self.seen.append(np.tanh(self.seen[-1] @ W))
        return self.seen[-1]

    def backward(self, dout):
        self.dW = [None] * len(self.W)
        for i in reversed(range(len(self.W))):
            dout = dout * (1 - self.seen[i + 1] ** 2)
            self.dW[i] = self.seen[i].T @ dout
            dout = dout @ self.W[i].T
        return dout
"""
WAYS = (
    ("breiten", "breiten", "len(breiten) - 1"),
    ("schichten, breiten", "breiten", "schichten"),
    ("schichten, breiten", "breiten", "schichten - 1"),
    ("ein, breiten=(100, 50)", "[ein, *breiten]", "len(breiten)"),
)


@pytest.mark.parametrize(("arguments", "widths", "count"), WAYS)
@pytest.mark.parametrize("power", [2, 3])
def test_layers_are_told_by_what_is_made_of_their_sizes(
    tmp_path: Path, arguments: str, widths: str, count: str, power: int
) -> None:
    path = tmp_path / "stack.py"
    source = STACK.replace("ARGUMENTS", arguments).replace("WIDTHS", widths).replace("COUNT", count)
    path.write_text(source.replace("** 2", f"** {power}"))
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = found.units
    parameters, _ = unit.cases.build(unit.cases.draw(0, 0)).arguments
    weights = [value for name, value in parameters.items() if name.startswith("W")]
    assert len(weights) == 2
    assert max(np.shape(value)[0] for value in weights) < 20
    assert all(is_right(claims) for claims in slopes(unit).values()) == (power == 2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.w = [zeros(a[i], a[i + 1]) for i in range(len(a) - 1)]", {"a": Layers(0)}),
        ("self.w = [zeros(m, n) for m, n in zip(a[:-1], a[1:])]", {"a": Layers(0)}),
        ("self.w = [join(a[i].w, a[i + 1].w) for i in range(len(a) - 1)]", {}),
        ("self.w = [zeros(a[i]) for i in range(len(a))]", {}),
    ],
)
def test_only_numbers_that_follow_each_other_are_sizes_of_layers(body: str, expected: dict[str, Layers]) -> None:
    (node,) = ast.parse(f"def __init__(self, a): {body}").body
    assert isinstance(node, ast.FunctionDef)
    assert layer_sizes(node, {}, []) == expected
