"""What decay spares of a parameter: the bias that stands as its first entry, row or column, or as its last."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Spared(NamedTuple):
    """An end of an axis."""

    axis: int
    place: int
    """0 or -1"""

    def __str__(self) -> str:
        return f"{'last' if self.place else 'first'} {('row', 'column')[self.axis]}"

    def left(self, shape: Sequence[int]) -> np.ndarray:
        """Return where a parameter of a shape decays: an array of truth values of that shape."""
        found = np.ones(shape, dtype=bool)
        found[(slice(None),) * self.axis + (self.place,)] = False
        return found


def left_by(shape: Sequence[int]) -> dict[Spared, np.ndarray]:
    """Return where parameters of a shape decay, by what may be spared of them.

    >>> {str(spared): left.tolist() for spared, left in left_by((3, 1)).items()}
    {'first row': [[False], [True], [True]], 'last row': [[True], [True], [False]]}
    >>> [str(spared) for spared in left_by((2, 3))], left_by(())
    (['first row', 'last row', 'first column', 'last column'], {})
    """
    axes = (axis for axis, size in enumerate(shape[:2]) if size > 1 and len(shape) <= 2)
    return {spared: spared.left(shape) for axis in axes for place in (0, -1) if (spared := Spared(axis, place))}
