"""Lists of the sizes of layers, told by what a constructor does with them, and the numbers of layers beside them."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.sizes import SMALLEST
from crosscheck.source.walking import walked


class Layers(NamedTuple):
    """What a list of sizes is to be like."""

    length: int
    """Sizes in it; none where it says nothing of that"""
    is_tuple: bool = False


def layer_sizes(
    node: ast.FunctionDef, kept: Mapping[str, Sequence[str]], others: Iterable[ast.FunctionDef]
) -> dict[str, Layers]:
    """Return the arguments of a constructor that are the sizes of layers, one after the other.

    Those with a default are left as they are, unless that is large.

    >>> source = "def __init__(self, n, inner=(64, 64)): self.sizes = [n, *inner]"
    >>> layer_sizes(ast.parse(source).body[0], {}, [])
    {'inner': Layers(length=2, is_tuple=True)}
    >>> layer_sizes(ast.parse("def __init__(self, n, inner, m): self.sizes = [n] + inner + [m]").body[0], {}, [])
    {'inner': Layers(length=0, is_tuple=False)}
    >>> source = "def __init__(self, units): self.w = [randn(units[i], units[i + 1]) for i in range(len(units) - 1)]"
    >>> layer_sizes(ast.parse(source).body[0], {}, [])
    {'units': Layers(length=0, is_tuple=False)}
    """
    defaults = dict(defaults_of(node))
    parts = [part for other in (node, *others) for part in walked(other)]
    found: dict[str, Layers] = {}
    for argument in (a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)):
        if not _are_neighbours(parts, {argument, *kept.get(argument, ())}):
            continue
        default = defaults.get(argument)
        if default is None:
            found[argument] = Layers(0)
        elif (sizes := _numbers(default)) and max(sizes) >= SMALLEST:
            found[argument] = Layers(len(sizes), isinstance(default, ast.Tuple))
    return found


def layer_counts(
    node: ast.FunctionDef,
    kept: Mapping[str, Sequence[str]],
    others: Iterable[ast.FunctionDef],
    lengths: Mapping[str, int],
) -> dict[str, int]:
    """Return the arguments of a constructor that say how many layers there are, beside a list of their sizes.

    Loops go so many times through the list, of which the lengths are known by the names of the arguments.

    >>> source = "def __init__(self, n, units): self.w = [randn(units[i], units[i + 1]) for i in range(n)]"
    >>> layer_counts(ast.parse(source).body[0], {}, [], {"units": 3})
    {'n': 2}
    """
    loops = [part for other in (node, *others) for part in walked(other) if isinstance(part, ast.For | ast.ListComp)]
    found: dict[str, int] = {}
    for argument in (a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in lengths):
        for loop in loops:
            clause = loop if isinstance(loop, ast.For) else loop.generators[0]
            less = _less_than(clause.iter, {argument, *kept.get(argument, ())})
            if less is None or not isinstance(clause.target, ast.Name):
                continue
            for name, length in lengths.items():
                places = _offsets(walked(loop), {name, *kept.get(name, ())}, clause.target.id)
                if places and argument not in found:
                    found[argument] = length - max(places) + less
    return found


def _numbers(default: ast.expr) -> list[int]:
    """Return the sizes in a list or a tuple that is written out."""
    parts = default.elts if isinstance(default, ast.List | ast.Tuple) else []
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    sizes = [value for value in values if type(value) is int]
    return sizes if len(sizes) == len(parts) else []


def _are_neighbours(parts: Iterable[ast.AST], spellings: set[str]) -> bool:
    """Tell whether something is put into a longer list, or two that follow each other are taken of it: numbers both.

    Or its first entry is taken out of it.
    """
    indices: set[str] = set()
    is_put = False
    for part in parts:
        if isinstance(part, ast.Call) and ast.unparse(part) in {f"{name}.pop(0)" for name in spellings}:
            is_put = True  # the first is the size of what goes in, and a loop goes through the others
        inner = part.value if isinstance(part, ast.Attribute | ast.Subscript) else None
        if isinstance(part, ast.Starred):
            is_put |= ast.unparse(part.value) in spellings and isinstance(part.ctx, ast.Load)
        elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            sides = part.left, part.right
            is_put |= any(
                isinstance(one, ast.List) and ast.unparse(other) in spellings for one, other in (sides, sides[::-1])
            )
        elif isinstance(part, ast.Subscript) and ast.unparse(part.value) in spellings:
            indices.add(ast.unparse(part.slice).replace(" ", ""))
        elif isinstance(inner, ast.Subscript) and ast.unparse(inner.value) in spellings:
            return False  # what has attributes or entries of its own is no number
    return (
        is_put or {":-1", "1:"} <= indices or any({i, f"{i}+1"} <= indices or {i, f"{i}-1"} <= indices for i in indices)
    )


def _less_than(through: ast.expr, spellings: set[str]) -> int | None:
    """Return by how much a number is more than the end of a range, 1 for `range(n - 1)`; None for another range."""
    if not (isinstance(through, ast.Call) and getattr(through.func, "id", "") == "range" and len(through.args) < 3):
        return None
    match through.args[-1]:
        case ast.BinOp(left=left, op=ast.Sub() | ast.Add() as sign, right=ast.Constant(value=int(less))):
            less = less if isinstance(sign, ast.Sub) else -less
            return less if ast.unparse(left) in spellings else None
        case end:
            return 0 if ast.unparse(end) in spellings else None


def _offsets(parts: Iterable[ast.AST], spellings: set[str], index: str) -> set[int]:
    """Return by how much the places in a list that a loop takes are more than its number."""
    found: set[int] = set()
    for part in parts:
        if isinstance(part, ast.Subscript) and ast.unparse(part.value) in spellings:
            place = ast.unparse(part.slice).replace(" ", "")
            found |= {offset for offset, said in ((0, index), (1, f"{index}+1"), (-1, f"{index}-1")) if place == said}
    return found
