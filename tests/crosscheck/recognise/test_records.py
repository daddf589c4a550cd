"""A constructor is given a record of data where its class reads attributes of what it is handed."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.records import records
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

FITTED = """import numpy as np


class Red:
    def __init__(self, muestras, oculta, paso=0.1):
        self.paso = paso
        self.datos = muestras
        self.W1 = np.random.randn(oculta, muestras.x.shape[0])
        self.W2 = np.random.randn(muestras.y.shape[0], oculta)

    def forward(self):
        self.H = np.tanh(np.dot(self.W1, self.datos.x))
        return np.dot(self.W2, self.H)

    def cost(self, out):
        return np.sum((out - self.datos.y) ** 2) / (2 * self.datos.m)

    def backward(self, out):
        X, Y, m = self.datos.x, self.datos.y, self.datos.m
        d = (out - Y) / m
        dW2 = np.dot(d, self.H.T)
        dW1 = np.dot(np.dot(self.W2.T, d) * (1 - self.H ** 2), X.T)
        return dW1, dW2

    def fit(self, rounds):
        for _ in range(rounds):
            out = self.forward()
            cost = self.cost(out)
            dW1, dW2 = self.backward(out)
            self.W1 -= self.paso * dW1
            self.W2 -= self.paso * dW2
        return cost
"""


@pytest.mark.parametrize(("power", "wrong"), [("** 2), X.T)", set()), ("** 3), X.T)", {"W1"})])
def test_data_in_a_record_are_made_up(tmp_path: Path, power: str, wrong: set[str]) -> None:
    path = tmp_path / "red.py"
    path.write_text(FITTED.replace("** 2), X.T)", power))
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = found.units
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
    told = " ".join(found.assumptions)
    columns = next(part for part in told.split("muestras.") if part.startswith("x"))
    assert f"m {columns.partition(', ')[2].partition(')')[0]}" in told  # as many as there are examples


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("given.x, given.n", ("x", "n")),
        ("given.shape[0], given.T", None),  # an array
        ("given.values, given.price", None),  # a table
        ("given.step(), given.rate", None),  # of a class that does something
        ("given", None),
    ],
)
def test_records_are_what_has_attributes_and_does_nothing(reading: str, expected: tuple[str, ...] | None) -> None:
    (node,) = ast.parse(f"def __init__(self, given): self.a = {reading}").body
    assert isinstance(node, ast.FunctionDef)
    found = records(node, {}, [])
    assert (found["given"].names if found else None) == expected


RECURRENT = """import numpy as np


class Series:
    def __init__(self, n):
        self.W, self.U = np.random.randn(n, n) * 0.3, np.random.randn(n, n) * 0.3

    def forward(self, entradas):
        self.h = np.zeros((len(self.W), entradas.shape[1] + 1))
        for t in range(entradas.shape[1]):
            self.h[:, t + 1] = np.tanh(self.W @ self.h[:, t] + self.U @ entradas[:, t])
        return self.h[:, 1:]

    def backward(self, entradas, salidas):
        dW, dU, carry = np.zeros_like(self.W), np.zeros_like(self.U), 0.0
        for t in reversed(range(entradas.shape[1])):
            d = (self.h[:, t + 1] - salidas[:, t] + carry) * (1 - self.h[:, t + 1] ** 2)
            dW += np.outer(d, self.h[:, t])
            dU += np.outer(d, entradas[:, t])
            carry = self.W.T @ d
        return dW, dU
"""


def test_what_a_sequence_is_held_against_is_of_its_length(tmp_path: Path) -> None:
    path = tmp_path / "series.py"
    path.write_text(RECURRENT)
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = found.units
    told = " ".join(found.assumptions)
    shapes = [told.partition(f"{name} (")[2].partition(")")[0] for name in ("entradas", "salidas")]
    assert shapes[0] == shapes[1] != ""
    assert all(map(is_right, slopes(unit).values()))
