"""Exponentials that overflow: the maximum is subtracted, as the forward may have done."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import nodes_in, targets
from crosscheck.repair.text import bracketed

AXES = ("", "axis=-1, keepdims=True", "axis=1, keepdims=True", "axis=0, keepdims=True")


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that shift what the backward pass takes the exponential of."""
    for place in scope.editable:
        about = next(targets(place.statement), "")
        for node in nodes_in(place.statement):
            if not isinstance(node, ast.Call) or len(node.args) != 1 or not ast.unparse(node.func).endswith("exp"):
                continue
            argument = node.args[0]
            own = bracketed(argument, scope.text.of(argument))
            for maximum, cost in _maxima(scope, own):
                edit = scope.text.replace(argument, f"{scope.text.of(argument)} - {maximum}")
                yield Candidate((edit,), node.lineno, "not-finite", cost, about)


def _maxima(scope: Scope, own: str) -> Iterator[tuple[str, float]]:
    for place in scope.places:
        statement = place.statement
        if isinstance(statement, ast.Assign) and "max(" in ast.unparse(statement.value):
            yield from ((target, 1.0) for target in targets(statement) if not scope.is_gradient(target))
    for number, axis in enumerate(AXES):
        yield f"{scope.numpy}max({own}{', ' if axis else ''}{axis})", 1.2 + 0.1 * number
