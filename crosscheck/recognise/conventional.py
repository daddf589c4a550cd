"""Names that say what they mean, for modules that miss an import."""

import math
import random
import re
from collections.abc import Sequence
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


def im2col(x: Any, height: Any, width: int = 1, stride: int = 1, pad: int = 0) -> Any:
    """Return the windows of pictures (N, C, H, W) as rows, position after position of each picture.

    Height and width may be told in one: `im2col(x, (2, 2), stride, pad)`.

    >>> im2col(np.arange(9.0).reshape(1, 1, 3, 3), 2, 2).tolist()
    [[0.0, 1.0, 3.0, 4.0], [1.0, 2.0, 4.0, 5.0], [3.0, 4.0, 6.0, 7.0], [4.0, 5.0, 7.0, 8.0]]
    """
    height, width, stride, pad = _told(height, width, stride, pad)
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * height * width)


def col2im(columns: Any, shape: Sequence[int], height: Any, width: int = 1, stride: int = 1, pad: int = 0) -> Any:
    """Return pictures to which each window of `im2col` is added where it was taken from."""
    height, width, stride, pad = _told(height, width, stride, pad)
    number, channels, high, wide = shape
    rows, places = (high + 2 * pad - height) // stride + 1, (wide + 2 * pad - width) // stride + 1
    windows = np.reshape(columns, (number, rows, places, channels, height, width))
    padded = np.zeros((number, channels, high + 2 * pad, wide + 2 * pad), windows.dtype)
    for i in range(rows):
        for j in range(places):
            top, left = i * stride, j * stride
            padded[:, :, top : top + height, left : left + width] += windows[:, i, j]
    return padded[:, :, pad : pad + high, pad : pad + wide]


def _told(height: Any, width: int, stride: int, pad: int) -> tuple[int, int, int, int]:
    """Return the sizes of windows: where height and width are told in one, what follows stands one place before."""
    return (
        (*height, width, 0 if stride == 1 and pad == 0 else stride)
        if isinstance(height, tuple | list)
        else (height, width, stride, pad)
    )


def im2col_indices(x: Any, height: int, width: int, padding: int = 1, stride: int = 1) -> Any:
    """Return the windows of pictures as columns, picture after picture of each position."""
    rows = im2col(x, height, width, stride, padding).reshape(len(x), -1, x.shape[1] * height * width)
    return rows.transpose(2, 1, 0).reshape(rows.shape[2], -1)


def col2im_indices(
    columns: Any, shape: Sequence[int], height: int = 3, width: int = 3, padding: int = 1, stride: int = 1
) -> Any:
    """Return pictures to which each window of `im2col_indices` is added where it was taken from."""
    rows = np.reshape(columns, (len(columns), -1, shape[0])).transpose(2, 1, 0)
    return col2im(rows, shape, height, width, stride, padding)


def negative_samples(word: int, _dataset: Any, count: int) -> list[int]:
    """Return words other than one, some of them twice, as a course on words asks for them."""
    return [(word + 1 + k % 3) % 4 for k in range(count)]


NUMBERS = (
    (r"(?:^|_)EPS(?:ILON)?$", 1e-300),
    (r"(?:^|_)(?:LR|LEARN(?:ING)?_?RATE|STEP_?SIZE|ALPHA|ETA)$", 0.1),
    (r"(?:^|_)(?:MOMENTUM|BETA_?1?|GAMMA|DISCOUNT)$", 0.9),
    (r"(?:^|_)BETA_?2$", 0.99),
    (r"(?:^|_)(?:WEIGHT_?DECAY|LAMBDA|REG(?:ULARI[SZ]ATION)?|L2)$", 0.01),
)


def number_called(name: str) -> float | None:
    """Return what a constant of a module that is missing may be, by its name in capital letters; None if it tells not.

    >>> number_called("EPSILON"), number_called("LEARNING_RATE"), number_called("Epsilon"), number_called("STEPS")
    (1e-300, 0.1, None, None)
    """
    return next((number for pattern, number in NUMBERS if re.search(pattern, name)), None)


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
    "im2col": im2col,
    "col2im": col2im,
    "im2col_indices": im2col_indices,
    "col2im_indices": col2im_indices,
    "getNegativeSamples": negative_samples,
    "relu": lambda x: np.maximum(x, 0),
    "plt": Stub("plt"),
}
"""Names that say what they mean, for modules that miss an import"""
