"""The arrays and numbers that someone's objects hold, with the path to each: `self.Wxh`, `params['W1']`."""

import itertools
import types
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.frames import Table

DEEPEST = 6
MOST = 4000
"""Leaves that are looked at: a file that keeps more is not a small model"""
LONG, ENOUGH = 2000, 200
"""A list of more than so many rows is a data set: so many of these are looked at"""


Path = tuple[str | int, ...]
"""Keys, positions, and attribute names with a dot before them"""


class Leaf(NamedTuple):
    """One array or number."""

    path: Path
    value: Any

    @property
    def name(self) -> str:
        """The last word on the path: what the author calls it."""
        words = [str(step).lstrip(".") for step in self.path if not isinstance(step, int)]
        return words[-1] if words else ""

    def __str__(self) -> str:
        return spelled(self.path)


def spelled(path: tuple[str | int, ...]) -> str:
    """Write a path as Python does.

    >>> spelled(("self", ".cells", 0, ".W"))
    'self.cells[0].W'
    """
    first, *rest = path
    steps = [step if isinstance(step, str) and step.startswith(".") else f"[{step!r}]" for step in rest]
    return str(first).lstrip(".") + "".join(steps)


def leaves(roots: Mapping[str, Any]) -> list[Leaf]:
    """Return every array and number below some named objects, each array once, under the shortest path to it."""
    found: list[Leaf] = []
    seen: set[int] = set()
    waiting: deque[tuple[Path, Any]] = deque(((name,), value) for name, value in roots.items())
    while waiting and len(found) < MOST:
        path, value = waiting.popleft()
        value = value.numbers if isinstance(value, Table) else value
        if isinstance(value, np.ndarray | np.generic | int | float):
            if isinstance(value, np.ndarray):
                if id(value) in seen:
                    continue
                seen.add(id(value))
            found.append(Leaf(path, value))
        elif len(path) < DEEPEST and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(((*path, step), item) for step, item in _parts(value))
    return found


def paths_of(roots: Mapping[str, Any]) -> dict[int, list[Path]]:
    """Return every path to each array, by identity, shortest first: `self.W` and `self.params[0]` may be one."""
    found: dict[int, list[Path]] = {}
    seen: set[int] = set()
    waiting: deque[tuple[Path, Any]] = deque(((name,), value) for name, value in roots.items())
    while waiting and len(found) < MOST:
        path, value = waiting.popleft()
        value = value.numbers if isinstance(value, Table) else value
        if isinstance(value, np.ndarray):
            found.setdefault(id(value), []).append(path)
        elif len(path) < DEEPEST and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(((*path, step), item) for step, item in _parts(value))
    return found


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, types.ModuleType | types.FunctionType | type | str | bytes):
        return
    if isinstance(value, Mapping):
        yield from ((key if isinstance(key, str | int) else str(key), item) for key, item in value.items())
    elif hasattr(value, "_fields") and isinstance(value, tuple):
        names = getattr(value, "_fields", ())
        yield from ((f".{name}", item) for name, item in zip(names, value, strict=False))
    elif isinstance(value, list | tuple | deque):
        yield from enumerate(itertools.islice(value, ENOUGH) if is_data_set(value) else value)
    elif isinstance(value, types.MethodType):
        yield ".__self__", value.__self__
    elif hasattr(value, "__dict__"):
        yield from ((f".{name}", item) for name, item in vars(value).items())


def is_data_set(value: list[Any] | tuple[Any, ...] | deque[Any]) -> bool:
    """Tell whether a list is too long for anything but the rows of a data set."""
    return len(value) > LONG and not isinstance(value[0], np.generic | int | float)


def is_attribute(holder: Any, step: str | int) -> bool:
    """Tell whether a step of a path is to an attribute; a dictionary may have a full stop for a key, as texts do."""
    return isinstance(step, str) and step.startswith(".") and not (isinstance(holder, Mapping) and step in holder)


def follow(roots: Mapping[str, Any], path: tuple[str | int, ...]) -> Any:
    """Return what a path leads to. Raises LookupError or AttributeError where it leads nowhere."""
    value: Any = roots[str(path[0])]
    for step in path[1:]:
        if is_attribute(value, step):
            value = getattr(value, str(step)[1:])
        elif isinstance(value, Mapping) and step not in value:  # under another key than a word or a number
            value = {str(key): item for key, item in value.items()}[str(step)]
        else:
            value = value[step]
    return value.numbers if isinstance(value, Table) else value
