"""Numbers that a program keeps in plain lists: seen as arrays here, and lists again when the program's code runs.

A recorded call holds a `Listed` array in place of each list of numbers; `copied` (crosscheck.recognise.copying) makes a
list of it again, of whatever numbers take its place: floats, complex ones, carriers. What a call leaves behind is
turned into arrays in the same way, so that nobody else has to know of lists.
"""

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.statements import root_word
from crosscheck.references.carriers import Carrier, uncarried
from crosscheck.source.walking import walk

MOST = 20_000
"""Numbers in a list that is looked at"""
DEEPEST = 8
FEWEST = 3
"""Rows of a table, the columns of which may be told to hold classes"""
DRAWN = 997
"""What a random number is multiplied by to choose a label"""
ROUNDED = 1e-6
"""How far from a label a number may be that stands for it: float32 rounds to 6e-8, and samples of rounding move it"""


class Listed(np.ndarray):
    """An array that stands for a list of numbers, a nested one, or a single number (no axes).

    Only what was made by `standing` is put back; what is computed from it is an ordinary array.
    """

    stands: bool = False
    """Whether it stands for a list, and is not merely computed from one that does"""
    labels: Mapping[int, tuple[float, ...]] | None = None
    """What stands in some places of a list, or of each row: class labels, of which there are these"""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return what a ufunc computed as an ordinary array."""
        del context
        return array[()] if return_scalar else np.asarray(array)


def put_back(value: Any, values: Any) -> Any:
    """Return the list, or the number, that an array stands for, with other values in it."""
    if value.ndim == 0:
        return values if isinstance(values, Carrier) else values[()]
    back = _lists(values)
    labels = getattr(value, "labels", None)
    if labels:
        numbers = np.atleast_2d(np.real(np.asarray(uncarried(values))))
        for row, drawn in zip(back if value.ndim > 1 else [back], numbers, strict=True):
            for place, known in labels.items():
                row[place] = _label(float(drawn[place]), known)  # an integer again: it may be an index
    return back


def with_labels(value: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return numbers that were drawn for an array, with labels in the places where it has them."""
    labels = getattr(value, "labels", None)
    for place, known in (labels or {}).items():
        for row in drawn if drawn.ndim > 1 else [drawn]:
            row[place] = _label(float(row[place]), known)
    return drawn


def _label(drawn: float, known: Sequence[float]) -> float:
    """Return one of some labels: the one that was given, rounded perhaps, or what a random number stands for."""
    given = (label for label in known if abs(label - drawn) <= ROUNDED)
    return next(given, known[int(abs(drawn) * DRAWN) % len(known)])


def _lists(values: np.ndarray) -> Any:
    if not isinstance(values, Carrier) and values.dtype == np.float64:
        return values.tolist()
    return [_lists(row) for row in values] if values.ndim > 1 else list(values)


def stands_for_list(value: Any) -> bool:
    """Tell whether a value stands for a list, or for a number."""
    return isinstance(value, np.ndarray) and getattr(value, "stands", False)


def listed_number(value: Any) -> Listed:
    """Return what stands for one number."""
    return standing(np.array(float(value)))


def standing(array: np.ndarray, labels: Mapping[int, tuple[float, ...]] | None = None) -> Listed:
    """Return an array that stands for a list, with labels in some places perhaps."""
    made = array.view(Listed)
    made.stands, made.labels = True, labels
    return made


def keeps_lists(tree: ast.Module) -> bool:
    """Tell whether a module computes with numbers in lists: it moves them entry by entry, or knows no NumPy."""
    imported = {
        alias.name.partition(".")[0]
        for node in walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    return not imported & {"numpy", "jax", "torch"} or bool(moved_entries(tree))


def moved_entries(tree: ast.AST) -> frozenset[str]:
    """Return the names of what is moved entry by entry: `w` for `w[i] += step` and `w[i][j] = w[i][j] - step`."""
    found = set()
    for node in walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            target = node.target
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.BinOp)
            and isinstance(node.value.op, ast.Add | ast.Sub)
            and ast.unparse(node.targets[0]) in (ast.unparse(node.value.left), _first(node.value.left))
        ):
            target = node.targets[0]
        else:
            continue
        if isinstance(target, ast.Subscript):
            found.add(root_word(target))
    return frozenset(found)


def _first(value: ast.expr) -> str:
    """Return the first term of a sum: `w[i]` of `w[i] + step + momentum`."""
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        value = value.left
    return ast.unparse(value)


def as_listed(holders: Collection[dict[str, Any]], moved: Collection[str], memo: dict[int, Any]) -> None:
    """Put `Listed` arrays in the place of lists of numbers, in copies that may be changed; `memo` learns of them.

    `moved` are names of lists of which no number is a label.
    """
    made = _Making(moved)
    for holder in holders:
        made.count(holder, 0)
    for holder in holders:
        for name, value in holder.items():
            holder[name] = made.converted(value, name, 0)
    for original, copy in list(memo.items()):
        if original != -1 and id(copy) in made.known:
            memo[original] = made.known[id(copy)]
    memo.setdefault(-1, []).append(made)


class _Making:
    def __init__(self, moved: Collection[str]) -> None:
        self.moved = moved
        self.parents: dict[int, set[int]] = {}
        """The lists that hold a list, by its id: a row that is known elsewhere as well stays an object of its own"""
        self.labels: dict[int, dict[int, tuple[float, ...]]] = {}
        """Those of the rows of tables, by the ids of the rows"""
        self.known: dict[int, Any] = {}
        self.kept: list[Any] = []
        self.visited: set[int] = set()

    def count(self, value: Any, depth: int) -> None:
        parts = _parts(value)
        if parts is None or id(value) in self.visited or depth > DEEPEST:
            return
        self.visited.add(id(value))
        for name, item in list(parts.items())[:MOST]:
            if isinstance(item, list) and (isinstance(name, int) or name in self.moved):
                self.parents.setdefault(id(item), set()).add(id(value))
            self.count(item, depth + 1)
        if isinstance(value, list) and len(value) >= FEWEST and len(_shape(value) or ()) == 2:
            self.labels.update(dict.fromkeys(map(id, value), _labels_of(value)))

    def converted(self, value: Any, name: str, depth: int) -> Any:
        if id(value) in self.known:
            return self.known[id(value)]
        if depth > DEEPEST or _parts(value) is None:
            return value
        self.kept.append(value)
        self.known[id(value)] = value
        if isinstance(value, list):
            array = self.array(value, name)
            if array is not None:
                self.known[id(value)] = array
                return array
            value[:] = [self.converted(item, name, depth + 1) for item in value]
        elif isinstance(value, tuple):
            items = [self.converted(item, name, depth + 1) for item in value]
            if any(one is not other for one, other in zip(items, value, strict=True)):
                self.known[id(value)] = type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        else:
            holder = value if isinstance(value, dict) else vars(value)
            if isinstance(value, dict) and name in self.moved and _holds_numbers(value):
                value.update({key: standing(np.array(number)) for key, number in value.items()})
            for key, item in list(holder.items()):
                if (new := self.converted(item, key if isinstance(key, str) else name, depth + 1)) is not item:
                    holder[key] = new
        return self.known[id(value)]

    def array(self, value: list[Any], name: str) -> Listed | None:
        shape = _shape(value)
        if shape is None or (len(shape) > 1 and self._has_known_rows(value)):
            return None
        numbers = list(flat(value))
        is_moved = name in self.moved
        if len(numbers) > MOST or not (is_moved or any(isinstance(n, float) for n in numbers)):
            return None
        labels = self.labels.get(id(value if len(shape) == 1 else value[0]), {})
        if len(shape) == 1 and not labels:
            labels = {place: (number,) for place, number in enumerate(numbers) if isinstance(number, int)}
        return standing(np.array(numbers, float).reshape(shape), None if is_moved else labels)

    def _has_known_rows(self, value: list[Any]) -> bool:
        rows = {id(row) for row in value}
        return len(rows) < len(value) or any(
            len(self.parents.get(id(row), ())) > 1 or (isinstance(row[0], list) and self._has_known_rows(row))
            for row in value
        )


def _holds_numbers(value: dict[Any, Any]) -> bool:
    """Tell whether a dictionary holds a number for each of its keys, as biases of users are kept."""
    return 0 < len(value) <= MOST and all(isinstance(number, float) for number in value.values())


def _labels_of(table: list[Any]) -> dict[int, tuple[float, ...]]:
    """Return the columns of a table that hold classes: whole numbers, few of them, beside columns of another kind."""
    found = {}
    for place, column in enumerate(zip(*table, strict=True)):
        distinct = sorted(set(column))
        is_whole = all(float(number).is_integer() for number in column)
        if is_whole and (1 < len(distinct) <= max(2, len(column) // 2) or all(isinstance(n, int) for n in column)):
            found[place] = tuple(distinct)
    return found if len(found) < len(table[0]) else {}


def _parts(value: Any) -> dict[Any, Any] | None:
    """Return what a container holds, by name or place; None of anything that is none."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    return vars(value) if type(value).__module__ == "__main__" and hasattr(value, "__dict__") else None


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of a rectangular list of numbers, None of anything else."""
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        return (len(value),)
    shapes = {_shape(item) if isinstance(item, list) else None for item in value}
    inner = shapes.pop()
    return None if shapes or inner is None or len(inner) > 2 else (len(value), *inner)


def flat(value: list[Any]) -> Any:
    """Yield the numbers of a nested list."""
    for item in value:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item
