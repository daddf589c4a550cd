"""Discrepancies as colours: one byte an entry, logarithmic, in a picture that every browser shows."""

import struct
import zlib
from functools import cache
from typing import Any

import numpy as np

from crosscheck.compare import K

LOW, HIGH = -2.0, 16.0
"""Decades of tolerances that the colours span: what rounding leaves, up to an error as large as the gradient itself"""
NOT_JUDGED, LEAST, MOST = 0, 1, 255

# Blue below the limit, orange to dark red above it: told apart by those who do not see red and green as well.
_RIGHT = ((230, 238, 248), (31, 95, 168))
_WRONG = ((255, 179, 71), (215, 48, 31), (90, 0, 12))
_GREY = (158, 158, 158)


def levels(discrepancy: Any, judged: Any) -> np.ndarray:
    """Return a level for each entry: 0 where it was not judged, else 1 to 255 for 0.01 to 1e16 tolerances."""
    with np.errstate(divide="ignore"):
        decades = np.log10(np.asarray(discrepancy, np.float64))
    share = np.clip((decades - LOW) / (HIGH - LOW), 0.0, 1.0)
    found = LEAST + np.rint(np.where(np.isnan(share), 1.0, share) * (MOST - LEAST))
    return np.where(judged, found, NOT_JUDGED).astype(np.uint8)


def tolerances(level: int) -> float:
    """Return the discrepancy that a level stands for, in tolerances.

    >>> tolerances(1), tolerances(255)
    (0.01, 1e+16)
    """
    return float(10.0 ** (LOW + (HIGH - LOW) * (level - LEAST) / (MOST - LEAST)))


@cache
def palette() -> tuple[tuple[int, int, int], ...]:
    """Return the colours of the 256 levels; they change from blue to orange at the limit of K tolerances."""
    limit = next(level for level in range(LEAST, MOST) if tolerances(level) > K)
    right = [_between(_RIGHT, number / (limit - LEAST - 1)) for number in range(limit - LEAST)]
    wrong = [_between(_WRONG, number / (MOST - limit)) for number in range(MOST - limit + 1)]
    return (_GREY, *right, *wrong)


def _between(stops: tuple[tuple[int, int, int], ...], share: float) -> tuple[int, int, int]:
    place = share * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    rest = place - first
    red, green, blue = (round(a + rest * (b - a)) for a, b in zip(stops[first], stops[first + 1], strict=True))
    return red, green, blue


def png(picture: np.ndarray) -> bytes:
    """Return a matrix of levels as a PNG in the colours of `palette`."""
    height, width = picture.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture], axis=1)  # each row names its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = bytes(channel for colour in palette() for channel in colour)
    parts = [(b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pooled(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return a smaller picture, in which each level is the largest of a block.

    >>> pooled(np.array([[1, 2, 3], [4, 0, 9]], np.uint8), 2, 2)
    array([[4, 9]], dtype=uint8)
    """
    height, width = picture.shape
    filled = np.zeros((-(-height // rows) * rows, -(-width // columns) * columns), np.uint8)
    filled[:height, :width] = picture
    return filled.reshape(filled.shape[0] // rows, rows, -1, columns).max(axis=(1, 3))
