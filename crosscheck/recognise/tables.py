"""Arguments that a function treats as data frames or series: arrays that bear being asked for what pandas has."""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.frames import Column, Table
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked

ASKED = frozenset({"to_numpy", "iloc", "loc", "values"})
"""What is asked of a table and not of an array"""


def as_tables(node: ast.FunctionDef, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with tables in place of the arrays that a function asks for what tables have.

    >>> node = ast.parse("def fit(x, y): return x.astype(float).to_numpy() @ y").body[0]
    >>> {name: type(value).__name__ for name, value in as_tables(node, {"x": np.ones((2, 3)), "y": np.ones(3)}).items()}
    {'x': 'Table', 'y': 'ndarray'}
    """
    calls = {id(part.func) for part in walked(node) if isinstance(part, ast.Call)}
    asked = {
        root_word(_root(part))
        for part in walked(node)
        if isinstance(part, ast.Attribute) and part.attr in ASKED and not (part.attr == "values" and id(part) in calls)
    }
    return {name: _as_table(value) if name in asked else value for name, value in given.items()}


def _root(node: ast.expr) -> ast.expr:
    """Return what a chain of attributes and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _as_table(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or value.ndim not in (1, 2):
        return value
    return Table.of(value) if value.ndim == 2 else value.view(Column)
