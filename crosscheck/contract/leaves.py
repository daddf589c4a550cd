"""The leaves of arguments and answers: named, copied, compared."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscheck import trees

_PLAIN = (int, float, complex, str, bytes, bool, np.generic)  # cannot be changed, so need no copy


def named_arguments(arguments: Sequence[Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the names and leaves of all arguments: `Wxh`, `initial_state`, or `argument 3` where there is no name.

    >>> named_arguments(({"W": 1.0}, 2, 3), ("inputs",))
    [('W', 1.0), ('inputs', 2), ('argument 3', 3)]
    """
    numbered = (f"argument {number}" for number in range(2 + len(names), 1 + len(arguments)))
    roots = ("parameters", *names, *numbered)
    return [pair for root, argument in zip(roots, arguments, strict=False) for pair in trees.flatten(argument, root)]


def private_copy(argument: Any, layout: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Return a deep copy of an argument, whose arrays are laid out in memory as `layout` says."""
    if isinstance(argument, np.ndarray):
        return layout(argument)

    def of_leaf(leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            return layout(leaf)
        return leaf if isinstance(leaf, _PLAIN) else copy.deepcopy(leaf)

    return trees.transform(of_leaf, argument)


def all_identical(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Say whether no leaf of the arguments changed, as in nearly every call."""
    then, now = trees.leaves(before), trees.leaves(after)
    return len(then) == len(now) and all(map(identical, then, now))


def changed_leaves(before: Sequence[tuple[str, Any]], after: Sequence[tuple[str, Any]]) -> list[str]:
    """Return the names of the leaves that are not what they were, were taken away, or came up."""
    then, now = dict(before), dict(after)
    changed = [name for name, leaf in before if name not in now or not identical(leaf, now[name])]
    return changed + [name for name in now if name not in then]


def identical(first: Any, second: Any) -> bool:
    """Say whether two leaves are the same bit for bit; objects that are neither arrays nor plain values pass."""
    if isinstance(first, np.ndarray):
        if type(second) is not type(first) or first.shape != second.shape or first.dtype != second.dtype:
            return False
        if first.dtype.char == "g":  # longdouble: some of its bytes mean nothing
            return np.array_equal(first, second, equal_nan=True)
        return first.tobytes() == second.tobytes()
    return not isinstance(first, _PLAIN) or (type(first) is type(second) and repr(first) == repr(second))


def enumerated(names: Sequence[str]) -> str:
    """Join names for a sentence.

    >>> enumerated(["W", "b", "U"])
    'W, b and U'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
