"""A constant that all gradients of a training share, and that its rate makes good.

    loss = np.mean((y - t) ** 2)          # printed now and then
    W -= rate * x.T @ (y - t) / len(x)    # half its derivative

Whether the loss that is shown lacks a half, or the gradient a two, the program does not tell: it trains all the same.
Of a gradient that is handed to somebody it does: that is to be the derivative of the loss beside it.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from crosscheck.judge import JudgedCase
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.places import LOCAL
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.updates import innermost
from crosscheck.source.walking import walked
from crosscheck.verdicts import Finding, Severity

FEWEST = 5
"""Of what is counted"""
SAME = 1e-7
"""How far entries may be apart, relative to the largest, that are the same times a constant"""


class SharedConstant:
    """Follows, case by case, what all gradients are times their derivatives."""

    def __init__(self) -> None:
        self.number: float | None = None
        self.holds = True

    def add(self, case: JudgedCase) -> None:
        """Take in one judged case; one in which nothing moves, or the derivative is no number, says nothing."""
        names = [name for name in case.comparisons if name != "loss"]
        given = np.concatenate([np.ravel(case.outcome[name]) for name in names] or [np.zeros(0)])
        exact = np.concatenate([np.ravel(case.reference[name]) for name in names] or [np.zeros(0)])
        if not np.isfinite(exact).all():
            return
        if given.shape != exact.shape or not np.isfinite(given).all():
            self.holds = False
            return
        square = float(exact @ exact)
        if not self.holds or not square:
            return
        number = float(given @ exact) / square if self.number is None else self.number
        self.holds = number > 0 and all(_is_times(case, name, number) for name in names)
        self.number = number


def _is_times(case: JudgedCase, name: str, number: float) -> bool:
    given, expected = np.asarray(case.outcome[name]), number * np.asarray(case.reference[name])
    room = np.maximum(SAME * np.max(np.abs(expected), initial=0.0), number * np.asarray(case.noise[name]))
    return given.shape == expected.shape and bool(np.all(np.abs(given - expected) <= room))


def left_to_the_rate(unit: Unit, shared: SharedConstant) -> Finding | None:
    """Return what is to be said of gradients of which a training uses nothing but steps; None if they are handed on."""
    if not shared.holds or shared.number is None or abs(shared.number - 1) <= SAME:
        return None
    places = unit.subject.gradients.values()
    is_turn = isinstance(innermost(unit), LoopReplay)
    if not is_turn and not all(place.where == LOCAL for place in places):
        return None
    if any(_are_returned_together(unit.document.tree, str(unit.subject.loss), place.name) for place in places):
        return None
    if not any(abs(shared.number - usual) <= SAME * usual for usual in _usual(unit)):
        return None
    text = f"All gradients are {shared.number:.6g} times the derivative of the loss ({unit.subject.loss}). {WHY}"
    return Finding("constant-at-a-rate", Severity.WARNING, None, text)


def _are_returned_together(tree: ast.AST, loss: str, gradient: str) -> bool:
    r"""Tell whether a call returns a loss and a gradient of it: `cost, dW = cost_and_gradient(W, x, y)`.

    >>> tree = ast.parse("cost, dW = f(W)\ndb = x - y")
    >>> [_are_returned_together(tree, "cost", name) for name in ("dW", "db")]
    [True, False]
    """
    unpacked = (
        target
        for node in walked(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Tuple)
    )
    return any({loss, gradient} <= set(map(root_word, target.elts)) for target in unpacked)


def _usual(unit: Unit) -> set[float]:
    """Return the constants that losses and their gradients differ by: a square's two, a mean's count, and both."""
    values = [value for group in unit.example for value in group.values()]
    shapes = [np.shape(leaf.value) for group in unit.example for leaf in leaves(group)]
    shapes += [(len(value),) for value in values if isinstance(value, list | tuple)]
    counts = {float(length) for shape in shapes for length in (*shape, np.prod(shape)) if length > 0}
    counts |= set(_counted(unit.world.names.values()))
    return {half * count for half in (0.5, 1.0, 2.0) for one in counts for count in (one, 1 / one)}


def _counted(values: Iterable[Any]) -> Iterator[float]:
    """Yield the whole numbers of a module, the lengths of its texts and lists, and those of what follows in them.

    Two and four are the half of a square as well, and tell nothing.

    >>> list(_counted([12, True, 0.5, "abcdef", [7]]))
    [12.0, 6.0, 5.0]
    """
    for value in values:
        if type(value) is int and value >= FEWEST:
            yield float(value)
        elif isinstance(value, str | list | tuple):
            yield from (float(length) for length in (len(value), len(value) - 1) if length >= FEWEST)


WHY = (
    "Only the steps use them, and their rate makes a constant good: which of the two was meant otherwise is not known, "
    "so none of them was judged."
)
