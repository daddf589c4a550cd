"""Names that say what they mean, for modules that miss an import."""

import math
import random
from typing import Any

import numpy as np

from crosscheck.recognise.stubs import Stub


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^−x)."""
    return 1 / (1 + np.exp(-x))


def softmax(x: Any) -> Any:
    """Return the softmax over the first axis, as column vectors have it."""
    e = np.exp(x - np.max(x, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True)


def softmax_of_rows(x: Any) -> Any:
    """Return the softmax over the last axis, as rows have it."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


CONVENTIONAL: dict[str, Any] = {
    "np": np,
    "numpy": np,
    "xp": np,
    "cp": np,
    "cupy": np,
    "math": math,
    "random": random,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "tanh": np.tanh,
    "exp": np.exp,
    "relu": lambda x: np.maximum(x, 0),
    "plt": Stub("plt"),
}
"""Names that say what they mean, for modules that miss an import"""
