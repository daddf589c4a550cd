"""Functions that go forward or backward by a word are judged as two, whatever the word chooses with."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.modes import with_modes_apart
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LEAKY = """
import numpy as np

def leaky(X, h0, c0, U, V, b, phase="forward", dh_seq=None, dc_end=None):
    X, h0, c0 = np.array(X, dtype=float), np.array(h0, dtype=float), np.array(c0, dtype=float)
    U, V, b = np.array(U, dtype=float), np.array(V, dtype=float), np.array(b, dtype=float)
    h, c, kept, hiddens, cells = h0, c0, [], [], []
    for x in X:
        g = np.tanh(U @ x + V @ h + b)
        kept.append((x, h, c, g))
        c = 0.5 * c + g
        h = np.sin(c)
        hiddens.append(h)
        cells.append(c)
    found = {"hiddens": np.round(np.array(hiddens), 3).tolist(), "cells": np.round(np.array(cells), 3).tolist()}
    if phase == "backward":
        dh_seq = np.array(dh_seq, dtype=float)
        dU, dV, db, dX = np.zeros_like(U), np.zeros_like(V), np.zeros_like(b), np.zeros_like(X)
        dc = np.zeros_like(c0) if dc_end is None else np.array(dc_end, dtype=float)
        dh = np.zeros_like(h0)
        for t in reversed(range(len(X))):
            x, h, c, g = kept[t]
            dc = dc + (dh_seq[t] + dh) * np.cos(0.5 * c + g)
            dz = dc * (1 - g * g)
            dU += np.outer(dz, x)
            dV += np.outer(dz, h)
            db += dz
            dX[t] = U.T @ dz
            dh = V.T @ dz
            dc = 0.5 * dc
        for name, value in (("dU", dU), ("dV", dV), ("db", db), ("dX", dX)):
            found[name] = np.round(value, 3).tolist()
    return found
"""
SQUASH = """
import numpy as np

def squash(x, w, way, d=None):
    z = x * w
    if way == "forward":
        return np.tanh(z)
    elif way == "back":
        dz = d * (1 - np.tanh(z) ** 2)
        dx, dw = dz * w, dz * x
        return dx, dw
    else:
        raise ValueError(way)

x, w = np.random.randn(5), np.random.randn(5)
out = squash(x, w, "forward")
print(squash(x, w, "back", d=np.random.randn(5)))
"""


def verdict_of(folder: Path, code: str) -> tuple[Verdict, set[str], list[str]]:
    path = folder / "ways.py"
    path.write_text(code)
    found = recognise(read(path))
    (unit,) = found.units
    assert not found.skipped
    report = judge_unit(unit, examples=8)
    return report.verdict, {t.name for t in report.tallies if t.verdict is Verdict.DISAGREE}, found.assumptions


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "slip", "wrong"),
    [
        ("", "", set()),
        ("dc = 0.5 * dc", "dc = np.zeros_like(c0)", {"U", "V", "b", "X"}),
        ("dV += np.outer(dz, h)", "dV += np.outer(dz, h0)", {"V"}),
    ],
)
def test_a_cell_that_goes_back_by_a_word_is_judged(tmp_path: Path, right: str, slip: str, wrong: set[str]) -> None:
    code = LEAKY.replace(right, slip) if right else LEAKY
    verdict, names, assumptions = verdict_of(tmp_path, code)
    assert verdict is (Verdict.DISAGREE if wrong else Verdict.AGREE)
    assert names == wrong
    assert "leaky was taken for two functions: as it is with phase='forward', and, as leaky_backward, with " in str(
        assumptions
    )
    assert "rounding to 3 decimals was left out: results were judged as they are before it" in assumptions


@pytest.mark.parametrize("slip", ["", " ** 2"])
def test_calls_with_a_word_are_those_of_one_way(tmp_path: Path, slip: str) -> None:
    code = SQUASH.replace("np.tanh(z) ** 2)", f"np.tanh(z) ** 2){slip}")
    verdict, names, _ = verdict_of(tmp_path, code)
    assert names == ({"x", "w"} if slip else set())
    assert verdict is (Verdict.DISAGREE if slip else Verdict.AGREE)


@pytest.mark.parametrize(
    "changed",
    [
        ("squash(x, w, 'back', d=", "squash(x, w, chosen(), d="),
        ("z = x * w", "z = x * w + len(way)"),
        ("return np.tanh(z)", "dx = w\n        return np.tanh(z)"),
        ("out = squash(", "out = list(map(squash, x, w, words)) or squash("),
    ],
)
def test_what_is_not_plainly_two_functions_stays_one(changed: tuple[str, str]) -> None:
    code = ast.unparse(ast.parse(SQUASH))
    assert changed[0] in code
    tree = ast.parse(code.replace(*changed))
    assert with_modes_apart(tree) is tree


def test_a_gradient_that_is_asked_for_beside_the_word_is_demanded() -> None:
    code = SQUASH.replace('way == "back"', 'way == "back" and d is not None')
    _, forward, backward, *_ = with_modes_apart(ast.parse(code)).body
    assert isinstance(forward, ast.FunctionDef)
    assert isinstance(backward, ast.FunctionDef)
    assert ast.unparse(forward.args) == "x, w"
    assert ast.unparse(backward.args) == "x, w, d"
