"""Pictures that a program reads from files: small ones, grey or in colours, of the size that it asks for.

What scikit-image, OpenCV, Pillow and imageio would read. Each file holds a picture of its own.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from crosscheck.recognise.datasets import Known
from crosscheck.recognise.stubs import Stub

SIDE = 8
"""Of a picture as it is read: it bears a small convolution, and another one behind a pooling"""
GREY = ("L", "1", "I", "F")
"""What Pillow calls pictures without colours"""


def picture(name: Any, *, is_grey: bool) -> np.ndarray:
    """Return what a file holds: whole numbers below 256.

    >>> picture("a.png", is_grey=True).shape, picture("a.png", is_grey=False).shape
    ((8, 8), (8, 8, 3))
    """
    numbers = np.random.RandomState(zlib.crc32(str(name).encode()))
    return numbers.randint(0, 256, size=(SIDE, SIDE) if is_grey else (SIDE, SIDE, 3)).astype(np.uint8)


def sized(array: Any, height: int, width: int) -> np.ndarray:
    """Return a picture in another size: nearest neighbours.

    >>> sized(np.arange(4).reshape(2, 2), 4, 2).tolist()
    [[0, 1], [0, 1], [2, 3], [2, 3]]
    """
    array = np.asarray(array)
    rows = np.arange(height) * array.shape[0] // height
    return array[rows][:, np.arange(width) * array.shape[1] // width]


def greyed(array: Any) -> np.ndarray:
    """Return a picture without its colours."""
    array = np.asarray(array)
    return array.mean(axis=2).astype(array.dtype) if array.ndim > 2 else array


class Opened(Stub):
    """What Pillow's `Image.open` returns: it can be resized, made grey, and taken for an array."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__("image")
        self.__dict__["_array"] = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._array, dtype)

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height."""
        return self._array.shape[1], self._array.shape[0]

    def resize(self, size: Sequence[int], *_: Any, **__: Any) -> Self:
        """Return it with another width and height."""
        return type(self)(sized(self._array, size[1], size[0]))

    def convert(self, mode: str = "RGB", *_: Any, **__: Any) -> Self:
        """Return it without colours, if these are not asked for."""
        return type(self)(greyed(self._array)) if mode in GREY else self


def _read_by_shades(name: Any, *_: Any, as_gray: bool = False, as_grey: bool = False, **__: Any) -> np.ndarray:
    """Read as scikit-image does: grey pictures are shares of white."""
    return picture(name, is_grey=True) / 255.0 if as_gray or as_grey else picture(name, is_grey=False)


def _resized(array: Any, shape: Sequence[int], *_: Any, preserve_range: bool = False, **__: Any) -> np.ndarray:
    """Resize as scikit-image does: by height and width, to shares of white."""
    found = sized(array, shape[0], shape[1])
    return found / 255.0 if found.dtype == np.uint8 and not preserve_range else found.astype(float)


def _read_by_flag(name: Any, flag: Any = 1, *_: Any) -> np.ndarray:
    return picture(name, is_grey=flag == 0)


def _converted(array: Any, code: Any, *_: Any, **__: Any) -> np.ndarray:
    return greyed(array) if code == TO_GREY else np.asarray(array)


TO_GREY = 6


def libraries() -> dict[str, Known]:
    """Return the libraries that read pictures, by name."""
    skimage = {
        "io": Known("skimage.io", {"imread": _read_by_shades}),
        "transform": Known("skimage.transform", {"resize": _resized}),
        "color": Known("skimage.color", {"rgb2gray": lambda array: greyed(array) / 255.0}),
    }
    cv2 = {
        "imread": _read_by_flag,
        "resize": lambda array, size, *_, **__: sized(array, size[1], size[0]),
        "cvtColor": _converted,
        "IMREAD_GRAYSCALE": 0,
        "IMREAD_COLOR": 1,
        "COLOR_BGR2GRAY": TO_GREY,
        "COLOR_RGB2GRAY": TO_GREY,
    }
    opened = {"open": lambda name, *_, **__: Opened(picture(name, is_grey=False)), "fromarray": Opened}
    return {
        "skimage": Known("skimage", skimage),
        "cv2": Known("cv2", cv2),
        "PIL": Known("PIL", {"Image": Known("PIL.Image", opened)}),
        "imageio": Known("imageio", {"imread": _read_by_shades}),
    }
