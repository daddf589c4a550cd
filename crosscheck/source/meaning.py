"""What Python 2 means by syntax that Python 3 reads otherwise, and what NumPy had: a tree to be run, and its names.

`Document.tree` stays as it was written, for edits; only what is executed is changed.
"""

import __future__

import ast
import builtins
import copy
import functools
import numbers
import operator
import types
from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any

import numpy as np

from crosscheck.source.document import Document
from crosscheck.source.older_numpy import with_removed_names
from crosscheck.source.torch_arrays import in_numpy
from crosscheck.source.torch_words import uses_arrays_alone
from crosscheck.source.walking import walk

_MODULES = {
    "cPickle": "pickle",
    "StringIO": "io",
    "cStringIO": "io",
    "Queue": "queue",
    "ConfigParser": "configparser",
    "Tkinter": "tkinter",
    "__builtin__": "builtins",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
_FROM_ITERTOOLS = {"izip": "zip", "imap": "map", "ifilter": "filter", "izip_longest": "zip_longest"}
_METHODS = {"iteritems": "items", "iterkeys": "keys", "itervalues": "values"}
_ATTRIBUTES = {("sys", "maxint"): "maxsize", ("string", "letters"): "ascii_letters",
               ("string", "lowercase"): "ascii_lowercase", ("string", "uppercase"): "ascii_uppercase"}  # fmt: skip
ONCE = frozenset({"reversed", "map", "zip", "filter"})
"""What returns something that can be gone through once"""
_SPECIAL = {"next": "__next__", "__div__": "__truediv__", "__idiv__": "__itruediv__", "__nonzero__": "__bool__"}


def executable(document: Document) -> ast.Module:
    """Return a copy of the tree that Python 3 runs as the author meant it, on the same lines.

    It uses names that must be there when it runs: put `names_of(document)` among the module's globals first.
    """
    tree = copy.deepcopy(document.tree)
    if uses_arrays_alone(document.code):
        tree = in_numpy(tree)
    tree = _with_lists(with_removed_names(tree))
    if not document.python2:
        return tree
    true_division = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "division" for alias in node.names)
        for node in walk(tree)
    )
    return ast.fix_missing_locations(_Python2(divide=not true_division).visit(tree))


def _with_lists(tree: ast.Module) -> ast.Module:
    """Return a module whose functions return lists in place of what can be gone through once: `return reversed(grads)`.

    >>> ast.unparse(_with_lists(ast.parse("def f(): return reversed(g)")).body[0].body[0])
    'return list(reversed(g))'
    """
    for node in (node for node in walk(tree) if isinstance(node, ast.Return)):
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") in ONCE:
            made = ast.Call(ast.Name("list", ast.Load()), [node.value], [])
            node.value = ast.fix_missing_locations(ast.copy_location(made, node.value))
    return tree


def compiled(tree: ast.Module, filename: str) -> types.CodeType:
    """Return the code of a module, or of some of its statements.

    Annotations are never evaluated, as `from __future__ import annotations` has it for a whole module: they may name
    classes that stand further down, or modules that are not here.
    """
    return compile(tree, filename, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)


def names_of(document: Document) -> dict[str, Any]:
    """Return what `executable` needs, and the builtins of Python 2; nothing for Python 3."""
    return dict(_NAMES) if document.python2 else {}


class _Python2(ast.NodeTransformer):
    def __init__(self, *, divide: bool) -> None:
        self.divide = divide

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return _call("_divide", node.left, node.right, at=node) if self._divides(node.op) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if not self._divides(node.op):
            return node
        before = copy.deepcopy(node.target)
        before.ctx = ast.Load()
        quotient = _call("_divide_in_place", before, node.value, at=node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=quotient), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.keywords:
            return node
        name, owner = node.func.attr, node.func.value
        if name in _METHODS and not node.args:
            node.func.attr = name = _METHODS[name]
        if name in {"keys", "values", "items"} and not node.args:
            return _call("_listed", node, at=node)
        if name == "has_key" and len(node.args) == 1:
            return ast.copy_location(ast.Compare(node.args[0], [ast.In()], [owner]), node)
        if name == "next" and not node.args:
            return _call("_next", owner, at=node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner == "itertools" and node.attr in {"izip", "imap", "ifilter"}:
            return ast.copy_location(ast.Name(_FROM_ITERTOOLS[node.attr], ast.Load()), node)
        node.attr = _ATTRIBUTES.get((owner, node.attr), node.attr)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        defined = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        for old, new in _SPECIAL.items():
            if old in defined and new not in defined:
                alias = ast.Assign(targets=[ast.Name(new, ast.Store())], value=ast.Name(old, ast.Load()))
                node.body.append(ast.copy_location(alias, node.body[-1]))
        return node

    def visit_Import(self, node: ast.Import) -> ast.Import:
        for alias in node.names:
            if alias.name in _MODULES:
                alias.asname = alias.asname or alias.name
                alias.name = _MODULES[alias.name]
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        node.module = _MODULES.get(node.module or "", node.module)
        if node.module == "itertools":
            for alias in node.names:
                if alias.name in _FROM_ITERTOOLS and alias.name != "izip_longest":
                    node.module = "builtins"
                if alias.name in _FROM_ITERTOOLS:
                    alias.asname = alias.asname or alias.name
                    alias.name = _FROM_ITERTOOLS[alias.name]
        return node

    def _divides(self, op: ast.operator) -> bool:
        return self.divide and isinstance(op, ast.Div)


def _call(name: str, *arguments: ast.expr, at: ast.expr | ast.stmt) -> ast.Call:
    function = ast.copy_location(ast.Name(f"python2{name}", ast.Load()), at)
    return ast.copy_location(ast.Call(function, list(arguments), []), at)


def _is_whole(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iub"
    return isinstance(value, numbers.Integral)


def _divide(one: Any, other: Any) -> Any:
    """Divide as Python 2 does: of two integers, or arrays of integers, the quotient is rounded down."""
    return one // other if _is_whole(one) and _is_whole(other) else one / other


def _divide_in_place(one: Any, other: Any) -> Any:
    if _is_whole(one) and _is_whole(other):
        return operator.ifloordiv(one, other)
    return operator.itruediv(one, other)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, KeysView | ValuesView | ItemsView) else value


def _next(value: Any) -> Any:
    return value.next() if hasattr(value, "next") else next(value)


def _round(value: Any, digits: int = 0) -> float:
    """Round half away from zero, to a float."""
    scale = 10.0**digits
    return float(np.copysign(np.floor(abs(value) * scale + 0.5) / scale, value))


def _cmp(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _map(function: Any, *iterables: Any) -> list[Any]:
    return list(map(function, *iterables)) if function is not None else list(zip(*iterables, strict=False))


_NAMES: dict[str, Any] = {
    "python2_divide": _divide,
    "python2_divide_in_place": _divide_in_place,
    "python2_listed": _listed,
    "python2_next": _next,
    "basestring": str,
    "cmp": _cmp,
    "filter": lambda keep, values: list(builtins.filter(keep, values)),
    "long": int,
    "map": _map,
    "range": lambda *bounds: list(builtins.range(*map(operator.index, bounds))),
    "raw_input": builtins.input,
    "reduce": functools.reduce,
    "round": _round,
    "unichr": chr,
    "unicode": str,
    "xrange": builtins.range,
    "zip": lambda *iterables: list(builtins.zip(*iterables, strict=False)),
}
