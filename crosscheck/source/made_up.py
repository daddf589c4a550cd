"""Statements that are no part of someone's file and are executed with it: no edit is made in them."""

import ast
from collections.abc import Iterable

from crosscheck.source.walking import walk


def with_statements(tree: ast.Module, additions: Iterable[tuple[int, str]]) -> ast.Module:
    r"""Return a module with statements at its end, each said to stand in a line; the same if it has them already.

    >>> made = with_statements(ast.parse("x = 1"), [(1, "y = 2")])
    >>> ast.unparse(made), ast.unparse(with_statements(made, [(1, "y = 2")]))
    ('x = 1\ny = 2', 'x = 1\ny = 2')
    """
    if any(map(is_made_up, tree.body)):
        return tree
    made: list[ast.stmt] = []
    for line, text in additions:
        for statement in ast.parse(text).body:
            for part in walk(statement):
                if isinstance(part, ast.stmt | ast.expr):
                    part.lineno = part.end_lineno = line
            vars(statement)[MADE_UP] = True
            made.append(statement)
    return ast.Module([*tree.body, *made], tree.type_ignores) if made else tree


MADE_UP = "is_made_up"


def is_made_up(node: ast.AST) -> bool:
    """Tell whether a statement is no part of the file."""
    return MADE_UP in vars(node)
