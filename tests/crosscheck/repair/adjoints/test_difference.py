"""How a value differs from what it should be: arrays of any rank, some of which fit a matrix and some do not."""

import numpy as np
import pytest

from crosscheck.repair.adjoints.difference import products_with


@pytest.mark.parametrize(
    ("shape", "count"), [((4,), 2), ((4, 5), 1), ((5, 4), 1), ((4, 3, 5), 0), ((3, 4, 5), 1), ((4, 4, 4), 2), ((), 0)]
)
def test_stacked_matrices_are_multiplied_along_their_last_two_axes(shape: tuple[int, ...], count: int) -> None:
    matrix = np.arange(16.0).reshape(4, 4)
    found = list(products_with(np.ones(shape), matrix, matrix.T))
    assert len(found) == count
    assert not any(np.array_equal(one, other) for one, other in found)
