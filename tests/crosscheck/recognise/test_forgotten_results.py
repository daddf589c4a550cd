"""What a backward pass computes last and neither returns nor keeps was meant to be returned."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LAYER = """import numpy as np

class Norm:
    def __init__(self, size):
        self.gamma, self.beta, self.eps = np.ones(size), np.zeros(size), 1e-3

    def norm(self, x):
        self.mean, self.var = x.mean(axis=0), x.var(axis=0)
        self.hat = (x - self.mean) / np.sqrt(self.var + self.eps)
        return self.gamma * self.hat + self.beta

    def backward(self, dout):
        self.dgamma = np.sum(dout * self.hat, axis=0)
        self.dbeta = np.sum(dout, axis=0)
        dy = dout * self.gamma
        dx = 1 / np.sqrt(self.var + self.eps) * (dy - dy.mean(axis=0) - self.hat * np.mean(dy * self.hat, axis=0))

layer = Norm(3)
out = layer.norm(np.random.randn(8, 3))
layer.backward(np.random.randn(8, 3))
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("1 / np.sqrt(self.var + self.eps)", "1 / self.var"), ("- dy.mean(axis=0)", "")],
)
def test_it_is_judged_as_if_it_were(verdicts: Callable[[str], list[Verdict]], right: str, wrong: str) -> None:
    assert verdicts(LAYER) == [Verdict.AGREE]
    assert verdicts(LAYER.replace(right, wrong)) == [Verdict.DISAGREE]
