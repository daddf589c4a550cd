"""Small edits of someone's backward pass are noticed; those that change nothing are told apart."""

from pathlib import Path
from typing import Any

import pytest

from crosscheck.files.check import check_file
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


GUARDED = """
import numpy as np

X, y = np.random.randn(20, 3), (np.random.rand(20, 1) > 0.5).astype(float)
w = np.random.randn(3, 1)
for turn in range(100):
    p = 1 / (1 + np.exp(-(X @ w)))
    loss = -np.mean(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))
    dw = X.T @ (p - y) / len(X)
    w -= 0.1 * dw
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("guarded") / "program.py"
    path.write_text(GUARDED)
    report = check_file(path, repair=False, examine="crosscheck.files.mutate:examine_mutants")
    (subject,) = report.subjects
    return subject


@pytest.mark.thorough
def test_what_a_guard_is_forgiven_for_is_tried_as_well(guarded: dict[str, Any]) -> None:
    assert guarded["verdict"] == "agree"
    assert any(mutant["outcome"] == "killed" for mutant in guarded["mutants"])


def test_an_update_is_no_mutant_of_its_gradient(guarded: dict[str, Any]) -> None:
    assert {mutant["line"] for mutant in guarded["mutants"]} == {9}
