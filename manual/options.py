"""Checks at the door for plain numbers."""

import math
from typing import Any

import numpy as np

from manual.errors import InputError


def check_count(name: str, count: Any) -> None:
    """Raise InputError unless `count` is an integer of at least 1; True is not one."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise InputError(f"The {name} is {count!r}, expected an integer of at least 1.")


def check_positive(name: str, number: Any, remedy: str) -> None:
    """Raise InputError, ending in the `remedy`, unless `number` is finite and above zero."""
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"The {name} is {number}, expected a finite number above 0: {remedy}.")
