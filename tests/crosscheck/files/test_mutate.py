"""Small edits of someone's backward pass are noticed; those that change nothing are told apart."""

from pathlib import Path

import pytest

from crosscheck.files.mutate import mutants_of
from crosscheck.recognise import recognise
from crosscheck.source import read

SOURCE = """
import numpy as np

def loss_and_gradients(W, x):
    h = np.tanh(W @ x)
    loss = np.sum(h * h)
    dz = 2 * h * (1 - h ** 2)
    dW = np.outer(dz, x)
    return loss, dW

loss_and_gradients(np.random.randn(3, 4), np.random.randn(4))
"""


@pytest.fixture
def mutants(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "program.py"
    path.write_text(SOURCE)
    (unit,) = recognise(read(path)).units
    return {mutant.after: mutant.outcome for mutant in mutants_of(unit)}


def test_wrong_edits_are_killed_and_others_told_apart(mutants: dict[str, str]) -> None:
    assert mutants["dz = h * (1 - h ** 2)"] == "killed"
    assert mutants["dW = -np.outer(dz, x)"] == "killed"
    assert mutants["dW = np.outer(dz.T, x)"] == "equivalent"
    assert "survived" not in mutants.values()


def test_the_forward_is_left_alone(mutants: dict[str, str]) -> None:
    assert not any(after.startswith(("h =", "loss =")) for after in mutants)
