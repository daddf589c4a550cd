"""Nested containers of arrays, taken apart and put together again, without JAX.

Known containers are dict, list, tuple, NamedTuple and dataclass, nested as one likes; everything else is a leaf, and
None holds no leaf. Leaves come in JAX's order, so a list of leaves means the same to both: the keys of a dict are
sorted (those of an OrderedDict are not), and a dataclass field whose metadata says `static` is not a child. Every leaf
has a readable name: `Wxh`, `layers[0].W`, `cells['input gate']`, or the name of the whole tree where that is one array.
"""

import copy
import dataclasses
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np


def flatten(tree: Any, root: str = "parameters") -> list[tuple[str, Any]]:
    """Return the names and leaves of a tree; `root` names the tree itself.

    >>> flatten({"W": 1.0, "layers": [2.0, {"b": 3.0}]})
    [('W', 1.0), ('layers[0]', 2.0), ('layers[1].b', 3.0)]
    """
    named: list[tuple[str, Any]] = []

    def visit(node: Any, path: str) -> None:
        children = _children(node)
        if children is None:
            named.append((_name(path, root), node))
        else:
            for step, child in children:
                visit(child, path + step)

    visit(tree, "")
    return named


def leaves(tree: Any) -> list[Any]:
    """Return the leaves in the order of `flatten`, several times as fast because nothing is named."""
    if isinstance(tree, np.ndarray):
        return [tree]
    if isinstance(tree, tuple | list):
        found = []
        for child in tree:  # the check saves a call for most
            if isinstance(child, np.ndarray):
                found.append(child)
            else:
                found += leaves(child)
        return found
    children = _children(tree)
    return [tree] if children is None else [leaf for _, child in children for leaf in leaves(child)]


def rebuild(tree: Any, new_leaves: Iterable[Any]) -> Any:
    """Return a tree of the same structure with other leaves, in the order of `flatten`.

    Raises ValueError if there are too few or too many.

    >>> rebuild({"b": 1.0, "a": (2.0, 3.0)}, [20.0, 30.0, 10.0])
    {'b': 10.0, 'a': (20.0, 30.0)}
    """
    remaining = iter(new_leaves)
    end = object()

    def following(_: Any) -> Any:
        leaf = next(remaining, end)
        if leaf is end:
            raise ValueError("There are fewer leaves than the tree has places.")
        return leaf

    built = transform(following, tree)
    if next(remaining, end) is not end:
        raise ValueError("There are more leaves than the tree has places.")
    return built


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree of the same structure whose leaves went through a function. Its containers are new ones.

    >>> transform(abs, {"W": -1.0, "b": [-2.0]})
    {'W': 1.0, 'b': [2.0]}
    """
    if isinstance(tree, np.ndarray):
        return function(tree)
    if isinstance(tree, dict):
        new = {key: transform(function, tree[key]) for key in _keys(tree)}
        built = copy.copy(tree)  # keeps the class, the order of insertion and a defaultdict's factory
        built.update(new)
        return built
    if isinstance(tree, tuple | list):
        children = [transform(function, child) for child in tree]
        if isinstance(tree, list):
            return children
        return type(tree)(*children) if hasattr(tree, "_fields") else tuple(children)
    if _is_dataclass(tree):
        built = copy.copy(tree)
        for field in _fields(tree):
            # Not dataclasses.replace: that would run __post_init__ on leaves that need not be arrays.
            object.__setattr__(built, field, transform(function, getattr(tree, field)))
        return built
    return None if tree is None else function(tree)


class Mismatch(NamedTuple):
    """One place where two trees differ in structure."""

    kind: Literal["missing", "extra", "container"]
    name: str
    sentence: str
    """What differs there, without a full stop."""


def places(expected: Any, given: Any) -> list[Any] | None:
    """Return what is given in the place of each leaf that is expected; None if the trees differ, as `match` tells.

    Much faster than `match` where the containers are of the same classes. None may also mean that they are only alike.
    """
    if isinstance(expected, np.ndarray):
        return [given]
    if isinstance(expected, tuple | list):
        if type(given) is not type(expected) or len(given) != len(expected):
            return None
        children = zip(expected, given, strict=True)
    elif isinstance(expected, dict):
        if not isinstance(given, dict) or expected.keys() != given.keys():
            return None
        children = ((expected[key], given[key]) for key in _keys(expected))
    else:
        return None
    found = []
    for child, other in children:
        if isinstance(child, np.ndarray):
            found.append(other)
        elif (inside := places(child, other)) is not None:
            found += inside
        else:
            return None
    return found


def match(expected: Any, given: Any, root: str = "parameters") -> tuple[list[tuple[str, Any, Any]], list[Mismatch]]:
    """Lay one tree over another: return (name, expected leaf, what is given there), and every place that does not fit.

    What is given in the place of a leaf may be anything (an array, None, a list): judging it is left to the caller.
    Lists and plain tuples may stand for each other, and so may classes whose fields have the same names, because
    nothing can be mistaken there; a dict or a plain tuple in the place of a NamedTuple is a mismatch.
    """
    pairs: list[tuple[str, Any, Any]] = []
    mismatches: list[Mismatch] = []

    def visit(node: Any, other: Any, path: str) -> None:
        children = _children(node)
        if children is None:
            pairs.append((_name(path, root), node, other))
            return
        name = _name(path, root)
        if other is None and children:
            mismatches.append(Mismatch("missing", name, f"{name} is None"))
        elif node is None and other is not None:
            mismatches.append(Mismatch("extra", name, f"{name} is {_described(other)}, expected None"))
        elif _kind(node) != _kind(other):
            sentence = f"{name} is {_described(other)}, expected {_described(node)}{_remedy(node, other)}"
            mismatches.append(Mismatch("container", name, sentence))
        else:
            others = dict(_children(other) or ())
            for step, child in children:
                if step in others:
                    visit(child, others.pop(step), path + step)
                elif flatten(child):  # a None that is left out is no loss
                    missing = _name(path + step, root)
                    mismatches.append(Mismatch("missing", missing, f"{missing} is missing"))
            for step in others:
                extra = _name(path + step, root)
                mismatches.append(Mismatch("extra", extra, f"{extra} has no counterpart"))

    visit(expected, given, "")
    return pairs, mismatches


def _children(node: Any) -> list[tuple[str, Any]] | None:
    """Return the steps to a container's children, with the children; None for a leaf."""
    if isinstance(node, np.ndarray):
        return None
    if isinstance(node, dict):
        return [(_step(key), node[key]) for key in _keys(node)]
    if isinstance(node, tuple | list):
        names = getattr(node, "_fields", None)
        if names is not None:
            return [(f".{field}", child) for field, child in zip(names, node, strict=True)]
        return [(f"[{i}]", child) for i, child in enumerate(node)]
    if _is_dataclass(node):
        return [(f".{field}", getattr(node, field)) for field in _fields(node)]
    return [] if node is None else None


def _keys(mapping: dict[Any, Any]) -> list[Any]:
    if isinstance(mapping, OrderedDict):
        return list(mapping)
    try:
        return sorted(mapping)
    except TypeError:  # keys of several types have no order: JAX refuses them, we take them as they come
        return list(mapping)


def _step(key: Any) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def _name(path: str, root: str) -> str:
    return path[1:] if path.startswith(".") else root + path


def _is_dataclass(node: Any) -> bool:
    return hasattr(type(node), "__dataclass_fields__") and not isinstance(node, type)


def _fields(node: Any) -> Iterator[str]:
    return (field.name for field in dataclasses.fields(node) if not field.metadata.get("static", False))


def _kind(node: Any) -> Any:
    if isinstance(node, dict):
        return "mapping"
    if isinstance(node, list | tuple) and not hasattr(node, "_fields"):
        return "sequence"
    children = _children(node)
    return "leaf" if children is None else tuple(step for step, _ in children)


def _described(node: Any) -> str:
    what = f"{'an' if type(node).__name__[0] in 'aeiouAEIOU' else 'a'} {type(node).__name__}"
    children = _children(node)
    if not children:
        return what
    shown = ", ".join(step.removeprefix(".") for step, _ in itertools.islice(children, 6))
    return f"{what} of {shown}{', ...' if len(children) > 6 else ''}"


def _remedy(node: Any, other: Any) -> str:
    names = getattr(node, "_fields", None)
    if names is not None and isinstance(other, dict) and set(other) == set(names):
        return f": return {type(node).__name__}(**gradients)"
    if names is not None and isinstance(other, list | tuple) and len(other) == len(names):
        return f": return {type(node).__name__}(*gradients)"
    return ""
