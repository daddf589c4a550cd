"""Statements that only print: what they would format may be no plain number in another arithmetic."""

import ast

FORMATTING = frozenset({"format", "str", "repr", "len", "round", "int", "float", "sum", "min", "max", "abs"})
"""Functions that are called inside of a print and may be left out with it"""
METHODS = frozenset({"format", "join", "mean", "sum", "item", "round"})
"""And methods"""


def prints(statement: ast.stmt) -> bool:
    """Tell whether a statement only prints: what it would format may be no plain number in another arithmetic."""
    is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return is_call and isinstance(statement.value.func, ast.Name) and statement.value.func.id == "print"  # pyright: ignore


def calls_inside(statement: ast.stmt) -> list[ast.stmt]:
    """Return what a print calls on its way, `print(net.train(x, y))`, without what only formats."""
    kept: list[ast.stmt] = []
    waiting: list[ast.AST] = list(ast.iter_child_nodes(statement.value))[1:]  # pyright: ignore[reportAttributeAccessIssue]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Call) and not _only_formats(node.func):
            kept.append(ast.copy_location(ast.Expr(node), statement))
        else:
            waiting += ast.iter_child_nodes(node)
    return kept or [ast.copy_location(ast.Pass(), statement)]


def _only_formats(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        owner = function.value.id if isinstance(function.value, ast.Name) else ""
        return owner in ("np", "numpy", "time", "math") or function.attr in METHODS
    return getattr(function, "id", "") in FORMATTING
