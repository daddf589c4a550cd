"""Names that are read and that nothing gives a value, and how they were probably meant."""

import ast
import builtins
import inspect
import re
from collections.abc import Iterator, Sequence

from crosscheck.source.attributes import unknown_attributes
from crosscheck.source.document import Document, Edit
from crosscheck.source.first_values import beginnings, unbegun
from crosscheck.source.meaning import names_of
from crosscheck.source.members import unknown_members
from crosscheck.source.problem import Problem
from crosscheck.source.python2 import ONLY_PYTHON2
from crosscheck.source.scopes import Scope, scopes_of
from crosscheck.source.spelling import nearest
from crosscheck.source.walking import walk

# What is imported so often under one name that the import can only have been forgotten.
CONVENTIONAL = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "scipy": "import scipy",
    "torch": "import torch",
    "tf": "import tensorflow as tf",
    "jnp": "import jax.numpy as jnp",
    "jax": "import jax",
    "OrderedDict": "from collections import OrderedDict",
    "defaultdict": "from collections import defaultdict",
    "Counter": "from collections import Counter",
    "deque": "from collections import deque",
    "reduce": "from functools import reduce",
    "tqdm": "from tqdm import tqdm",
    **{
        name: f"import {name}"
        for name in ("collections", "copy", "functools", "itertools", "json", "math", "os", "pickle", "random", "re")
    },
    **{name: f"import {name}" for name in ("string", "sys", "time", "warnings")},
}

_OF_MODULES = {"__file__", "__builtins__", "__path__", "__module__", "__qualname__", "__annotations__"}
_OF_IPYTHON = {"get_ipython", "display", "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_dh", "exit", "quit"}
_OF_PYTHON2 = ONLY_PYTHON2 | {"buffer", "coerce", "intern", "reload", "StandardError", "WindowsError"}
_OWN_FUNCTIONS = {name for name, value in vars(builtins).items() if inspect.isbuiltin(value) and name.isidentifier()}
_BINDS_UNSEEN = frozenset({"exec", "execfile", "globals", "vars", "locals", "__import__"})
_UNSEEN_MAGIC = re.compile(r"^[ \t]*%+(?:pylab|run|store|load|cython|writefile)\b", re.MULTILINE)
_OF_A_PROMPT = re.compile(r"_i?\d+")


def undefined_names(document: Document) -> list[Problem]:
    """Return a problem for every name that is read although nothing in the file gives it a value, by line.

    Nothing is said with certainty where names may come from elsewhere (`import *`, `exec`, `globals()`, `%run`).
    """
    scopes = scopes_of(document.tree, python2=document.python2)
    known = _known(document)
    sure = not _binds_unseen(document)
    missing: dict[str, list[tuple[Scope, ast.Name]]] = {}
    for scope in scopes:
        for use in scope.uses:
            known_here = use.id in known or use.id in scope.guarded or _OF_A_PROMPT.fullmatch(use.id)
            if not known_here and not scope.finds(use.id) and use.id not in _changed(scope, scopes[0]):
                missing.setdefault(use.id, []).append((scope, use))
    problems = [problem for name, uses in missing.items() if (problem := _problem(document, name, uses, sure=sure))]
    problems += _functions_as_data(document, scopes)
    problems += unknown_members(document)
    if sure:
        problems += unknown_attributes(document)
        problems += _without_first_value(document, scopes, known)
    return sorted(problems, key=lambda problem: problem.line)


def _problem(document: Document, name: str, uses: Sequence[tuple[Scope, ast.Name]], *, sure: bool) -> Problem | None:
    line = min(use.lineno for _, use in uses)
    where = document.place(line)
    if name in CONVENTIONAL:
        statement = CONVENTIONAL[name]
        if not sure:
            return None
        message = f"{where}: '{name}' is not defined: add `{statement}`."
        return Problem("missing-import", message, line, name, None, (_import_edit(document, statement),))
    suggestion = meant(name, uses[0][0])
    hint = f"; did you mean '{suggestion}'?" if suggestion else ": give it a value, or import it."
    if not sure:
        if suggestion is None or not _is_local(suggestion, uses[0][0]):
            return None
        message = f"{where}: '{name}' seems not to be defined{hint}"
        return Problem("perhaps-undefined", message, line, name, suggestion)
    edits = [
        Edit(*document.span(use), suggestion) for scope, use in uses if suggestion and meant(name, scope) == suggestion
    ]
    return Problem("undefined-name", f"{where}: '{name}' is not defined{hint}", line, name, suggestion, tuple(edits))


def _functions_as_data(document: Document, scopes: Sequence[Scope]) -> Iterator[Problem]:
    """Find a function of Python's own where only data can stand, as in `len(input)`, beside a variable `inputs`."""
    places = {id(node) for node in _data(document.tree)}
    found: dict[tuple[str, str], list[ast.Name]] = {}
    for scope in scopes:
        for use in scope.uses:
            if id(use) in places and use.id in _OWN_FUNCTIONS and not scope.finds(use.id):
                suggestion = meant(use.id, scope)
                if suggestion is not None and suggestion not in dir(builtins):
                    found.setdefault((use.id, suggestion), []).append(use)
    for (name, suggestion), uses in found.items():
        line = min(use.lineno for use in uses)
        message = f"{document.place(line)}: '{name}' is a function of Python's own here; did you mean '{suggestion}'?"
        edits = tuple(Edit(*document.span(use), suggestion) for use in uses)
        yield Problem("undefined-name", message, line, name, suggestion, edits)


def _data(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the expressions that are indexed, counted, calculated with or gone through."""
    for node in walk(tree):
        if isinstance(node, ast.Subscript):
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
            yield from node.args
        elif isinstance(node, ast.BinOp):
            yield from (node.left, node.right)
        elif isinstance(node, ast.For | ast.comprehension):
            yield node.iter


def meant(name: str, scope: Scope) -> str | None:
    """Return the one name in scope that `name` is a misspelling of; None where there is none, or where it is a guess.

    Inner scopes come first: a parameter is meant rather than a global of as similar a name.
    """
    return nearest(name, (*(one.bound for one in scope.visible()), dir(builtins)))


def _is_local(name: str, scope: Scope) -> bool:
    """Say whether a function's own name is meant: that cannot come from an import either."""
    return any(name in one.bound for one in scope.visible() if one.parent is not None)


def _without_first_value(document: Document, scopes: Sequence[Scope], known: set[str]) -> Iterator[Problem]:
    """Find what a function reads without ever having given it a value: Python fails there, whatever the globals."""
    for scope in scopes:
        if not isinstance(scope.node, ast.FunctionDef):
            continue
        for found in unbegun(document, scope):
            where = document.place(found.line)
            advice = f"start it before, in {scope.name}"
            if found.is_sum and (scope.finds(found.name) or found.name in known):
                advice += f", or declare `global {found.name}`"
            what = "changed but never given a first value" if found.is_sum else "read before it is given a value"
            message = f"{where}: '{found.name}' is {what}: {advice}."
            yield Problem("no-first-value", message, found.line, found.name, None, beginnings(scope, found))


def _changed(scope: Scope, module: Scope) -> set[str]:
    """Names that have their own report, or that a `global` declaration and += speak of."""
    return set(scope.only_changed) if isinstance(scope.node, ast.FunctionDef) or scope is module else set()


def _known(document: Document) -> set[str]:
    known = set(dir(builtins)) | _OF_MODULES | _OF_IPYTHON | set(names_of(document))
    return known | _OF_PYTHON2 if document.python2 else known


def _binds_unseen(document: Document) -> bool:
    if _UNSEEN_MAGIC.search(document.shown):
        return True
    for node in walk(document.tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _BINDS_UNSEEN:
            return True
    return False


def _import_edit(document: Document, statement: str) -> Edit:
    """Write an import where the first statement stands that is neither a docstring nor about the future."""
    first = next((node for node in document.tree.body if not _must_come_first(node)), None)
    line = 1 if first is None else min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    return Edit((line, 0), (line, 0), f"{statement}\n")


def _must_come_first(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
