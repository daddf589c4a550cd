"""Losses that return a number for each example, and whose backward is handed the predictions once more.

`Loss.calculate` takes the mean of `MeanSquaredError.forward`, where it can be called; the mean is what is judged where
it cannot.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.defaults import required
from crosscheck.recognise.pairs import SUM, PairReplay
from crosscheck.recognise.roles import Hints, Roles, find, is_floating
from crosscheck.recognise.shares import is_right, is_times, slopes
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk

MEANS = frozenset({"mean", "average"})


def unit_of_examples(
    assemble: Callable[[Roles], Unit],
    replay: PairReplay,
    hints: Hints,
    forward: ast.FunctionDef,
    backward: ast.FunctionDef,
    tree: ast.Module,
) -> Unit | None:
    """Return the unit whose loss is the mean, or the sum, of what a forward returns for each example; None if none.

    Where neither is right it is the mean, if the file takes the mean of what methods of this name return. Raises what
    the code raises.
    """
    if not _are_of_examples(replay, forward, backward):
        return None
    replay.sums = True
    roles = find(replay, hints, only=SUM)
    if roles.loss is None or not roles.gradients:
        replay.sums = False
        return None
    unit, count = assemble(roles), len(replay.entry.returned)
    claims = slopes(unit).values()
    if any(map(is_right, claims)):
        return unit
    if any(is_times(one, 1 / count) for one in claims) or _takes_mean(tree, forward.name):
        unit.subject.times = dict.fromkeys(unit.names, count)
        return replace(
            unit, assumptions=(*unit.assumptions, f"the loss was taken to be the mean over {count} examples")
        )
    replay.sums = False
    return None


def _are_of_examples(replay: PairReplay, forward: ast.FunctionDef, backward: ast.FunctionDef) -> bool:
    returned = replay.entry.returned
    has_targets = all(any(map(TARGET.match, required(node))) for node in (forward, backward))
    again = [name for name in replay.backward.arguments if naming.is_gradient_argument(name) and name not in replay.own]
    return has_targets and bool(again) and is_floating(returned) and np.ndim(returned) == 1 and len(returned) > 1


def _takes_mean(tree: ast.Module, word: str) -> bool:
    """Tell whether a method takes the mean of what its object's method of some name returns."""
    for node in (part for part in walk(tree) if isinstance(part, ast.FunctionDef)):
        parts: Mapping[bool, list[ast.Call]] = {True: [], False: []}
        for call in (part for part in walk(node) if isinstance(part, ast.Call)):
            if isinstance(call.func, ast.Attribute):
                parts[call.func.attr in MEANS].append(call)
        if parts[True] and any(ast.unparse(call.func) == f"self.{word}" for call in parts[False]):
            return True
    return False
