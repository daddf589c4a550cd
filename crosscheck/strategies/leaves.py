"""The arrays and numbers of an example: taken out of its containers, drawn afresh, put back."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.strategies.contents import Content, content_of, draw_floating, draw_integers, is_floating
from crosscheck.strategies.randomness import Scale, is_friendly
from crosscheck.trees import flatten, transform


class Leaf(NamedTuple):
    """One array, one number, or one list of integers of the example."""

    name: str
    is_parameter: bool
    value: Any
    """As it is handed on when it stays as given."""
    array: np.ndarray | None
    """The same as an array; None where it always stays as given."""
    content: Content

    def as_given(self) -> Any:
        """Return the value, in a copy if somebody might change it."""
        return self.value.copy() if isinstance(self.value, np.ndarray | list) else self.value


class Filling(NamedTuple):
    """How a regime fills the arrays of a kind."""

    scale: Scale | None
    """Standard deviation; None for zeros, where the example does not forbid them."""
    repeat: Callable[[np.ndarray], None] | None


def read(example: tuple[Any, ...]) -> list[Leaf]:
    """Take an example apart. Raises CrosscheckError if its parameters cannot be differentiated."""
    named = [
        (name, place == 0, leaf)
        for place, argument in enumerate(example)
        for name, leaf in _leaves(argument, "parameters" if place == 0 else f"data[{place - 1}]")
    ]
    arrays = [_array_of(leaf, is_parameter=is_parameter) for _, is_parameter, leaf in named]
    lengths = {length for array in arrays if array is not None for length in array.shape}
    leaves = []
    for (name, is_parameter, leaf), array in zip(named, arrays, strict=True):
        if array is not None and array.dtype.kind == "c":
            raise CrosscheckError(
                f"{name} has dtype {array.dtype}, expected real numbers: pass the real and the imaginary part.",
                code="bad-example",
            )
        content = Content("kept") if array is None else content_of(array, parameter=is_parameter, lengths=lengths)
        if is_parameter and content.kind == "kept" and array is not None and is_floating(array.dtype):
            raise CrosscheckError(
                f"{name} holds NaN or infinity: give an example with finite parameters.", code="bad-example"
            )
        value = array if array is not None and not isinstance(leaf, list | float | np.generic) else leaf
        leaves.append(Leaf(name, is_parameter, value, None if content.kind == "kept" else array, content))
    if not any(leaf.is_parameter and leaf.array is not None and is_floating(leaf.array.dtype) for leaf in leaves):
        raise CrosscheckError(
            "The first argument of the example holds no array of floating numbers: pass (parameters, *data), the "
            "parameters first.",
            code="bad-example",
        )
    return leaves


def assemble(example: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    """Put values in the places of the leaves."""
    remaining = iter(values)
    return tuple(
        next(remaining) if _is_list_of_integers(argument) else transform(lambda _: next(remaining), argument)
        for argument in example
    )


def lengths_that_stay(leaves: list[Leaf]) -> set[int]:
    """Return the lengths that arrays kept as given have, or that Python integers seem to name or to divide."""
    kept = [leaf.value.shape for leaf in leaves if leaf.array is None and isinstance(leaf.value, np.ndarray)]
    integers = {leaf.value for leaf in leaves if type(leaf.value) is int and leaf.value > 1}
    lengths = {length for leaf in leaves if leaf.array is not None for length in leaf.array.shape}
    named = {length for length in lengths for integer in integers if length and length % integer == 0}
    return named.union(*kept)


def fill(leaf: Leaf, filling: Filling, stream: np.random.Generator, resized: dict[int, int], *, seed: int) -> Any:
    """Draw a leaf afresh; `resized` is what becomes of the lengths of the example."""
    if leaf.array is None:
        return leaf.as_given()
    content, friendly = leaf.content, is_friendly(seed)
    given: tuple[int, ...] = leaf.array.shape
    shape = tuple(resized.get(length, length) for length in given)
    if content.kind == "boolean":
        return _like(leaf, stream.random(shape) < content.share)
    if content.kind == "seen":
        return _like(leaf, stream.choice(leaf.array.ravel(), size=shape))
    if content.kind == "integer":
        return _like(leaf, draw_integers(stream, shape, content.least, _most(content, resized), filling.repeat))
    if content.kind == "one-hot":
        places = draw_integers(stream, shape[:-1], 0, shape[-1] - 1, filling.repeat)
        return _like(leaf, np.arange(shape[-1]) == places[..., None])
    fraction, scale = stream.random(), filling.scale or Scale(1.0)
    if filling.scale is None and content.kind in ("real", "not negative", "not positive"):
        return _like(leaf, np.zeros(shape))
    factor = scale.high if friendly else scale.at(fraction)
    if leaf.is_parameter and len(shape) > 1:
        side = max(min(shape[-2:]), 1)
        factor /= 1 << (side.bit_length() // 2) if friendly else side**0.5
    drawn = draw_floating(content.kind, stream, shape, factor, share=content.share, friendly=friendly)
    return _like(leaf, drawn)


def _leaves(argument: Any, root: str) -> list[tuple[str, Any]]:
    return [(root, argument)] if _is_list_of_integers(argument) else flatten(argument, root)


def _is_list_of_integers(argument: Any) -> bool:
    """Tell whether an argument is a list such as the symbols of a text: one thing, with a length that may vary."""
    return isinstance(argument, list) and len(argument) > 0 and all(type(entry) is int for entry in argument)


def _array_of(leaf: Any, *, is_parameter: bool) -> np.ndarray | None:
    """Return a leaf as a NumPy array; None for what always stays as given, such as the numbers among the data."""
    if isinstance(leaf, float | np.generic):
        array = np.asarray(leaf)
        return array if is_parameter and is_floating(array.dtype) else None
    if isinstance(leaf, list) or hasattr(leaf, "__array__"):
        return np.array(leaf)  # a copy: whoever gave the example may go on to change it
    return None


def _most(content: Content, resized: dict[int, int]) -> int:
    """Return the greatest integer that is safe whichever axis it points into, or counts the entries of."""
    greatest = content.greatest
    indices = [new - 1 for length, new in resized.items() if length > greatest]
    return min([greatest, *indices, *([resized[greatest]] if greatest in resized else ())])


def _like(leaf: Leaf, drawn: Any) -> Any:
    """Give what was drawn the dtype and the Python type of the leaf."""
    assert leaf.array is not None
    array = np.asarray(drawn).astype(leaf.array.dtype, copy=False)
    if isinstance(leaf.value, list):
        return array.tolist()
    if isinstance(leaf.value, np.generic):
        return array[()]
    return float(array) if isinstance(leaf.value, float) else array
