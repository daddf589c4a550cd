"""Arguments that are objects of the file's own classes: told by the attributes that are read of them."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.slots import handed_on

DEEPEST = 3
"""Functions through which an argument is followed"""


def objects_of(
    node: ast.FunctionDef, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]
) -> dict[str, type]:
    """Return the class of each argument that can be an object of one class of the file only.

    An array has a shape and a transpose as well: something must be read of it that no array has.
    """
    classes = [value for value in names.values() if isinstance(value, type) and value.__module__ == "__main__"]
    members = {kind: _members(kind, nodes) for kind in classes}
    found = {}
    for argument in (a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)):
        read = set(_read(node, argument, nodes, DEEPEST))
        fitting = [kind for kind in classes if read <= members[kind]]
        if argument not in ("self", "cls") and read - set(dir(np.ndarray)) - set(dir(dict)) and len(fitting) == 1:
            found[argument] = fitting[0]
    return found


def _members(kind: type, nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    """Return the methods of a class, and what its methods keep in an object."""
    found: set[str] = set()
    for parent in kind.__mro__:
        found |= vars(parent).keys()
        for name, method in nodes.items():
            if name.rpartition(".")[0] == parent.__name__:
                kept = (n for n in ast.walk(method) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
                found |= {n.attr for n in kept if isinstance(n.value, ast.Name) and n.value.id == "self"}
    return found


def _read(node: ast.AST, name: str, nodes: Mapping[str, ast.FunctionDef], depth: int) -> Iterator[str]:
    """Yield the attributes that a function, and those that it hands an argument to, read of the argument."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == name:
            yield inner.attr
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and depth and inner.func.id in nodes:
            callee = nodes[inner.func.id]
            for own, theirs in handed_on(inner, callee):
                if own == name and callee is not node:
                    yield from _read(callee, theirs, nodes, depth - 1)
