"""Comprehensions over names that are written down, spelled out: `W, b = (params[k] for k in ("W", "b"))`."""

import ast
import copy
from collections.abc import Iterator

from crosscheck.source.walking import walk

MOST = 60
"""Entries that are spelled out"""


def spelled_out(node: ast.AST) -> ast.AST:
    """Return code in which such comprehensions are tuples; the same if there are none.

    >>> print(ast.unparse(spelled_out(ast.parse("W, b = (p[k] for k in ('W', 'b')); n = [f(i) for i in rows]"))))
    W, b = (p['W'], p['b'])
    n = [f(i) for i in rows]
    """
    return _Spelling().visit(copy.deepcopy(node)) if any(True for part in walk(node) if _names(part)) else node


def _names(node: ast.AST) -> list[ast.Constant]:
    """Return the names that a comprehension goes over, as they are written; none of other code."""
    match node:
        case ast.GeneratorExp(generators=[one]) | ast.ListComp(generators=[one]):
            entries = getattr(one.iter, "elts", []) if isinstance(one.iter, ast.Tuple | ast.List) else []
            are_names = all(isinstance(entry, ast.Constant) and isinstance(entry.value, str) for entry in entries)
            is_plain = isinstance(one.target, ast.Name) and not one.ifs and len(entries) <= MOST
            return list(entries) if are_names and is_plain else []
        case _:
            return []


class _Spelling(ast.NodeTransformer):
    def visit_GeneratorExp(self, node: ast.GeneratorExp | ast.ListComp) -> ast.AST:
        names = _names(node)
        if not names:
            return self.generic_visit(node)
        return ast.copy_location(ast.Tuple(list(_each(node, names)), ast.Load()), node)

    visit_ListComp = visit_GeneratorExp  # pyright: ignore[reportAssignmentType]


def _each(node: ast.GeneratorExp | ast.ListComp, names: list[ast.Constant]) -> Iterator[ast.expr]:
    target = node.generators[0].target
    for name in names:
        yield Naming(target.id, name).visit(copy.deepcopy(node.elt))  # pyright: ignore[reportAttributeAccessIssue]


class Naming(ast.NodeTransformer):
    """Puts a name that is written down in the place of a variable."""

    def __init__(self, variable: str, name: ast.Constant) -> None:
        self.variable, self.name = variable, name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Return the name where the variable stands."""
        return copy.deepcopy(self.name) if node.id == self.variable else node
