"""Layers that a file tries on pictures of whole numbers, with windows that a missing module lays out."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

POOLING = """import numpy as np
from windows import im2col, col2im

class Average:
    def __init__(self, size, stride=1, pad=0):
        self.size, self.stride, self.pad = size, stride, pad

    def forward(self, x):
        N, C, H, W = x.shape
        self.shape, (h, w) = x.shape, self.size
        high, wide = (H - h + 2 * self.pad) // self.stride + 1, (W - w + 2 * self.pad) // self.stride + 1
        columns = im2col(x, (h, w), self.stride, self.pad).reshape(-1, h * w)
        return columns.mean(axis=1).reshape(N, high, wide, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        N, C, high, wide = dout.shape
        h, w = self.size
        d = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * np.ones((1, h * w)) / {share}
        return col2im(d.reshape(N * high * wide, -1), self.shape, (h, w), self.stride, self.pad)

pool = Average((2, 2), stride=2)
x = np.arange(1, 109).reshape(1, 3, 6, 6)
pool.backward(pool.forward(x))
"""


@pytest.mark.parametrize(
    ("share", "verdict"), [("(h * w)", Verdict.AGREE), ("h", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_pictures_of_whole_numbers_have_gradients(share: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(POOLING.format(share=share)) == [verdict]
