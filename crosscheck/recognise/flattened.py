"""Sizes that follow from others and that a program writes out: `Dense(8 * 13 * 13, 10)` behind pictures of 28 by 28.

Where those others become small, such a number no longer fits: what NumPy complains of says what it must be.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from math import prod
from types import MappingProxyType
from typing import Any

from crosscheck.recognise import small_data
from crosscheck.recognise.sizes import SMALLEST
from crosscheck.source.walking import walk

DIFFERENT = (
    re.compile(r"size (\d+) is different from (\d+)"),
    re.compile(r"(\d+) \(dim \d+\) != (\d+) \(dim \d+\)"),
)
BROADCAST = re.compile(r"could not be broadcast together with shapes \(([\d, ]*)\) \(([\d, ]*)\)")
RESHAPED = re.compile(r"cannot reshape array of size (\d+) into shape \(([\d, ]*)\)")
COMPUTES = {ast.Mult: int.__mul__, ast.Add: int.__add__, ast.Sub: int.__sub__, ast.FloorDiv: int.__floordiv__}


def misfit(
    tree: ast.AST, messages: Iterable[str], sizes: Mapping[int, int] = MappingProxyType({})
) -> tuple[int, int] | None:
    """Return a number that a program writes and the one that fits in its place, as errors tell; None if none does.

    Some of its `sizes` have become others already: theirs to ours.

    >>> misfit(ast.parse("f(8 * 13 * 13, 10)"), ["ValueError: (size 1352 is different from 32)"])
    (1352, 32)
    >>> misfit(ast.parse("Dense(inputs=9)"), ["ValueError: (size 9 is different from 4)"], {676: 9})
    (676, 4)
    """
    written = {value for node in walk(tree) if (value := value_of(node)) is not None and value >= SMALLEST}
    became = {ours: theirs for theirs, ours in sizes.items() if [*sizes.values()].count(ours) == 1}
    for message in messages:
        for one, other in _pairs(message):
            if (one in written) != (other in written) and min(one, other) > 0:
                return (one, other) if one in written else (other, one)
            if (one in became) != (other in became) and min(one, other) > 0:
                return (became[one], other) if one in became else (became[other], one)
    return None


def with_fitting(tree: ast.Module, sizes: Mapping[int, int]) -> ast.Module:
    """Return a module in which other numbers stand in the place of some; the tree is changed."""
    return ast.fix_missing_locations(_Fitting(sizes).visit(tree)) if sizes else tree


def value_of(node: ast.AST) -> int | None:
    """Return the whole number that is written down, or computed of such on the spot; None of anything else."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if not isinstance(node, ast.BinOp) or type(node.op) not in COMPUTES:
        return None
    one, other = value_of(node.left), value_of(node.right)
    if one is None or other is None or (isinstance(node.op, ast.FloorDiv) and other == 0):
        return None
    return COMPUTES[type(node.op)](one, other)


def _pairs(message: str) -> Iterator[tuple[int, int]]:
    for pattern in DIFFERENT:
        if found := pattern.search(message):
            yield int(found[1]), int(found[2])
    if found := BROADCAST.search(message):
        one, other = (_numbers(found[place])[::-1] for place in (1, 2))
        yield from ((a, b) for a, b in zip(one, other, strict=False) if a != b and 1 not in (a, b))
    if found := RESHAPED.search(message):
        size, shape = int(found[1]), _numbers(found[2])
        for place, number in enumerate(shape):
            rest = prod(shape[:place] + shape[place + 1 :])
            if rest > 0 and size % rest == 0:
                yield number, size // rest
        for side in {number for number in shape if shape.count(number) == 2} - {small_data.SIDE}:
            rest = prod(number for number in shape if number != side)
            if rest > 0 and size % (rest * small_data.SIDE**2) == 0:  # pictures of a file are as small as others here
                yield side, small_data.SIDE


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


class _Fitting(ast.NodeTransformer):
    def __init__(self, sizes: Mapping[int, int]) -> None:
        self.sizes = sizes

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self._fitting(node)

    def visit_Constant(self, node: ast.Constant) -> Any:
        return self._fitting(node)

    def _fitting(self, node: ast.expr) -> Any:
        value = value_of(node)
        if value is not None and value in self.sizes:
            return ast.copy_location(ast.Constant(self.sizes[value]), node)
        return self.generic_visit(node)
