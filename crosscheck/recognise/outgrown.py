"""Parameters that a step gives another shape: NumPy broadcasts where an axis is missing, and nothing raises.

After `b = b - rate * delta` a bias of the shape (3, 1) has that of delta, (3, 5), from then on.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.roles import is_floating, is_number
from crosscheck.recognise.rule_words import OUTGROWN
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.subject import patched
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World
from crosscheck.source.walking import walked
from crosscheck.verdicts import Finding, Severity


def with_outgrown(world: World, units: Sequence[Unit]) -> list[Unit]:
    """Return units that tell of the parameters which their steps give another shape.

    Where a call was made up, its data may be what does not fit: such a parameter is only left out then. A number may
    become a row on purpose, as a bias of nought does for several outputs, but not one with an entry for each example.
    """
    found = []
    for unit in units:
        try:
            with np.errstate(all="ignore"), patched(unit.subject.patches):
                grown = list(_grown(world, unit))
        except Exception:  # noqa: BLE001 - theirs: what cannot be run again was told elsewhere
            grown = []
        told = [one for one in grown if np.ndim(one.leaf.value) or one.is_by_examples]
        faults = () if unit.is_made_up else (*map(_said, told), *_narrow(unit))
        doubtful = [one.leaf.name for one in told] if unit.is_made_up else []
        without = tuple(name for name in doubtful if name not in unit.without)
        made = replace(unit, faults=(*unit.faults, *faults), without=(*unit.without, *without))
        found.append(made if faults or without else unit)
    return found


class _Grown(NamedTuple):
    """A parameter of which a call leaves more, or fewer, entries than the first one began with."""

    leaf: Leaf
    """As it was first"""
    shape: tuple[int, ...]
    """That it has afterwards"""
    is_by_examples: bool
    """Whether it has so many entries as there are examples, and as no parameter has"""


def _grown(world: World, unit: Unit) -> Iterator[_Grown]:
    replay = getattr(unit.subject, "replay", None)
    if not isinstance(replay, Replay):
        return
    tree, judged = unit.document.tree, {name.rpartition(".")[2] for name in unit.names}
    moved = {word for word, step, _ in steps_in(tree) if _is_step(step)}
    moved |= {name for name, word in _renamed(tree) if word in _stepped(tree)}
    owner = replay.entry.ids.get("self")
    entries = [one for one in world.hooks.entries.get(replay.entry.function, ()) if one.ids.get("self") == owner]
    beginning = entries[0] if entries else replay.entry
    first = {**beginning.names, **beginning.arguments}
    known = leaves({name: first[name] for name in replay.roots() if name in first})
    places = [leaf for leaf in known if leaf.name in moved and not is_state(leaf)]
    places = [leaf for leaf in places if is_floating(leaf.value) or (is_number(leaf.value) and leaf.name in judged)]
    if not places:
        return
    result = replay.run({})
    shapes = [np.shape(value) for value in unit.example[0].values()]
    for leaf in places:
        now = _left(result, leaf)
        if now is not None and now.size != np.size(leaf.value):
            others = {length for shape in shapes if shape != now.shape for length in shape}
            yield _Grown(leaf, now.shape, not others & {length for length in now.shape if length > 1})


def _narrow(unit: Unit) -> Iterator[Finding]:
    """Yield what is wrong with steps in place by gradients of fewer entries than the parameter that they move has."""
    replay = getattr(unit.subject, "replay", None)
    if not unit.without or not isinstance(replay, Replay):
        return
    left = {str(leaf): leaf for leaf in leaves(replay.roots()) if {leaf.name, str(leaf)} & {*unit.without}}
    try:
        variables = replay.run({}).variables if left else {}
    except Exception:  # noqa: BLE001 - theirs: what cannot be run again was told elsewhere
        return
    for part in (part for node in unit.functions for part in walked(node) if isinstance(part, ast.AugAssign)):
        leaf = left.get(ast.unparse(part.target))
        words = {name.id for name in walked(part.value) if isinstance(name, ast.Name)}
        arrays = {word: variables[word] for word in words if isinstance(variables.get(word), np.ndarray)}
        if leaf is None or len(arrays) != 1 or not isinstance(part.op, ast.Sub | ast.Add):
            continue
        ((word, gradient),) = arrays.items()
        if naming.looks_like_gradient(word) and is_floating(leaf.value) and gradient.size < leaf.value.size:
            text = f"The update of {leaf} is wrong: {OUTGROWN}, {leaf.value.shape}: {word} has {gradient.shape}."
            yield Finding("update-differs", Severity.ERROR, leaf.name, text)


def _is_step(step: ast.expr) -> bool:
    """Tell whether what is added or taken away has a rate, by its name or as a small number, or is a gradient."""
    words = [root_word(part) for part in walked(step) if isinstance(part, ast.Name | ast.Attribute)]
    numbers = [part.value for part in walked(step) if isinstance(part, ast.Constant)]
    is_small = any(isinstance(number, float) and 0 < number < 1 for number in numbers)
    return is_small or any(naming.RATE.search(word) or naming.looks_like_gradient(word) for word in words)


def _renamed(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what takes the value of a variable, and the variable: `w = w_new`."""
    for part in walked(node):
        for target, value in assigned_in(part):
            if isinstance(value, ast.Name):
                yield root_word(target), value.id


def _stepped(node: ast.AST) -> set[str]:
    """Return the variables that are something with a step added to it, or taken away."""
    assigned = (pair for part in walked(node) for pair in assigned_in(part))
    sums = (pair for pair in assigned if isinstance(pair[1], ast.BinOp) and isinstance(pair[1].op, ast.Sub | ast.Add))
    return {root_word(target) for target, value in sums if _is_step(value.right)}  # pyright: ignore


def _left(result: Result, leaf: Leaf) -> np.ndarray | None:
    try:
        now = result.left_at(leaf.path)
    except (LookupError, AttributeError, TypeError):
        return None
    return now if isinstance(now, np.ndarray) else None


def _said(grown: _Grown) -> Finding:
    name, before = grown.leaf.name, np.shape(grown.leaf.value)
    text = (
        f"The update of {name} is wrong: {OUTGROWN}, {before or 'that of a number'}, and is broadcast, so that {name} "
        f"is {grown.shape} afterwards."
    )
    return Finding("update-differs", Severity.ERROR, name, text)
