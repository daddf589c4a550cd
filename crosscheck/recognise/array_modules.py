"""Modules that are not here and that a program computes with as it would with NumPy: `import backend as xp`."""

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from crosscheck.recognise.datasets import Known
from crosscheck.recognise.stubs import Overlay, Stub
from crosscheck.source.walking import walked

COMPUTES = frozenset(name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)) | {
    *("array", "asarray", "zeros", "ones", "empty", "full", "zeros_like", "ones_like", "arange", "eye", "random"),
    *("dot", "einsum", "outer", "tensordot", "transpose", "reshape", "concatenate", "where", "clip", "linalg"),
    *("sum", "mean", "var", "std", "max", "min", "argmax", "prod", "cumsum"),
}
"""What only a library of arrays has all together: a module of helpers may have `load` and `save` as well"""
FEWEST = 2
"""Of these, for a module to be such a library"""


def _whole(array: np.ndarray) -> np.ndarray:
    return np.asarray(array)


OF_DEVICES = {"asnumpy": _whole, "to_numpy": _whole, "get_array_module": lambda *_: np, "cuda": Stub("cuda")}
"""What libraries have beside it that compute elsewhere than in NumPy"""
ARRAYS = Overlay(np, **OF_DEVICES)
"""NumPy in place of them"""


def computes_arrays(tree: ast.Module, module: str, member: str = "") -> bool:
    r"""Tell whether a module, or a member of it, is a library of arrays by what is read of it.

    >>> source = "import backend as b\ndef f(x): return b.exp(x) / b.sum(b.exp(x))"
    >>> computes_arrays(ast.parse(source), "backend")
    True
    >>> computes_arrays(ast.parse(source.replace("b.sum", "b.total")), "backend")
    False
    """
    called = set(_names(tree, module, member))
    nodes = (node for node in walked(tree) if isinstance(node, ast.Attribute))
    read = {node.attr for node in nodes if ast.unparse(node.value) in called}
    return read <= {*dir(np), *OF_DEVICES} and len(read & (COMPUTES | OF_DEVICES.keys())) >= FEWEST


def within(name: str, module: Any) -> Any:
    """Return what an import brings along whose last part is a module that is given: `import a.b as c`."""
    for part in reversed(name.split(".")[1:]):
        module = Known(name, {part: module})
    return module


def _names(tree: ast.Module, module: str, member: str) -> Iterator[str]:
    for node in walked(tree):
        if isinstance(node, ast.Import) and not member:
            yield from (alias.asname or alias.name for alias in node.names if alias.name == module)
        elif isinstance(node, ast.ImportFrom) and member and (node.module or "") == module:
            yield from (alias.asname or alias.name for alias in node.names if alias.name == member)
