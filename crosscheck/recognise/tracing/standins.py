"""What a module sees in place of NumPy, `len` and the like while it runs on shapes alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from crosscheck.recognise.tracing.choices import Choices
from crosscheck.recognise.tracing.functions import RULES, size_of
from crosscheck.recognise.tracing.lengths import Length
from crosscheck.recognise.tracing.values import FLOAT, INTEGER, Value, is_value


class Numpy:
    """NumPy, with arrays made without numbers."""

    def __init__(self, choices: Choices, real: Any = np) -> None:
        self.__dict__.update(makers(choices) if real is np else drawers(choices), _real=real)
        if real is np:
            self.__dict__["random"] = Numpy(choices, np.random)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_real"], name)


def makers(choices: Choices) -> dict[str, Callable[..., Any]]:
    """Return the functions that make arrays."""

    def filled(shape: Any = (), *given: Any, **named: Any) -> Value:
        shape = named.get("shape", shape)
        shape = list(shape) if isinstance(shape, tuple | list) else [shape]
        kind = next((given[-1:] for _ in [0] if given and isinstance(given[-1], type)), [named.get("dtype")])
        is_integer = bool(kind) and kind[0] is not None and np.dtype(kind[0]).kind in "iu"
        return Value(choices, "", [size_of(choices, size) for size in shape], INTEGER if is_integer else FLOAT)

    def eye(rows: Any, columns: Any = None, *_: Any, **__: Any) -> Value:
        sizes = [size_of(choices, rows), size_of(choices, rows if columns is None else columns)]
        return Value(choices, "", sizes)

    def arange(first: Any, *rest: Any, **named: Any) -> Any:
        ends = [first, *rest]
        if len(ends) > 2 or isinstance(first, float) or any(isinstance(end, float) for end in rest):
            return np.arange(*[int(end) if is_value(end) else end for end in ends], **named)
        sizes = [size_of(choices, end) for end in ends]
        length = sizes[0] if len(sizes) == 1 else sizes[1] - sizes[0]
        return Value(choices, "", [length], INTEGER)

    def array(value: Any, *given: Any, **named: Any) -> Any:
        if not holds(value):
            return np.array(value, *given, **named)
        return RULES["array"](choices, value, *given, **named)

    def integer(value: Any, *_: Any) -> Any:
        return value if isinstance(value, Length) else int(value)

    return {
        **dict.fromkeys(("zeros", "ones", "empty", "full"), filled),
        **dict.fromkeys(("eye", "identity"), eye),
        **dict.fromkeys(("array", "asarray", "asanyarray", "ascontiguousarray", "atleast_1d"), array),
        "arange": arange,
        **dict.fromkeys(("int32", "int64", "intp"), integer),
    }


def drawers(choices: Choices) -> dict[str, Callable[..., Any]]:
    """Return the functions that draw arrays."""

    def shaped(*shape: Any) -> Any:
        return Value(choices, "", [size_of(choices, size) for size in shape]) if shape else 0.5

    def sized(place: int, number: str) -> Callable[..., Any]:
        def drawn(*given: Any, size: Any = None, **_: Any) -> Any:
            size = given[place] if len(given) > place else size
            if size is None:
                return 0.5 if number == FLOAT else 0
            shape = size if isinstance(size, tuple | list) else [size]
            return Value(choices, "", [size_of(choices, one) for one in shape], number)

        return drawn

    return {
        **dict.fromkeys(("randn", "rand"), shaped),
        **dict.fromkeys(("normal", "uniform", "binomial"), sized(2, FLOAT)),
        **dict.fromkeys(("random", "random_sample", "standard_normal"), sized(0, FLOAT)),
        "randint": sized(2, INTEGER),
        "RandomState": lambda *_: Numpy(choices, np.random),
        "default_rng": lambda *_: Numpy(choices, np.random),
    }


def holds(value: Any) -> bool:
    """Tell whether something is or contains a stand-in."""
    return is_value(value) or (isinstance(value, list | tuple) and any(map(holds, value)))


@contextmanager
def replaced(namespaces: list[dict[str, Any]], choices: Choices) -> Iterator[None]:
    """Let modules see the stand-ins for a while."""
    numpy, made = Numpy(choices), makers(choices)

    def length(value: Any) -> Any:
        return value.length() if is_value(value) else len(value)

    before: list[tuple[dict[str, Any], Mapping[str, Any]]] = []
    for names in namespaces:
        new: dict[str, Any] = {"len": names.get("len", length)}
        for name, value in names.items():
            if value is np:
                new[name] = numpy
            elif value is np.random:
                new[name] = numpy.random
            elif name in made and value is getattr(np, name, None):
                new[name] = made[name]
        before.append((names, {name: names[name] for name in new if name in names}))
        names.update(new)
        if "len" not in before[-1][1]:
            before[-1] = (names, {**before[-1][1], "len": None})
    try:
        yield
    finally:
        for names, old in before:
            names.update(old)
            if old.get("len", 0) is None:
                del names["len"]
