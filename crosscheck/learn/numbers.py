"""What a learner returned, as numbers if it is some."""

from typing import Any

import numpy as np


def as_numbers(given: Any) -> np.ndarray | None:
    """Return an array of floats, None for anything that is none.

    >>> as_numbers([1, 2])
    array([1., 2.])
    >>> as_numbers("x") is None
    True
    """
    try:
        array = np.asarray(given)
        return array.astype(np.float64) if array.dtype.kind in "biuf" else None
    except (ValueError, TypeError):
        return None
