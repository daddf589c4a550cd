"""Programs that ask somebody, and look into folders, go on with answers."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ASKS = """import numpy as np
import os

np.random.seed(0)
names = os.listdir("data")
other = names[1]
print "how often"
often = {asked}
X, y = np.random.randn(20, 3), np.random.randn(20)
w = np.random.randn(3)
for turn in xrange(int(often)):
    e = X.dot(w) - y
    loss = 0.5 * np.sum(e ** 2)
    dw = X.T.dot(e)
    w -= 0.01 * dw
print loss
"""


@pytest.mark.parametrize("asked", ["raw_input()", "input()"])
def test_a_python_2_program_that_asks_is_judged(verdicts: Callable[[str], list[Verdict]], asked: str) -> None:
    code = ASKS.format(asked=asked)
    assert verdicts(code) == [Verdict.AGREE]
    assert verdicts(code.replace("X.T.dot(e)", "X.T.dot(e * e)")) == [Verdict.DISAGREE]


def test_what_python_2_evaluates_is_a_number(verdicts: Callable[[str], list[Verdict]]) -> None:
    code = ASKS.format(asked="3").replace("names = ", "rate = input()\nnames = ").replace("0.01 * dw", "rate * dw")
    assert verdicts(code) == [Verdict.AGREE]
