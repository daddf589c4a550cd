"""Turns that validate behind their update, under the names by which they trained."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise.after_updates import with_names_of_their_own
from crosscheck.recognise.late_losses import STATED
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

SOFTMAX = """
import numpy as np
import seaborn

flowers = seaborn.load_dataset("iris")
X = np.c_[np.ones(len(flowers)), flowers.drop(["species"], axis=1).values / 10]
T = np.eye(3)[[list(flowers.species.unique()).index(name) for name in flowers.species]]
seen, kept = slice(0, 8), slice(8, 12)
W, rate, decay, best = np.random.randn(X.shape[1], 3) * 0.1, 0.1, 0.03, np.inf


def shares(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


for turn in range(500):
    p = shares(X[seen] @ W)
    data_loss = -np.mean(np.sum(T[seen] * np.log(p), axis=1))
    l2_loss = 0.5 * np.sum(W[1:] ** 2)
    {whole}
    dW = X[seen].T @ (p - T[seen]) / 8 + decay * np.r_[np.zeros((1, 3)), W[1:]]
    W = W - rate * dW
    p = shares(X[kept] @ W)
    data_loss = -np.mean(np.sum(T[kept] * np.log(p), axis=1))
    l2_loss = 0.5 * np.sum(W[1:] ** 2)
    loss = data_loss + decay * l2_loss
    if loss > best:
        break
    best = loss
"""


@pytest.mark.parametrize("whole", ["", "loss = data_loss + decay * l2_loss"], ids=["stated once", "stated twice"])
@pytest.mark.parametrize(
    ("edit", "is_wrong"),
    [(("", ""), False), (("np.r_[np.zeros((1, 3)), W[1:]]", "W"), True)],
    ids=["right", "decay of the bias"],
)
def test_gradients_are_those_of_the_loss_of_the_training_set(
    tmp_path: Path, whole: str, edit: tuple[str, str], is_wrong: bool
) -> None:
    path = tmp_path / "flowers.py"
    code = SOFTMAX.replace("{whole}", whole)
    path.write_text(code.replace(*edit) if is_wrong else code)
    found = recognise(read(path))
    (unit,) = found.units
    assert unit.names == {"W": "dW"}
    assert [is_right(claims) for claims in slopes(unit).values()] == [not is_wrong]
    assert (STATED in found.assumptions) == (not whole)


ONLY_VALIDATED = """
import numpy as np

X, T, X_kept, T_kept = np.random.randn(8, 3), np.random.randn(8), np.random.randn(4, 3), np.random.randn(4)
w = np.random.randn(3)
for turn in range(100):
    miss = X @ w - T
    dw = X.T @ miss / 8
    w -= 0.1 * dw
    val_loss = np.mean((X_kept @ w - T_kept) ** 2)
    print(turn, val_loss)
"""


def test_the_loss_of_a_validation_set_is_no_loss_that_is_trained_by(tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(ONLY_VALIDATED)
    (unit,) = recognise(read(path)).units
    assert "val_loss" not in str(unit.subject.loss)
    assert all(is_right(claims) for claims in slopes(unit).values())


def test_what_others_read_keeps_its_name() -> None:
    turn = "for i in range(9):\n    loss = f(w, x)\n    dw = g(w, x)\n    w -= 0.1 * dw\n    loss = f(w, t)\n"
    inside = "def train(w, x, t):\n  global loss\n" + turn.replace("\n", "\n  ").replace("for", "  for", 1)
    for code, is_changed in ((turn, True), (turn + "print(loss)", False), (inside, False)):
        tree = ast.parse(code)
        assert (with_names_of_their_own(tree) is not tree) is is_changed
