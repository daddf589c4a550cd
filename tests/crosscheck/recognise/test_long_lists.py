"""What depends on what, where a call is handed very much, or takes long."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise, roles
from crosscheck.source.document import read_text

CHAIN = """
import numpy as np

def chain(weights, x, y):
    h = np.tanh(x @ weights[0])
    out = h @ weights[1]
    loss = 0.5 * np.sum((out - y) ** 2)
    d = out - y
    gradients = [x.T @ (d @ weights[1].T * (1 - h ** 2)), h.T @ d]
    return loss, gradients

loss, gradients = chain([np.random.randn(3, 4), np.random.randn(4, 2)], np.random.randn(5, 3), np.random.randn(5, 2))
"""


def test_of_a_long_list_the_first_arrays_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read_text(CHAIN, "utf-8", Path("x.py"))
    (unit,) = recognise(document).units
    assert len(unit.names) == 2
    monkeypatch.setattr(roles, "MOST_ROWS", 1)
    (unit,) = recognise(document).units
    assert len(unit.names) == 1


def test_a_call_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "SECONDS", -1.0)
    found = recognise(read_text(CHAIN, "utf-8", Path("x.py")))
    assert not found.units
    assert "to tell which of its 4 arrays matter" in found.skipped[0].reason
