"""Slopes by differences where there are two of them."""

from collections.abc import Callable

import numpy as np
import pytest

from crosscheck.recognise.slopes import _kink


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (lambda x: max(x, 0.0), 0.9, 1.1),
        (lambda x: max(x - 1e-6, 0.0), 0.9, 1.1),
        (lambda x: np.exp(x), 0.0, 1e-9),
        (lambda x: 400 * x * x + max(x, 0.0), 0.9, 1.1),
        (lambda x: np.cos(9 * x) + max(x - 1e-6, 0.0), 0.9, 1.1),
        (lambda x: 3.0 * x, 0.0, 1e-9),
    ],
)
def test_a_kink_is_told_from_a_bend(value: Callable[[float], float], least: float, most: float) -> None:
    """A rectifier at its kink: the slope between both sides is a half, however far one reaches."""
    step = 2.0**-9
    found = _kink(lambda turns: value(turns * step), step)
    assert least <= found <= most
