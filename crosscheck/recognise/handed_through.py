"""Functions that are not here and that take steps: `W, b, state = momentum(W, b, dW, db, state)`.

What they would make of the gradients is not known, and the gradients are: plain steps stand for theirs.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscheck.source.walking import walked

RATE = 0.01
FEWEST = 2
"""Of what is assigned must have been handed: a function of one argument may return anything"""


def handed_through(tree: ast.AST, name: str) -> Callable[..., tuple[Any, ...]] | None:
    """Return what stands for a function whose results all go by the names of its arguments; None if it is none such.

    >>> step = handed_through(ast.parse("self.W, self.b, s = momentum(self.W, self.b, dW, db, s)"), "momentum")
    >>> step(np.ones(2), np.ones(3), np.ones(2), np.zeros(3), {})
    (array([0.99, 0.99]), array([1., 1., 1.]), {})
    >>> handed_through(ast.parse("h, c = cell(x, W)"), "cell") is None
    True
    """
    for node in (node for node in walked(tree) if isinstance(node, ast.Assign)):
        target, call = node.targets[0], node.value
        is_called = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name
        if not is_called or not isinstance(target, ast.Tuple) or len(target.elts) < FEWEST:
            continue
        given = [ast.unparse(argument) for argument in call.args]  # pyright: ignore[reportAttributeAccessIssue]
        wanted = [ast.unparse(part) for part in target.elts]
        if set(wanted) <= set(given):
            return _plain_steps([given.index(word) for word in wanted])
    return None


def _plain_steps(places: Sequence[int]) -> Callable[..., tuple[Any, ...]]:
    """Return what moves arguments at some places by the first others of their shapes, and hands on what has none."""

    def step(*arguments: Any) -> tuple[Any, ...]:
        others = [value for place, value in enumerate(arguments) if place not in places and _is_floating(value)]
        return tuple(_moved(arguments[place], others) for place in places)

    return step


def _moved(value: Any, gradients: list[Any]) -> Any:
    place = next((n for n, one in enumerate(gradients) if _is_floating(value) and one.shape == value.shape), None)
    return value if place is None else value - RATE * gradients.pop(place)


def _is_floating(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"
