"""What data frames are asked for their arrays by, where a function that nothing calls is handed an array.

`X.values` is then the array itself.
"""

import ast
import copy

from crosscheck.source.walking import walk

ASKED = frozenset(["to_numpy", "as_matrix"])
"""Methods that return the array of a data frame"""


def with_plain_values(tree: ast.Module) -> ast.Module:
    """Return a module in which an array passes for its own values; the same if nothing is asked for any.

    >>> print(ast.unparse(with_plain_values(ast.parse("def fit(X, d): return X.values, X.to_numpy(), d.values()"))))
    def fit(X, d):
        return (getattr(X, 'values', X), getattr(X, 'to_numpy', lambda *_, **__: X)(), d.values())
    """
    words = {part.attr for part in walk(tree) if isinstance(part, ast.Attribute)}
    if not words & {"values", *ASKED}:
        return tree
    made = copy.deepcopy(tree)
    for node in walk(made):
        if isinstance(node, ast.FunctionDef):
            _Plain({argument.arg for argument in (*node.args.posonlyargs, *node.args.args)} - {"self"}).visit(node)
    return ast.fix_missing_locations(made)


class _Plain(ast.NodeTransformer):
    """Asks arguments, and what has their names, for their values where they have any."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def _is_asked(self, node: ast.AST, words: frozenset[str]) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in words and getattr(node.value, "id", "") in self.names

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Replace `X.to_numpy()`; `d.values()` is asked of a dictionary."""
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        if self._is_asked(node.func, ASKED):
            node.func = _or_itself(node.func, "lambda *_, **__: {}")
        elif not self._is_asked(node.func, frozenset(["values"])):
            node.func = self.visit(node.func)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace `X.values` where it is read."""
        if isinstance(node.ctx, ast.Load) and self._is_asked(node, frozenset(["values"])):
            return _or_itself(node, "{}")
        self.generic_visit(node)
        return node


def _or_itself(node: ast.expr, otherwise: str) -> ast.expr:
    assert isinstance(node, ast.Attribute)
    name = ast.unparse(node.value)
    made = ast.parse(f"getattr({name}, {node.attr!r}, {otherwise.format(name)})", mode="eval").body
    for part in ast.walk(made):
        ast.copy_location(part, node)
    return made
