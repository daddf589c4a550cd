"""Members of NumPy that it has never had, and which were probably meant: `np.tah` for `np.tanh`."""

import ast
from collections.abc import Iterator, Sequence

import numpy as np

from crosscheck.source.document import Document, Edit
from crosscheck.source.older_numpy import RENAMED
from crosscheck.source.problem import Problem
from crosscheck.source.spelling import nearest
from crosscheck.source.walking import walk

LISTS: Sequence[str] = ("__expired_attributes__", "__former_attrs__", "__numpy_submodules__")
FORMER = frozenset(known for listed in LISTS for known in getattr(np, listed, ())) | RENAMED.keys() | {"alen", "rank"}
"""Names that NumPy had formerly, more than it remembers itself"""


def unknown_members(document: Document) -> Iterator[Problem]:
    """Yield a problem for every misspelt member of NumPy, where one spelling is obvious.

    What the file itself uses elsewhere is meant rather than what NumPy has besides. Members of other versions of NumPy
    are left alone.
    """
    aliases = _aliases(document.tree)
    guarded = {id(inner) for node in walk(document.tree) if isinstance(node, ast.Try) for inner in walk(node)}
    found: dict[str, list[ast.Attribute]] = {}
    used: set[str] = set()
    for node in walk(document.tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in aliases and id(node) not in guarded:
            if node.attr in FORMER:  # NumPy warns of those that it is only asked for
                continue
            if hasattr(np, node.attr):
                used.add(node.attr)
            elif isinstance(node.ctx, ast.Load) and not any(map(str.isdigit, node.attr)):  # `float96` of other machines
                found.setdefault(node.attr, []).append(node)
    for name, uses in found.items():
        meant = nearest(name, (used, dir(np)))
        if meant is not None:
            yield _problem(document, name, meant, uses)


def _problem(document: Document, name: str, meant: str, uses: Sequence[ast.Attribute]) -> Problem:
    line = min(use.lineno for use in uses)
    message = f"{document.place(line)}: NumPy has no '{name}'; did you mean '{meant}'?"
    edits = tuple(Edit(*document.span(use), f"{ast.unparse(use.value)}.{meant}") for use in uses)
    return Problem("undefined-name", message, line, name, meant, edits)


def _aliases(tree: ast.Module) -> set[str]:
    """Return what NumPy is called in a file; nothing that is given other values as well."""
    imports = (alias for node in walk(tree) if isinstance(node, ast.Import) for alias in node.names)
    aliases = {alias.asname or alias.name for alias in imports if alias.name == "numpy"}
    others = {n.id for n in walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    arguments = {node.arg for node in walk(tree) if isinstance(node, ast.arg)}
    return aliases - others - arguments
