"""What a backward pass is handed of its forward pass, and what both are handed by the same name."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

NETWORK = """import numpy as np


class Net:
    def __init__(self, inputs, hidden, outputs):
        self.first = np.random.randn(inputs, hidden)
        self.last = np.random.randn(hidden, outputs)

    def squash(self, z):
        return 1 / (1 + np.exp(-z))

    def forward(self, X, y=[0, 0, 0]):
        self.hidden = self.squash(X @ self.first)
        self.guess = self.squash(self.hidden @ self.last)
        self.error = 0.5 * np.sum((y - self.guess) ** 2)
        return self.choice()

    def choice(self):
        return int(np.argmax(self.guess[0]))

    def backprop(self, X, y, rate=0.05):
        above = (self.guess - y) * self.guess * (1 - self.guess)
        below = above @ self.last.T * self.hidden * (1 - self.hidden)
        self.first -= rate * X.T @ below
        self.last -= rate * self.hidden.T @ above
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("y=[0, 0, 0]", "y"),
        ("return self.choice()", "return self.guess"),
    ],
    ids=["both", "targets that must be given", "an output that is returned"],
)
def test_a_forward_is_handed_targets_it_can_do_without_and_returns_its_choice(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "net.py"
    path.write_text(NETWORK.replace(before, after) if before else NETWORK)
    (unit,) = recognise(read(path)).units
    assert all(is_right(slope) for slope in slopes(unit).values())
    assert {"first", "last"} == {name.rpartition(".")[2] for name in unit.names}


def test_a_slip_behind_such_a_forward_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NETWORK.replace(" * self.hidden * (1 - self.hidden)", " * self.hidden"))
    (unit,) = recognise(read(path)).units
    wrong = {name for name, slope in slopes(unit).items() if not is_right(slope)}
    assert {name.rpartition(".")[2] for name in wrong} == {"first"}
