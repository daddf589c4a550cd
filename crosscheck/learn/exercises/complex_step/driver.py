"""Hands the learner a function to differentiate, real or complex."""

from typing import Any

import numpy as np


def function(coefficients: np.ndarray, x: np.ndarray) -> Any:
    """Return a number, complex if x is."""
    a, b = coefficients
    return np.sin(a @ x) * np.exp(b @ x)


def drive(module: Any, coefficients: np.ndarray, x: np.ndarray) -> Any:
    """Call the learner's function, with an array that may become complex."""
    return module.gradient(lambda at: function(np.array(coefficients), at), np.array(x))
