"""Arrays that encode something, told by their use: shares of classes beside a logarithm, ones among zeros."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked


def weighing_logarithms(nodes: Mapping[str, ast.FunctionDef]) -> Iterator[tuple[str, int]]:
    """Yield the names of what stands beside a logarithm in a product: `y * np.log(p)`, `y[:, t] @ np.log(p[:, t])`.

    With each comes the axis that is gone along: the first one, or -1 where that is not said.
    """
    for part in (part for node in nodes.values() for part in walked(node)):
        factors: Sequence[ast.expr] = ()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.MatMult):
            factors = (part.left, part.right)
        elif isinstance(part, ast.Call) and root_word(part.func) in ("multiply", "matmul", "dot", "inner"):
            factors = (*part.args, *([part.func.value] if isinstance(part.func, ast.Attribute) else ()))
        if any(isinstance(factor, ast.Call) and root_word(factor.func) == "log" for factor in factors):
            yield from (pair for factor in factors if (pair := _indexed(factor))[0])


def asked_for_zeros(nodes: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield the names of what entries are looked for in that are not zero: `for k in np.nonzero(x[t])[0]`."""
    for part in (part for node in nodes.values() for part in walked(node)):
        if isinstance(part, ast.Call) and root_word(part.func) in ("nonzero", "flatnonzero") and len(part.args) == 1:
            yield _indexed(part.args[0])[0]


def rated(nodes: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield R where functions are handed it beside Y: by the convention of a famous course, which ratings there are.

    >>> list(rated({"cost": ast.parse("def cost(X, Theta, Y, R): pass").body[0]}))
    ['R']
    """
    for node in nodes.values():
        if {"Y", "R"} <= {argument.arg for argument in node.args.args}:
            yield "R"


def _indexed(node: ast.expr) -> tuple[str, int]:
    """Return the name of an array, or of what one is a part of, and the axis that the part lies along."""
    axis = -1
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "T"):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            axis = 0 if isinstance(node.slice.elts[0], ast.Slice) and len(node.slice.elts) == 2 else -1
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), axis
