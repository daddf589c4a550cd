"""A call that somebody knows how to make: the arguments of one case, for a function that nothing in its file calls.

It travels to the child as JSON. Floating arrays become float64: it is the formula that is looked into.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

LARGEST = 2_000
"""Numbers in all arguments together: every entry is differentiated, and a command line holds them"""


@dataclass(frozen=True)
class ExampleCall:
    """A function of a module, by its name there, and its positional arguments."""

    function: str
    arguments: tuple[Any, ...]

    def as_json(self) -> dict[str, Any] | None:
        """Return what `from_json` reads; None where the arguments are too large, or no plain containers of numbers."""
        try:
            arguments = [_encoded(argument) for argument in self.arguments]
        except TypeError:
            return None
        size = sum(map(_size, self.arguments))
        return {"function": self.function, "arguments": arguments} if size <= LARGEST else None

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "ExampleCall":
        """Build the call.

        >>> call = ExampleCall("loss", ({"W": np.ones((2, 3))}, [1, 2], (0.5, None)))
        >>> again = ExampleCall.from_json(call.as_json())
        >>> again.function, again.arguments[0]["W"].shape, again.arguments[1:]
        ('loss', (2, 3), ([1, 2], (0.5, None)))
        """
        return cls(given["function"], tuple(_decoded(argument) for argument in given["arguments"]))


def _encoded(value: Any) -> Any:
    """Return a value as JSON holds it. Raises TypeError for what is no plain container of numbers."""
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "fiub":
            raise TypeError(value.dtype)
        dtype = "float64" if value.dtype.kind == "f" else str(value.dtype)
        return {"array": value.tolist(), "dtype": dtype, "shape": list(value.shape)}
    if type(value) is dict and all(isinstance(name, str) for name in value):
        return {"dict": {name: _encoded(one) for name, one in value.items()}}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_encoded(one) for one in value]}
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise TypeError(type(value))


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.array(value["array"], value["dtype"]).reshape(value["shape"])
    if "dict" in value:
        return {name: _decoded(one) for name, one in value["dict"].items()}
    if "tuple" in value:
        return tuple(_decoded(one) for one in value["tuple"])
    return [_decoded(one) for one in value["list"]]


def _size(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value
    return sum(map(_size, parts)) if isinstance(value, dict | list | tuple) else int(np.size(value))
