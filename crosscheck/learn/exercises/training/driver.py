"""Calls the learner's training: on a small network, or on the sonnets after a rehearsal on a small network."""

import types
from typing import Any

import numpy as np

from crosscheck.learn.calling import copied
from crosscheck.learn.loading import attribute

ROUNDING = 1e-6
"""How far the numbers of the rehearsal may be off, relative; it decides only whether a long training is worth while"""


def drive(module: types.ModuleType, *arguments: Any) -> Any:
    """Return what `train` returns; with a rehearsal as the last argument, a whole training as one thing.

    A training is no array that others could be compared with: rounding makes two right ones go different ways.
    """
    train = attribute(module, "train")
    *problem, rehearsal = arguments
    if rehearsal is None:
        return train(*problem)
    small, right = rehearsal
    found = train(*copied(small))
    if not isinstance(found, tuple | list) or len(found) != len(right):
        return found
    ready = all(np.shape(one) == other.shape for one, other in zip(found, right, strict=True)) and all(
        np.allclose(one, other, rtol=ROUNDING) for one, other in zip(found, right, strict=True)
    )
    whole = {"trained": train(*problem)} if ready else {}
    return whole, *[{}] * (len(right) - 1)
