"""The gradient of a bias may be the one from above, as it is."""

from collections.abc import Callable
from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

AS_IT_CAME = """
import numpy as np

class Line:
    def __init__(self, size, outs):
        self.W = np.random.randn(outs, size) * 0.4
        self.b = np.random.randn(outs) * 0.4

    def forward(self, x):
        self.x = x
        return self.W @ x + self.b

    def backward(self, dout):
        self.dW = np.outer(dout, self.x)
        self.db = dout
        return self.W.T @ dout
"""


def test_a_right_one_agrees_and_a_wrong_one_does_not(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(AS_IT_CAME) == [Verdict.AGREE]
    assert "self.db = dout" in AS_IT_CAME
    assert verdicts(AS_IT_CAME.replace("self.db = dout", "self.db = 2 * dout")) == [Verdict.DISAGREE]


def test_the_gradient_of_a_bias_that_came_from_above_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(AS_IT_CAME)
    (unit,) = recognise(read(path)).units
    assert unit.names.keys() == {"W", "b", "x"}
