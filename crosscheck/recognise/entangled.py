"""Data that the file computed from other data, as in `G = X.T @ X`: drawn apart they would be at odds."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.statements import root_word, stored
from crosscheck.recognise.straight import values_read

LOOP = re.compile(r"the loop in line (\d+)$")


def derived_data(replay: Any) -> frozenset[int]:
    """Return the identities of a call's data that were computed from one another, parameters excepted."""
    tree, roots = replay.world.document.tree, replay.roots()
    moved = {parameter for parameter, _ in update_pairs(tree)}
    owner = replay.entry.function.partition(", ")[0]
    turn = LOOP.search(replay.entry.function)
    data = [name for name, value in roots.items() if name not in moved and not isinstance(value, int | float)]
    names = entangled(tree, owner, data, int(turn[1]) if turn else None)
    names |= told_by_numbers({name: roots[name] for name in data})
    held = {name: roots[name] for name in names}
    return frozenset((*map(id, held.values()), *(id(leaf.value) for leaf in leaves(held))))


def told_by_numbers(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the data that say the same as others: encodings of the symbols beside them, masks of the lengths.

    >>> lengths, mask = np.array([1, 3]), np.array([[1.0, 0, 0], [1, 1, 1]])
    >>> sorted(told_by_numbers({"i": np.array([2, 0, 1]), "o": np.eye(3)[[2, 0, 1]], "n": lengths, "m": mask}))
    ['i', 'm', 'n', 'o']
    """
    arrays = {name: value for name, value in data.items() if isinstance(value, np.ndarray) and value.size > 1}
    whole = {name: value for name, value in arrays.items() if value.dtype.kind in "iu"}
    others = {name: value for name, value in arrays.items() if value.ndim > 1 and np.isin(value, (0, 1)).all()}
    return frozenset(
        name
        for known, numbers in whole.items()
        for other, table in others.items()
        if known != other and table.shape[:-1] == numbers.shape and (_encodes(table, numbers) or _masks(table, numbers))
        for name in (known, other)
    )


def _encodes(table: np.ndarray, symbols: np.ndarray) -> bool:
    return bool((table.sum(-1) == 1).all() and (table.argmax(-1) == symbols).all())


def _masks(table: np.ndarray, lengths: np.ndarray) -> bool:
    return bool((table == (np.arange(table.shape[-1]) < lengths[..., None])).all())


def entangled(tree: ast.Module, owner: str, names: Iterable[str], turn: int | None = None) -> frozenset[str]:
    """Return those of some variables of which one was computed from another.

    `owner` is the function whose variables they are; where it is none of the file's, they are the module's. What is
    computed in the loop in line `turn` is left aside: that is done anew in each turn, and a state that one turn leaves
    to the next may be any.

    >>> sorted(entangled(ast.parse("T = np.zeros((9, 3)); T[np.arange(9), y] = 1; z = 2"), "f", ["T", "y", "z"]))
    ['T', 'y']
    """
    reads: dict[str, set[str]] = {}
    for statement in _statements(tree, owner, turn):
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and value is not None:
            for name in stored(statement):
                reads.setdefault(name, set()).update(values_read(value) - {name})
            for target in getattr(statement, "targets", ()):  # `T[np.arange(n), y] = 1`
                if isinstance(target, ast.Subscript) and (name := root_word(target)):
                    read = values_read(value) | values_read(target.slice)
                    reads.setdefault(name, set()).update(read - {name})
    wanted = set(names)
    found: set[str] = set()
    for name in wanted:
        behind = _behind(name, reads) & wanted - {name}
        if behind:
            found |= behind | {name}
    return frozenset(found)


def _statements(tree: ast.Module, owner: str, turn: int | None) -> Iterator[ast.stmt]:
    """Yield the statements of a module, and of one of its functions, without those of other functions and of a loop."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                if owner.split(".")[-1] == child.name or child.name in owner.split("."):
                    waiting.append(child)
            elif isinstance(child, ast.For | ast.While) and child.lineno == turn:
                continue
            elif isinstance(child, ast.stmt):
                yield child
                waiting.append(child)


def _behind(name: str, reads: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in reads.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
