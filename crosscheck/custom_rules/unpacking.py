"""Shapes that a source tells where it takes them apart: `n, c, h, w = x.shape`, and then `weight.view(1, c, 1, 1)`."""

import ast
import itertools
from collections.abc import Iterator, Sequence

Shape = tuple[int, ...]
OF_FIRST, OF_OTHERS = (2, 3, 5, 6, 4, 7), (4, 3, 2, 5, 6, 7)
"""How long the axes of the first array are, and new ones of the others, which may be kernels that move over it"""
MOST = 40


def shapes_unpacked(node: ast.AST | None, arrays: Sequence[str]) -> Iterator[dict[str, Shape]]:
    """Yield shapes for arguments, in the order of what is likely, where the source takes the shape of one apart."""
    taken = {} if node is None else _taken_apart(node, arrays)
    if not taken:
        return
    lengths: dict[str, int] = {}
    for number, axes in enumerate(taken.values()):
        free = (n for n in (OF_OTHERS if number else OF_FIRST) if number or n not in lengths.values())
        for axis in axes:
            if axis != "_" and axis not in lengths:
                lengths[axis] = next(free, 2)
    options = []
    for name in arrays:
        if name in taken:
            axes = [[lengths[axis]] if axis != "_" else list(lengths.values()) for axis in taken[name]]
            options.append(list(itertools.product(*axes)))
        elif (viewed := _viewed(node, name, lengths)) is not None:
            options.append([viewed])
        else:
            first = tuple(lengths[axis] if axis != "_" else 2 for axis in next(iter(taken.values())))
            options.append([*((length,) for length in first[1:]), first, (), first[:1]])
    for chosen in itertools.islice(_alike_first(options), MOST):
        yield dict(zip(arrays, chosen, strict=True))


def _alike_first(options: Sequence[Sequence[Shape]]) -> Iterator[tuple[Shape, ...]]:
    """Yield every choice, those first in which all that have the same options are given the same."""
    every = list(itertools.islice(itertools.product(*options), 50 * MOST))
    kinds = [tuple(one) for one in options]
    yield from sorted(every, key=lambda chosen: len(set(zip(kinds, chosen, strict=True))))


def _taken_apart(node: ast.AST, arrays: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of the axes of arguments: of `n, c = x.shape` and `n, c = x.size()`."""
    found: dict[str, list[str]] = {}
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Assign) or len(inner.targets) != 1 or not isinstance(inner.targets[0], ast.Tuple):
            continue
        value = inner.value
        if isinstance(value, ast.Call) and not value.args:
            value = value.func
        if not isinstance(value, ast.Attribute) or value.attr not in ("shape", "size"):
            continue
        name, targets = ast.unparse(value.value), inner.targets[0].elts
        if name in arrays and all(isinstance(target, ast.Name) for target in targets):
            found.setdefault(name, [ast.unparse(target) for target in targets])
    return {name: found[name] for name in arrays if name in found}


def _viewed(node: ast.AST | None, name: str, lengths: dict[str, int]) -> Shape | None:
    """Return the one axis of an argument that is laid along an axis of another: `bias.view(1, c, 1, 1)`."""
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) in (f"{name}.view", f"{name}.reshape"):
            axes = [ast.unparse(argument) for argument in inner.args]
            long = [axis for axis in axes if axis != "1"]
            if len(long) == 1 and long[0] in lengths:
                return (lengths[long[0]],)
    return None
