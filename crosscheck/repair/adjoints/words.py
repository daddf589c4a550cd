"""What an expression may be made of at some place: variables, entries, elements, with their values there."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.repair.adjoints.scenes import Scene
from crosscheck.repair.scope import Scope
from crosscheck.source.walking import walk

MOST = 120


@dataclass(frozen=True)
class Word:
    """Something with a value."""

    text: str
    value: Any


def words_of(scene: Scene, scope: Scope) -> list[Word]:
    """Return what there is to be used, the function's own variables first."""
    found: dict[str, Any] = {}
    for text in dict.fromkeys(_texts(scene, scope)):
        value = value_of(text, scene)
        if is_usable(value):
            found.setdefault(text, value)
        if len(found) >= MOST:
            break
    return [Word(text, value) for text, value in found.items()]


def value_of(text: str, scene: Scene) -> Any:
    """Return what an expression is there; None where it fails."""
    try:
        with np.errstate(all="ignore"):
            return eval(text, dict(scene.names), dict(scene.variables))  # noqa: S307 - their own names
    except Exception:  # noqa: BLE001 - it was made up
        return None


def is_usable(value: Any) -> bool:
    """Tell whether a value is an array of numbers, or a number other than zero."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiub" and value.size > 0
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and value != 0


def _texts(scene: Scene, scope: Scope) -> Iterator[str]:
    used = [atom for atom in scope.atoms if atom not in scope.never]
    names = [name for name in (*scene.variables, *scene.names) if not name.startswith("__")]
    yield from (name for name in scene.variables if is_usable(scene.variables[name]))
    yield from scope.elements
    yield from used
    for name in names:
        value = scene.variables.get(name, scene.names.get(name))
        if isinstance(value, dict):
            yield from (f"{name}[{key!r}]" for key in value if isinstance(key, str))
        elif hasattr(value, "__dict__") and name in scene.variables:
            yield from (f"{name}.{own}" for own in vars(value))
    indices = list(_indices(scope))
    containers = [n for n in scene.variables if isinstance(scene.variables[n], list | dict | np.ndarray)]
    containers += [atom for atom in used if not atom.isidentifier()]
    yield from (f"{name}[{index}]" for name in containers for index in indices)
    yield from (name for name, value in scene.names.items() if isinstance(value, np.ndarray))


def _indices(scope: Scope) -> Sequence[str]:
    """Return the indices and slices that the backward pass uses."""
    found = dict.fromkeys(
        ast.unparse(node.slice)
        for place in scope.editable
        for node in walk(place.statement)
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant)
    )
    return list(found)[:6]
