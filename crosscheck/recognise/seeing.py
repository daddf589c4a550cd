"""What a call left behind as it is read: with arrays in place of lists of numbers (crosscheck.recognise.listed)."""

import types
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.listed import flat, standing
from crosscheck.references.carriers import Carrier, uncarried

_NUMBERS = (int, float, complex, np.floating, np.complexfloating)


class Seen(Mapping[str, Any]):
    """What a call left behind by its names, each seen when it is first asked for: mostly that is a single one.

    What is asked for later refers to the same objects as what was asked for before.
    """

    def __init__(self, values: Mapping[str, Any], made: dict[int, Any]) -> None:
        """`made` is what was seen already, as `seen` takes it."""
        self.values_as_left, self.made = values, made
        self.known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = seen(self.values_as_left[name], self.made)
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values_as_left

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_as_left)

    def __len__(self) -> int:
        return len(self.values_as_left)


def joined(*parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what several mappings hold without looking at it; of one name, what the last of them has.

    >>> joined({"a": 1, "b": 2}, {"b": 3})["b"]
    3
    """
    return ChainMap(*reversed(parts))  # pyright: ignore[reportArgumentType] - nothing is written into it


def seen(value: Any, made: dict[int, Any] | None = None) -> Any:
    """Return what a call left behind with arrays in place of lists of numbers, in new containers.

    Objects are copied without their constructors; arrays, numbers and everything else stay as they are.
    """
    made = {} if made is None else made
    if isinstance(value, types.MethodType):  # `self.f = self.tanh`: its object is the new one
        return types.MethodType(value.__func__, seen(value.__self__, made))
    if isinstance(value, list | dict | tuple) or (
        hasattr(value, "__dict__") and type(value).__module__ == "__main__" and not isinstance(value, type)
    ):
        if id(value) not in made:
            made[id(value)] = value
            made.setdefault(-1, []).append(value)
            made[id(value)] = _seen(value, made)
        return made[id(value)]
    return value


def _seen(value: Any, made: dict[int, Any]) -> Any:
    if isinstance(value, list):
        array = _array_of(value)
        if array is not None:
            return array
        new: list[Any] = []
        made[id(value)] = new
        new.extend(seen(item, made) for item in value)
        return new
    if isinstance(value, tuple):
        items = [seen(item, made) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, Mapping):
        held: dict[Any, Any] = {}
        made[id(value)] = held
        held.update((key, seen(item, made)) for key, item in value.items())
        return held
    try:
        twin = object.__new__(type(value))
    except TypeError:
        return value
    made[id(value)] = twin
    twin.__dict__.update((name, seen(item, made)) for name, item in vars(value).items())
    return twin


def _array_of(value: list[Any]) -> Any:
    """Return a rectangular list of numbers, one of which is floating at least, as an array; None of anything else."""
    shape = _outer(value)
    if shape is None:
        return None
    numbers = list(flat(value))
    carriers = [number for number in numbers if isinstance(number, Carrier)]
    if not carriers and all(isinstance(number, int) for number in numbers):
        return None
    array = np.array([uncarried(number) for number in numbers])
    if array.dtype.kind not in "fc":
        return None
    if carriers:
        array = type(carriers[0]).carry(array)
        array = array.reshape(shape)
        array.stands = True
        return array
    return standing(array.reshape(shape))


def _outer(value: list[Any]) -> tuple[int, ...] | None:
    if not value:
        return None
    if not isinstance(value[0], list):
        is_plain = all(
            (isinstance(item, _NUMBERS) and not isinstance(item, bool))
            or (isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype.kind in "fc")
            for item in value
        )
        return (len(value),) if is_plain else None
    shapes = {_outer(item) if isinstance(item, list) else None for item in value}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(value), *inner)
