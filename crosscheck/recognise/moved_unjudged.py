"""What the code of a unit moves and that no unit has a gradient of: it must not pass in silence.

The one input of such a weight may be zero in every case: the loss does not depend on it then, and says nothing of it.
Or it is moved behind another one, by a gradient that is computed of what that has become.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.averages import running_means, velocities
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.losses import is_only_added_to
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.single_numbers import moved_by_shares
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk

ROUNDING = 1e-13
"""What is left of a gradient whose terms cancel, beside the largest of all"""
CASES = 3
"""In which a gradient must be zero that is right by being so"""


def with_all_moved(units: Sequence[Unit]) -> list[Unit]:
    """Return units that are known to have no gradient of what their code moves beside what all of them judge."""
    known = _told(units)
    found = []
    for unit in units:
        left = dict.fromkeys([*_left(unit, known), *_left_around(unit, known)])
        whole = replace(unit, without=(*unit.without, *left))
        needless = _met_by_zero(whole)
        found.append(replace(whole, without=tuple(name for name in whole.without if name not in needless)))
    return found


def _left(unit: Unit, known: Collection[str]) -> Iterator[str]:
    replay = getattr(unit.subject, "replay", None)
    if not isinstance(replay, Replay):
        return
    judged = {unit.subject.ids.get(name) for name in unit.names}
    own = [f"_{name}_" for name in (*unit.names, *unit.without)]
    pairs = {pair for node in unit.functions for pair in update_pairs(node)}
    by_gradients = {name for name, word in pairs if naming.is_gradient_of(word, name) >= 2 and _may_be_moved(name)}
    moved = by_gradients | {name for node in unit.functions for name in _moved(node)}
    moved -= velocities(unit.document.tree) | running_means(unit.document.tree)
    for leaf in leaves(replay.roots()):
        if leaf.name not in moved or id(leaf.value) in judged or not is_floating(leaf.value):
            continue
        if is_state(leaf) and leaf.value.size > 1:  # a bias, of one number, may be called as states are
            continue
        if any(is_only_added_to(leaf, node, unit.document.tree) for node in unit.functions):
            continue
        is_number = leaf.value.size == 1
        is_told = any(f"_{leaf.name}_" in name for name in (own if is_number else known))
        if not is_told and (is_number or leaf.name in by_gradients):
            yield leaf.name


def _met_by_zero(unit: Unit) -> set[str]:
    """Return what a unit has no gradient of and needs none: the one that there is, is zero, and should be.

    With made-up arguments it must cancel out: that of nothing but zeros may be hidden by them.
    """
    replay = getattr(unit.subject, "replay", None)
    if not unit.without or not isinstance(replay, Replay):
        return set()
    pairs = {pair for node in unit.functions for pair in update_pairs(node)}
    found = set[str]()
    for leaf in leaves(replay.roots()):
        words = {word for name, word in pairs if name == leaf.name and naming.is_gradient_of(word, name) >= 2}
        if {leaf.name, str(leaf)} & {*unit.without} and is_floating(leaf.value):
            found |= {leaf.name, str(leaf)} if _is_met_by_zero(unit, replay, leaf, words) else set()
    return found


def _is_met_by_zero(unit: Unit, replay: Replay, leaf: Leaf, words: Collection[str]) -> bool:
    """Tell whether the one gradient of an array is zero in every case, and the loss does not move with the array.

    As the file calls it: the one step of a sequence begins at a state of nought, whatever the weights of that are. Or
    it is what rounding leaves: what the bias of keys adds to each score of a row, a softmax takes away.
    """
    if len(words) != 1:
        return False
    (word,) = words
    values, scales = [], []
    try:
        with np.errstate(all="ignore"):
            for case in range(CASES):
                (parameters, data), ids = unit.cases.build(unit.cases.draw(0, case)).arguments, unit.subject.ids
                start = {ids[name]: value for name, value in {**data, **parameters}.items()}
                for seed in range(2):
                    moved = {id(leaf.value): np.random.default_rng([case, seed]).standard_normal(leaf.value.shape)}
                    result = replay.run({**{key: _copied(value) for key, value in start.items()}, **moved})
                    values.append((result.variables[word], float(np.ravel(unit.subject.loss.read(result))[0])))
                    scales.append(max(np.max(np.abs(g), initial=0.0) for g in _gradients(unit, result)))
    except Exception:  # noqa: BLE001 - theirs: it is not known then
        return False
    gradients, losses = zip(*values, strict=True)
    if any(np.shape(gradient) != leaf.value.shape for gradient in gradients):
        return False
    pairs = list(zip(losses[::2], losses[1::2], strict=True))
    if not any(map(np.any, gradients)):
        return not unit.is_made_up and all(one == other for one, other in pairs)
    largest = [np.max(np.abs(gradient)) for gradient in gradients]
    cancels = all(0 < own <= ROUNDING * scale for own, scale in zip(largest, scales, strict=True))
    return cancels and all(abs(one - other) <= ROUNDING * abs(one) for one, other in pairs)


def _gradients(unit: Unit, result: Result) -> list[np.ndarray]:
    """Return the gradients that a unit judges, as a call left them."""
    return [np.asarray(place.read(result)) for place in unit.subject.gradients.values()]


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray | list) else value


def _left_around(unit: Unit, known: Collection[str]) -> Iterator[str]:
    """Yield what a function, or the module, moves at a rate behind the loop in it that is judged."""
    tree, (node, *_) = unit.document.tree, unit.functions
    functions = (part for part in walk(tree) if isinstance(part, ast.FunctionDef))
    around = [*functions, *(part for part in tree.body if isinstance(part, ast.For | ast.While))]
    outermost = next((one for one in around if any(part is node for part in walk(one))), None)
    if outermost is not None:
        yield from _moved_behind(outermost, unit, known)


def moved_behind(around: ast.AST, unit: Unit, units: Sequence[Unit]) -> Iterator[str]:
    """Yield what is moved at a rate around the loop that a unit is of, and that no unit tells anything of."""
    return _moved_behind(around, unit, _told(units))


def _moved_behind(around: ast.AST, unit: Unit, known: Collection[str]) -> Iterator[str]:
    """Yield what is moved at a rate behind a loop: `E[center] -= rate * dh`."""
    tree, (node, *_) = unit.document.tree, unit.functions
    if not isinstance(node, ast.For | ast.While):
        return
    others = velocities(tree) | running_means(tree)
    inside = set(map(id, walk(node)))
    for part in walk(around):
        if isinstance(part, ast.AugAssign) and id(part) not in inside and isinstance(part.op, ast.Add | ast.Sub):
            word = root_word(part.target)
            rated = any(naming.RATE.search(root_word(one)) for one in walk(part.value) if isinstance(one, ast.Name))
            is_other = naming.looks_like_gradient(word) or naming.MEMORY.search(word) or word in others
            if rated and not is_other and not any(f"_{word}_" in name for name in known):
                yield word


def _told(units: Sequence[Unit]) -> list[str]:
    return [f"_{name}_" for unit in units for name in (*unit.names, *unit.without)]


def _moved(node: ast.AST) -> Iterator[str]:
    """Yield what some code moves down by a share of something else, or at a rate."""
    found = {name for name, word in update_pairs(node) if naming.RATE.search(word)}
    yield from filter(_may_be_moved, found | set(moved_by_shares(node)))
    yield from _returned_moved(node)


def _returned_moved(node: ast.AST) -> Iterator[str]:
    """Yield what is returned with a step taken, by what is called its gradient.

    >>> list(_returned_moved(ast.parse("def f(b, m, rate): return b, m - rate * gm, x - y").body[0]))
    ['m']
    """
    for part in (part for part in walk(node) if isinstance(part, ast.Return)):
        for value in getattr(part.value, "elts", [part.value]):
            match value:
                case ast.BinOp(left=ast.Name(id=name), op=ast.Sub() | ast.Add(), right=step):
                    if any(
                        naming.is_gradient_of(root_word(one), name) >= 2
                        for one in walk(step)
                        if isinstance(one, ast.Name)
                    ):
                        yield name
                case _:
                    pass


def _may_be_moved(name: str) -> bool:
    others = naming.RATE, naming.LOSS, naming.MEMORY
    return not naming.looks_like_gradient(name) and not any(known.search(name) for known in others)
