"""Gradients of a loss by what a softmax or a sigmoid makes its predictions of: `(p - y) / n` beside `-y * log(p)`.

They are right where the program goes back through its softmax as if it were not there. Where it has the derivative of
its softmax as well, they are none of anything.
"""

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import functions_of, words_called
from crosscheck.recognise.conventional import sigmoid, softmax, softmax_of_rows
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.shares import has_right_one
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.source.walking import walk


class Squash(NamedTuple):
    """What may stand between the numbers that a gradient belongs to and the predictions of a loss."""

    name: str
    of: Callable[[Any], Any]
    mentions: Any
    """Matches the name of what it is, or of its derivative"""


ROWS = Squash("softmax", softmax_of_rows, naming.re.compile("soft_?max", naming.re.I))
COLUMNS = ROWS._replace(of=softmax)
SIGMOID = Squash("sigmoid", sigmoid, naming.re.compile("sigm|logistic", naming.re.I))
DERIVES = naming.re.compile(r"deriv|prime|jacob|(?:^|_)d(?:_|$)", naming.re.I)


def by_predictions(unit: Unit) -> str:
    """Return what is to be said of a loss of predictions that is differentiated by what they are made of.

    Nothing where it is not, or where the unit has gradients of more than the predictions. Raises Doubtful.
    """
    loss, example = unit.subject.loss, unit.example[0]
    is_own = isinstance(loss, Scaled) or (isinstance(loss, Place) and loss.where == RETURNED)
    if not is_own or len(example) != 1 or has_right_one(unit):
        return ""
    (name,), replay = example, unit.subject.replay
    values = (value for value in replay.entry.arguments.values() if id(value) == unit.subject.ids[name])
    return next((before_squash(replay, value, lambda: has_right_one(unit)) for value in values), "")


def before_squash(replay: Replay, value: np.ndarray, is_right: Callable[[], bool]) -> str:
    """Let a call be handed what its predictions are made of, where a gradient is right by these alone.

    `value` are the predictions; `is_right` asks the call again. Return what the report is to say of it; nothing where
    the call stays as it is, which is wrong then. Raises Doubtful where it is not plain what the gradient is meant to be
    handed to: to what has a derivative that may be used elsewhere, or to what the program does not have.
    """
    if not any(argument is value for argument in replay.entry.arguments.values()):
        return ""
    tree = replay.world.document.tree
    for squash in (ROWS, COLUMNS, SIGMOID) if value.ndim > 1 else (ROWS, SIGMOID):
        replay.squashed = {id(value): squash.of}
        if is_right():
            break
        replay.squashed = {}
    else:
        return ""
    nodes = functions_of(tree)
    derivatives = [name for name, node in nodes.items() if _is_derivative(name, node, squash)]
    if any("." in name for name in derivatives):  # of a layer, which goes back through it
        replay.squashed = {}
        return ""
    if derivatives or not any(map(squash.mentions.search, {*nodes, *words_called(tree)})):
        raise Doubtful(f"its gradient is that of what a {squash.name} makes its predictions of, and may be meant to be")
    return f"its gradient was taken for that of what a {squash.name} makes its predictions of"


def _is_derivative(name: str, node: ast.FunctionDef, squash: Squash) -> bool:
    """Tell whether a function computes the derivative of a softmax, or of a sigmoid, by its name."""
    is_called_so = bool(naming.BACKWARD.search(name) or DERIVES.search(name)) and bool(squash.mentions.search(name))
    return is_called_so and any(isinstance(part, ast.BinOp | ast.AugAssign) for part in walk(node))
