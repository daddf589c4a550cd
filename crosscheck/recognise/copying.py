"""Copies of someone else's objects, in which some arrays are replaced wherever they are referred to."""

import copy
import itertools
import types
from collections import deque
from functools import lru_cache
from typing import Any

import numpy as np

from crosscheck.recognise.frames import Table
from crosscheck.recognise.leaves import ENOUGH, is_data_set
from crosscheck.recognise.listed import listed_number, put_back, stands_for_list
from crosscheck.recognise.stubs import Stub

ATOMIC = (
    type,
    str,
    bytes,
    int,
    float,
    complex,
    bool,
    type(None),
    types.ModuleType,
    types.BuiltinFunctionType,
    np.generic,
    np.dtype,
    np.ufunc,
    Stub,
)
SIMPLE = frozenset({str, int, float, bool, type(None), type, types.ModuleType})
"""Those of them that are met most, by their very type"""
_LISTS, _SETS = (list, deque), (set, frozenset)


def as_arrays(value: Any, names: frozenset[str], seen: set[int] | None = None) -> None:
    """Let arrays stand for the single numbers that are kept under some names in a copy, in place: to be replaced."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, (*ATOMIC, np.ndarray, types.FunctionType, Table)):
        return
    seen.add(id(value))
    parts = value if isinstance(value, dict) else getattr(value, "__dict__", None)
    if isinstance(parts, dict):
        if len(parts) > 1 and all(type(item) is int for item in parts.values()):
            return  # symbols and their numbers: one of them may be called like a parameter
        for name, item in list(parts.items()):
            if name in names and isinstance(item, int | float | np.floating) and not isinstance(item, bool):
                parts[name] = listed_number(item)
            else:
                as_arrays(item, names, seen)
    elif isinstance(value, list | tuple) and len(value) < 50:
        for item in value:
            as_arrays(item, names, seen)


def with_numbers_as_arrays(value: Any) -> Any:
    """Return a list or tuple of parameters in which arrays stand for its single numbers: `[W, b, u, 0.0]`.

    A list is changed in place. What does not hold more arrays than numbers is no such thing.
    """
    if not isinstance(value, list | tuple) or hasattr(value, "_fields") or not value:
        return value
    arrays = [item for item in value if isinstance(item, np.ndarray) and item.dtype.kind == "f"]
    numbers = [item for item in value if isinstance(item, float | np.floating)]
    if not numbers or len(arrays) <= len(numbers) or len(arrays) + len(numbers) < len(value):
        return value
    made = [listed_number(item) if isinstance(item, float | np.floating) else item for item in value]
    if isinstance(value, tuple):
        return tuple(made)
    value[:] = made
    return value


def copied(value: Any, memo: dict[int, Any]) -> Any:
    """Copy a value and all that it refers to; what `memo` holds under the id of an object takes that object's place.

    Two references to one array remain two references to one array. Classes and modules are not copied, nor are
    functions that close over nothing, nor what refuses to be copied (an open file, a generator).
    """
    kind = type(value)
    if kind in SIMPLE:
        return value
    if kind is np.ndarray:
        known = memo.get(id(value))
        return _remembered(value, _array(value, memo), memo) if known is None else known
    if _is_atomic(kind):
        return value
    known = memo.get(id(value))
    if isinstance(value, np.ndarray):
        if stands_for_list(value) and (known is None or isinstance(known, np.ndarray)):
            known = memo[id(value)] = put_back(value, value if known is None else known)
        if type(known) is np.ndarray:
            known = memo[id(value)] = _of_kind(known, value)
    return _remembered(value, _copy(value, memo), memo) if known is None else known


@lru_cache(maxsize=512)
def _is_atomic(kind: type) -> bool:
    """Tell whether what is of a kind needs no copy. Kept, as copies are made for thousands of calls."""
    return issubclass(kind, ATOMIC)


def _remembered(value: Any, made: Any, memo: dict[int, Any]) -> Any:
    memo[id(value)] = made
    memo.setdefault(-1, []).append(value)  # what is numbered by its id must stay alive
    return made


def _of_kind(array: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return an array as a matrix or a table, as another is, with what that holds beside its numbers."""
    made = array.view(type(kind))
    vars(made).update(vars(kind))
    return made


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, dict):
        return _refilled(value, memo)
    if isinstance(value, _LISTS):
        made = copy.copy(value)
        memo[id(value)] = made
        far = list(itertools.islice(value, ENOUGH, None)) if is_data_set(value) else []  # nobody writes to it
        made.clear()
        made.extend([copied(item, memo) for item in itertools.islice(value, len(value) - len(far))])
        made.extend(far)
        return made
    if isinstance(value, tuple):
        items = [copied(item, memo) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, types.FunctionType):
        return _function(value, memo)
    if isinstance(value, types.MethodType):
        return types.MethodType(value.__func__, copied(value.__self__, memo))
    if isinstance(value, _SETS):
        return type(value)(copied(item, memo) for item in value)
    if isinstance(value, Table):
        return Table.of(copied(value.numbers, memo), value.names, value.kinds)
    if hasattr(value, "__dict__") and not isinstance(value, np.ndarray):
        return _instance(value, memo)
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a file, a lock, a generator: whatever it is, it is shared
        return value


def _function(value: types.FunctionType, memo: dict[int, Any]) -> types.FunctionType:
    """Return a function that closes over the copies: what is local to a method may go on with its `self`."""
    held = [cell for cell in value.__closure__ or () if _is_filled(cell) and type(cell.cell_contents) not in SIMPLE]
    if not held:
        return value
    cells = tuple(types.CellType() for _ in value.__closure__ or ())
    made = types.FunctionType(value.__code__, value.__globals__, value.__name__, value.__defaults__, cells)
    made.__dict__.update(value.__dict__)
    made.__kwdefaults__ = value.__kwdefaults__
    memo[id(value)] = made
    for own, cell in zip(cells, value.__closure__ or (), strict=True):
        if _is_filled(cell):
            own.cell_contents = copied(cell.cell_contents, memo)
    return made


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # it is given a value later, or never
        return False


def _array(value: np.ndarray, memo: dict[int, Any]) -> np.ndarray:
    base = value.base
    if isinstance(base, np.ndarray) and type(base) is np.ndarray and id(base) in memo:
        return _view_like(value, base, memo[id(base)])
    if value.dtype == object:
        made = np.empty_like(value)
        for place in np.ndindex(value.shape):
            made[place] = copied(value[place], memo)
        return made
    return value.copy()


def _view_like(value: np.ndarray, base: np.ndarray, replacement: np.ndarray) -> np.ndarray:
    """Return the same view into a copy of an array's base, or a plain copy where that has another layout."""
    same = replacement.strides == base.strides and replacement.dtype == value.dtype
    if not (same and replacement.flags.writeable and type(replacement) is np.ndarray):
        return value.copy()
    offset = value.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return np.ndarray(value.shape, value.dtype, replacement, offset, value.strides)


def _refilled(value: dict[Any, Any], memo: dict[int, Any]) -> Any:
    made = copy.copy(value)  # keeps the class and what a defaultdict makes
    memo[id(value)] = made
    for key, item in value.items():
        made[key] = copied(item, memo)
    return made


def _instance(value: Any, memo: dict[int, Any]) -> Any:
    try:
        made = object.__new__(type(value))
    except TypeError:
        return value
    memo[id(value)] = made
    held = vars(made)
    for name, item in vars(value).items():
        held[name] = item if type(item) in SIMPLE else copied(item, memo)
    return made
