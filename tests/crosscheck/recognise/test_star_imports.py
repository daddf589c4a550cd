"""A module that is missing, and of which all is imported, holds what the file calls and has not itself."""

from pathlib import Path

import numpy as np

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read

CODE = """import numpy as np
from helpers import *

def forward(x, W):
    return {called}(W @ x), (x, W)

def other(softmax):
    return relu(softmax)
{own}
"""


def names(tmp_path: Path, called: str, own: str = "") -> dict:
    path = tmp_path / "layers.py"
    path.write_text(CODE.format(called=called, own=own))
    world = recognise(read(path)).world
    assert world is not None
    return world.names


def test_what_is_called_by_a_usual_name_is_the_usual_function(tmp_path: Path) -> None:
    found = names(tmp_path, "sigmoid")
    np.testing.assert_allclose(found["sigmoid"](np.array([0.0, np.log(3.0)])), [0.5, 0.75])
    assert "relu" in found
    assert "softmax" not in found  # it is an argument


def test_what_the_file_has_itself_is_its_own(tmp_path: Path) -> None:
    found = names(tmp_path, "sigmoid", "def sigmoid(x): return 7")
    assert found["sigmoid"](1) == 7


def test_of_an_unusual_name_nothing_is_known(tmp_path: Path) -> None:
    assert "swoosh" not in names(tmp_path, "swoosh")
