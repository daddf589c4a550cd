"""The global random states of NumPy and Python: set, watched and put back."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

# ruff: noqa: NPY002, S311  # no cryptography, and the legacy global generator is what a subject may have touched


@contextmanager
def global_state_kept() -> Iterator[None]:
    """Put both states back as they were, whatever happens inside."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)


@contextmanager
def global_state_seeded(seed: int) -> Iterator[None]:
    """Start both states from a seed, and put them back afterwards."""
    with global_state_kept():
        np.random.seed(seed)
        random.seed(seed)
        yield


def global_state_touched(seed: int) -> bool:
    """Say whether anything was drawn or seeded since the states were started from this seed."""
    following = np.random.random(), random.random()
    with global_state_seeded(seed):
        return following != (np.random.random(), random.random())
