"""A slip that only square pictures survive is found in pictures that are larger than what moves over them."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

CONVOLUTION = """
import numpy as np

class Convolution:
    def __init__(self, num_filters, filter_size):
        self.num_filters, self.filter_size = num_filters, filter_size
        self.kernels = np.random.randn(num_filters, filter_size, filter_size) / filter_size ** 2

    def places(self, image):
        h, w = image.shape
        for i in range(h - self.filter_size + 1):
            for j in range(w - self.filter_size + 1):
                yield image[i:i + self.filter_size, j:j + self.filter_size], i, j

    def forward(self, image):
        self.image = image
        h, w = image.shape
        out = np.zeros((h - self.filter_size + 1, w - self.filter_size + 1, self.num_filters))
        for part, i, j in self.places(image):
            out[i, j] = np.sum(part * self.kernels, axis=(1, 2))
        return out

    def backprop(self, d_out, rate):
        d_kernels = np.zeros(self.kernels.shape)
        for part, i, j in self.places(self.image):
            for k in range(self.num_filters):
                d_kernels[k] += d_out[{place}, k] * part
        self.kernels -= rate * d_kernels
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "verdict"), [("i, j", Verdict.AGREE), ("j, i", Verdict.DISAGREE)])
def test_rows_and_columns_are_told_apart(
    verdicts: Callable[[str], list[Verdict]], place: str, verdict: Verdict
) -> None:
    assert verdicts(CONVOLUTION.format(place=place)) == [verdict]
