"""Losses in several terms, which a function returns apart and its caller adds up, each with its weight.

    value, direction = losses(out, up, y, is_up)
    total = W_VALUE * value + W_DIR * direction

Neither of the terms is what is trained.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import kept, walked

FEWEST = 2
"""Terms of a sum"""


def added_up(tree: ast.Module, function: str, terms: Sequence[Any], known: Mapping[str, Any]) -> Any:
    r"""Return what a program makes of the terms that a function returns; None where it does not add them up.

    >>> tree = ast.parse("a, b, c = losses(out, y)\ntotal = a + beta * b")
    >>> added_up(tree, "losses", (3.0, 4.0, "seen"), {"beta": 0.5})
    5.0
    >>> added_up(tree, "losses", (3.0, 4.0), {"beta": 0.5}), added_up(tree, "costs", (3, 4, 5), {"beta": 1})
    (None, None)
    """
    for names, whole in _sums(tree, function.rpartition(".")[2]):
        read = {part.id for part in walked(whole) if isinstance(part, ast.Name)}
        values = {**known, **dict(zip(names, terms, strict=False))}
        numbers = {name: values.get(name) for name in read}
        if len(names) != len(terms) or not all(_is_number(value) for value in numbers.values()):
            continue
        code = compile(ast.fix_missing_locations(ast.Expression(whole)), "<sum of losses>", "eval")
        return eval(code, {"__builtins__": {}}, numbers)  # noqa: S307 - sums and products of numbers
    return None


@kept
def _sums_of(tree: ast.Module) -> tuple[tuple[str, tuple[str, ...], ast.expr], ...]:
    """Return the functions whose results are taken apart, what these are called, and sums of several of them."""
    found = []
    for node in walked(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Call(func=called)):
                names = tuple(getattr(part, "id", "") for part in parts)
            case _:
                continue
        for other in walked(tree):
            value = other.value if isinstance(other, ast.Assign | ast.Return | ast.AugAssign) else None
            if isinstance(value, ast.BinOp) and _is_sum_of(value, set(names) - {"", "_"}):
                found.append((root_word(called), names, value))
    return tuple(found)


def _sums(tree: ast.Module, function: str) -> list[tuple[tuple[str, ...], ast.expr]]:
    return [(names, value) for called, names, value in _sums_of(tree) if called == function]


def _is_sum_of(value: ast.BinOp, names: set[str]) -> bool:
    parts = list(walked(value))
    read = {part.id for part in parts if isinstance(part, ast.Name)}
    operators = ast.Add | ast.Mult | ast.Div | ast.Load
    is_plain = all(isinstance(part, ast.BinOp | ast.Name | ast.Constant | operators) for part in parts)
    return is_plain and isinstance(value.op, ast.Add) and len(read & names) >= FEWEST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | np.number) or (isinstance(value, np.ndarray) and value.size == 1)
