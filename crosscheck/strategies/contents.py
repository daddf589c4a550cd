"""What may stand in an array, read from one example of it, and fresh numbers of that kind.

A gradient is judged inside the domain of its loss. So what the example shows is kept: positive numbers stay positive
(a variance), numbers between 0 and 1 stay there (a probability), rows that sum to 1 still do. An array of zeros shows
nothing and gets both signs.
"""

from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from crosscheck.strategies.randomness import normal

Kind = Literal[
    "kept",
    "boolean",
    "integer",
    "seen",
    "binary",
    "one-hot",
    "rows",
    "unit",
    "positive",
    "negative",
    "not negative",
    "not positive",
    "real",
]


class Content(NamedTuple):
    """What an array of the example holds."""

    kind: Kind
    share: float = 0.5
    """Of True, or of 1 among 0 and 1."""
    least: int = 0
    greatest: int = 0
    """Of integers."""

    @property
    def has_indices(self) -> bool:
        """Whether entries can be repeated or equal in the sense of symbols."""
        return self.kind in ("integer", "one-hot")


def is_floating(dtype: np.dtype[Any]) -> bool:
    """Tell whether a gradient can be taken in a dtype; NumPy does not know the kind of ml_dtypes' bfloat16."""
    return dtype.kind == "f" or dtype.name == "bfloat16"


def content_of(array: np.ndarray, *, parameter: bool, lengths: Collection[int]) -> Content:
    """Read what an array holds. `lengths` are those of all axes: an integer equal to one may be the length of a row."""
    if array.size == 0:
        return Content("real" if is_floating(array.dtype) else "integer" if array.dtype.kind in "iu" else "boolean")
    if array.dtype.kind == "b":
        return Content("boolean", share=float(array.mean()))
    if array.dtype.kind in "iu":
        least, greatest = int(array.min()), int(array.max())
        if least < 0:  # −1 or −100 for "no target": nothing between it and the others need have a meaning
            return Content("seen")
        return Content("integer", least=1 if least > 0 and greatest in lengths else 0, greatest=greatest)
    if not is_floating(array.dtype):
        return Content("kept")
    values = array.astype(np.float64)
    if not np.isfinite(values).all():  # a mask of −inf
        return Content("kept")
    return Content(_kind_of(values, parameter), share=float((values == 1).mean()))


def _kind_of(values: np.ndarray, parameter: bool) -> Kind:
    least, greatest = values.min(), values.max()
    rows = values.sum(axis=-1) if values.ndim and values.shape[-1] > 1 else np.zeros(())
    sum_to_one = least >= 0 and bool((np.abs(rows - 1) < 1e-3).all())  # float16 rows sum to 1 within this
    if least == greatest == 0:
        return "real"
    if not parameter and bool(((values == 0) | (values == 1)).all()):  # a parameter of ones is a scale, and varies
        return "one-hot" if sum_to_one else "binary"
    if sum_to_one:
        return "rows"
    if least > 0:
        return "unit" if greatest < 1 else "positive"
    if greatest < 0:
        return "negative"
    return "not negative" if least == 0 else "not positive" if greatest == 0 else "real"


def draw_floating(
    kind: Kind, stream: np.random.Generator, shape: tuple[int, ...], scale: float, *, share: float, friendly: bool
) -> Float[np.ndarray, "..."]:
    """Draw float64 numbers of a kind; `scale` is ignored where the kind leaves no choice."""
    if kind == "binary":
        return (stream.random(shape) < share).astype(np.float64)
    numbers = normal(stream, shape, friendly=friendly)
    if kind == "real":
        return numbers * scale
    if kind == "unit":
        # Away from 0 and 1, where a logarithm would leave nothing to judge.
        return (numbers + 4.0) / 8.0 if friendly else stream.random(shape) * 0.96875 + 0.015625
    sizes = np.abs(numbers)
    if kind == "rows":
        sizes += 0.125
        return sizes / sizes.sum(axis=-1, keepdims=True)
    if kind in ("positive", "negative"):
        sizes += 0.125  # a standard deviation of nearly nothing would do no more than overflow
    return sizes * (-scale if kind in ("negative", "not positive") else scale)


def draw_integers(
    stream: np.random.Generator,
    shape: tuple[int, ...],
    least: int,
    most: int,
    repeat: Callable[[np.ndarray], None] | None,
) -> np.ndarray:
    """Draw integers from `least` to `most`, both included, and repeat them as the regime wants."""
    integers = stream.integers(min(least, most), most, size=shape, endpoint=True)
    if repeat is not None and integers.ndim:
        repeat(integers)
    return integers


def repeat_first_half(integers: np.ndarray) -> None:
    """Let the first half of the first axis come once more at its end."""
    half = len(integers) // 2
    integers[len(integers) - half :] = integers[:half]


def make_equal(integers: np.ndarray) -> None:
    """Let the first entry stand everywhere."""
    integers[:] = integers.flat[0]
