"""How the arrays of a file lie: rows or columns, and how many layers it reads."""

import ast
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crosscheck.recognise.argument_names import NUMBERED, is_weight
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.uses import stem_of
from crosscheck.source.walking import walked


class Style(NamedTuple):
    """What is settled by convention where nothing else tells."""

    bias: tuple[int, ...]
    """0 for a size, 1 for an axis of length one"""
    rank: int
    """Of data and states"""
    is_column: bool = False
    """Whether weights stand left of what they are multiplied with"""


STYLES = (
    Style((0,), 2),
    Style((0, 1), 2),
    Style((0,), 1),
    Style((1, 0), 2),
    Style((0,), 3),
    Style((0, 1), 3),
)
COLUMNS = (STYLES[1], STYLES[2], STYLES[0], *STYLES[3:])
"""The order for files that multiply weights from the left"""


def styles_of(nodes: Iterable[ast.FunctionDef], others: Iterable[ast.FunctionDef] = ()) -> tuple[Style, ...]:
    """Return the styles, most likely first: whether weights stand left or right of what they are multiplied with.

    Where the functions multiply no weights, what `others` do counts. What multiplies no matrices at all and moves its
    own weights, numbers each of them, is handed rows of numbers.
    """
    nodes, others = list(nodes), list(others)
    if _goes_number_by_number([*nodes, *others]):
        return (STYLES[2], *STYLES[:2], *STYLES[3:])
    left, right = _sides(nodes)
    if left == right:
        left, right = _sides(others)
    return tuple(style._replace(is_column=True) for style in COLUMNS) if left > right else STYLES


PRODUCTS = frozenset(["dot", "matmul", "einsum", "tensordot", "outer", "inner", "vdot", "kron", "T", "transpose"])


def _goes_number_by_number(nodes: Iterable[ast.FunctionDef]) -> bool:
    """Tell whether functions move something by its gradient, and know of no axes.

    >>> code = "def step(self, x, y): self.w -= 0.1 * np.mean((self.w * x - y) * x)"
    >>> _goes_number_by_number(ast.parse(code).body)
    True
    >>> _goes_number_by_number(ast.parse(code.replace("* x)", "* x, axis=0)")).body)
    False
    """
    parts = [part for node in nodes for part in walked(node)]
    has_axes = any(
        isinstance(part, ast.MatMult)
        or (isinstance(part, ast.Attribute | ast.Name) and root_word(part) in {*PRODUCTS, "shape", "newaxis"})
        or (isinstance(part, ast.keyword) and part.arg == "axis")
        or (isinstance(part, ast.Tuple) and isinstance(part.ctx, ast.Load) and _is_index(part))
        for part in parts
    )
    moved = (part.target for part in parts if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub))
    return not has_axes and any(isinstance(target, ast.Attribute) for target in moved)


def _is_index(node: ast.Tuple) -> bool:
    return any(isinstance(item, ast.Slice) for item in node.elts)


def _sides(nodes: Iterable[ast.FunctionDef]) -> tuple[int, int]:
    """Return how often a weight stands left and right of something else."""
    left = right = 0
    for node in (inner for outer in nodes for inner in walked(outer)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            sides = [node.left, node.right]
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "matmul")
        ):
            is_function = getattr(node.func.value, "id", "") in ("np", "numpy")
            sides = list(node.args) if is_function else [node.func.value, *node.args]
        else:
            continue
        weights = [is_weight(_stem_or_word(side)) for side in sides[:2]]
        left += weights == [True, False]
        right += weights == [False, True]
    return left, right


def _stem_or_word(side: ast.expr) -> str:
    """Return what a factor is called: W for `parameters['W' + str(l)]`."""
    return (stem_of(side.slice) if isinstance(side, ast.Subscript) else "") or root_word(side)


def most_layers(nodes: Mapping[str, ast.FunctionDef]) -> int:
    """Return the number of the last layer whose weights are read from a dictionary: of `parameters["W3"]` it is 3."""
    constants = (
        part.slice.value
        for node in nodes.values()
        for part in walked(node)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant)
    )
    found = (NUMBERED.match(value) for value in constants if isinstance(value, str))
    return max((int(match[1]) for match in found if match), default=0)


def usual_depth(nodes: Mapping[str, ast.FunctionDef]) -> int:
    """Return how many sizes a list of those of layers is to hold: three, or as many as the file reads weights for."""
    return max(3, 1 + most_layers(nodes))
