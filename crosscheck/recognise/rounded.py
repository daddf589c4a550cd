"""Results that are rounded to some decimals, `np.round(loss, 4)`: they are judged as they are before that.

A rounded loss moves in steps, and a rounded gradient is off by more than any rounding of its computation. A list that
is made of a rounded array, `np.round(dW, 4).tolist()`, is for whoever reads it as well: it stays an array.
"""

import ast

from crosscheck.source.walking import last_word, walk

FEWEST = 2
"""Decimals that are kept for whoever reads them; who rounds to whole numbers or tenths may mean a forward pass"""
FUNCTIONS = ("round", "around", "round_")
SHOWING = ("print", "format", "append", "write", "title", "set_title", "log", "info", "text")
LEFT_OUT = "rounding to {} decimals was left out: results were judged as they are before it"


def without_rounding(tree: ast.Module) -> ast.Module:
    """Return a module that rounds to no decimals; the tree is changed.

    >>> ast.unparse(without_rounding(ast.parse("a, b, c = np.round(x, 4), x.round(3), round(x)")))
    'a, b, c = (np.positive(x), x, round(x))'
    >>> ast.unparse(without_rounding(ast.parse("a, b = np.round(x, 4).tolist(), x.tolist()")))
    'a, b = (np.positive(x), x.tolist())'
    """
    return ast.fix_missing_locations(_Exact().visit(tree)) if decimals_in(tree) else tree


def decimals_in(tree: ast.AST) -> list[int]:
    """Return the numbers of decimals that something is rounded to."""
    found = {number for node in walk(tree) if isinstance(node, ast.Call) and (number := _decimals(node)) is not None}
    return sorted(found)


def said_of_rounding(tree: ast.AST) -> list[str]:
    """Return what is assumed of a module whose results are rounded, and not only shown so."""
    shown = [
        node
        for node in walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and last_word(node.func) in SHOWING)
    ]
    only_shown = {id(part) for node in shown for part in walk(node)}
    calls = [node for node in walk(tree) if isinstance(node, ast.Call) and id(node) not in only_shown]
    found = {number for node in calls if (number := _decimals(node)) is not None}
    return [LEFT_OUT.format(" or ".join(map(str, sorted(found))))] if found else []


class _Exact(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        inner = function.value if isinstance(function, ast.Attribute) and function.attr == "tolist" else None
        if isinstance(inner, ast.Call) and _decimals(inner) is not None:
            return self.visit_Call(inner)
        self.generic_visit(node)
        if _decimals(node) is None:
            return node
        if isinstance(function, ast.Name):
            return node.args[0]
        assert isinstance(function, ast.Attribute)
        if not _is_of_library(function):
            return function.value
        plain = ast.Attribute(function.value, "positive", ast.Load())  # it makes arrays of lists, as rounding does
        return ast.copy_location(ast.Call(plain, [node.args[0]], []), node)


def _decimals(node: ast.Call) -> int | None:
    """Return to how many decimals a call rounds; None if it does anything else."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in FUNCTIONS:
        return None
    is_method = isinstance(function, ast.Attribute) and not _is_of_library(function)
    given = [*node.args[0 if is_method else 1 :], *(k.value for k in node.keywords if k.arg in ("decimals", "ndigits"))]
    if len(given) != 1 or len(node.args) + len(node.keywords) != len(given) + (not is_method):
        return None
    number = given[0].value if isinstance(given[0], ast.Constant) else None
    return number if type(number) is int and number >= FEWEST else None


def _is_of_library(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id in ("np", "numpy", "jnp")
