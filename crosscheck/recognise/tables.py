"""Arguments that a function treats as data frames or series: arrays that bear being asked for what pandas has."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.defaults import defaults_of
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
    asked |= set(_asked_by_name(node))
    return {name: _as_table(value) if name in asked else value for name, value in given.items()}


def _asked_by_name(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments of which columns are taken by words: `df["age"]`, or `df[column]` with a word for a default.

    >>> list(_asked_by_name(ast.parse("def fit(df, of='age', n=3): return df[of], df[n], other['age']").body[0]))
    ['df']
    """
    words = {name for name, value in defaults_of(node) if isinstance(value, ast.Constant) and type(value.value) is str}
    own = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args)}
    for part in walked(node):
        match part:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(str()) | ast.Name()) if name in own:
                if isinstance(part.slice, ast.Constant) or getattr(part.slice, "id", "") in words:
                    yield name
            case _:
                pass


def _root(node: ast.expr) -> ast.expr:
    """Return what a chain of attributes and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _as_table(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or value.ndim not in (1, 2):
        return value
    return Table.of(value) if value.ndim == 2 else value.view(Column)
