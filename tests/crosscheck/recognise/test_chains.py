"""Whether a unit contradicts its loss is asked before what goes through it is judged."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.chains import contradicts
from crosscheck.source import read

BENT = """
import numpy as np

def loss_and_gradient(w, x):
    loss = np.sum(np.sin(3000 * w * x))
    dw = {factor} * x * np.cos(3000 * w * x)
    return loss, dw

loss_and_gradient(np.random.randn(3), np.random.randn(3))
"""


@pytest.mark.parametrize(("factor", "is_wrong"), [("3000", False), ("3003", True)])
def test_a_loss_that_bends_a_lot_contradicts_no_right_gradient(tmp_path: Path, factor: str, is_wrong: bool) -> None:
    path = tmp_path / "bent.py"
    path.write_text(BENT.format(factor=factor))
    (unit,) = recognise(read(path)).units
    assert contradicts(unit) is is_wrong
