"""Which sizes a sum over axes of two arrays took for one: NumPy does not say them where `tensordot` fails."""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.source.walking import walk


def summed(statement: ast.stmt, scope: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of sizes that differ along the axes of a statement's tensordots."""
    found: list[tuple[int, int]] = []
    for call in (node for node in walk(statement) if isinstance(node, ast.Call)):
        if not ast.unparse(call.func).endswith("tensordot") or len(call.args) < 2:
            continue
        first, second = (_value(operand, scope) for operand in call.args[:2])
        given = call.args[2] if len(call.args) > 2 else next((k.value for k in call.keywords if k.arg == "axes"), None)
        axes = _value(given, scope) if given is not None else 2
        if not isinstance(first, np.ndarray) or not isinstance(second, np.ndarray):
            continue
        if isinstance(axes, int):
            axes = (range(-axes, 0), range(axes))
        if not isinstance(axes, tuple | list) or len(axes) != 2:
            continue
        for one, other in zip(np.atleast_1d(axes[0]), np.atleast_1d(axes[1]), strict=False):
            if -first.ndim <= one < first.ndim and -second.ndim <= other < second.ndim:
                found.append((first.shape[one], second.shape[other]))
    return tuple((one, other) for one, other in found if one != other)


def _value(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    """Return what an expression is that calls nothing; None if it does, or cannot be known."""
    if any(isinstance(part, ast.Call | ast.NamedExpr) for part in walk(node)):
        return None
    try:
        return eval(compile(ast.Expression(node), "<operand>", "eval"), {}, dict(scope))  # noqa: S307 - it has just run
    except Exception:  # noqa: BLE001 - theirs
        return None
