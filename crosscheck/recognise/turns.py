"""What one turn of a training loop leaves to the next: gradients that nothing sets to zero."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.rule_words import STALE
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk
from crosscheck.verdicts import Finding, Severity


def never_reset(unit: Unit, seed: int) -> list[Finding]:
    """Say which gradients every turn of a loop adds to those of the turn before, though it moves the parameters."""
    replay = unit.subject.replay
    replay = getattr(replay, "inner", replay)
    empty = {id(array) for array in unit.subject.replay.zeroed}
    if not isinstance(replay, LoopReplay) or not empty:
        return []
    buffers = [leaf for leaf in leaves(replay.roots()) if id(leaf.value) in empty]
    parameters, data = unit.cases.build(unit.cases.draw(seed, 0)).arguments
    given = {unit.subject.ids[name]: value for name, value in {**data, **parameters}.items()}
    try:
        with np.errstate(all="ignore"):
            bare, full = (_after_a_turn(replay, buffers, given, start) for start in (0.0, 1.0))
    except Exception:  # noqa: BLE001 - theirs: what comes after the gradients may need more than is there
        return []
    kept = [leaf for leaf, one, two in zip(buffers, bare, full, strict=True) if _is_kept(one, two)]
    squares = _squares(unit, given, buffers, bare)
    started = set(_started_elsewhere(unit.functions[0]))
    kept = [leaf for leaf in kept if leaf not in squares and not {leaf.name, str(leaf.path[0])} & started]
    if not kept:
        return []
    others = [leaf for leaf in buffers if leaf not in kept]
    line = _resetting(unit, replay, others) or _adding(unit, kept)
    alike = f", as {' and '.join(map(str, others))} are" if others else ""
    names = ", ".join(map(str, kept))
    message = f"Every turn adds to {names} of the one before: set it to zero when a turn ends{alike}."
    paths = {place.path: name for name, place in unit.subject.gradients.items()}
    try:
        with np.errstate(all="ignore"):
            moved = _moved_by(unit, replay, kept, given)
    except Exception:  # noqa: BLE001 - theirs: the turn may leave a parameter somewhere else
        moved = []
    if moved:
        others = f" (likewise {', '.join(moved[1:])})" if len(moved) > 1 else ""
        wrong = f"The update of {moved[0]} is wrong{others}: {STALE}. {message}"
        return [Finding("update-differs", Severity.ERROR, moved[0], wrong, line=line)]
    return [Finding("accumulates", Severity.WARNING, paths.get(kept[0].path), message, line=line)]


def _started_elsewhere(node: ast.AST) -> Iterator[str]:
    """Yield the sums by which something is computed anew from where it once began, as in dual averaging.

    >>> list(_started_elsewhere(ast.parse("total += g; w = start - rate * total; v = v - rate * sums")))
    ['total']
    """
    added = {root_word(part.target) for part in walk(node) if isinstance(part, ast.AugAssign)}
    for part in walk(node):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.BinOp) and isinstance(part.value.op, ast.Sub):
            read = {root_word(one) for one in walk(part.value) if isinstance(one, ast.Name | ast.Attribute)}
            if not read & {root_word(target) for target in part.targets} and root_word(part.value.left):
                yield from sorted(
                    added & {root_word(one) for one in walk(part.value.right) if isinstance(one, ast.Name)}
                )


def _moved_by(unit: Unit, replay: LoopReplay, kept: list[Leaf], given: dict[int, Any]) -> list[str]:
    """Return the parameters that a turn moves by what turns before it have left, where nothing in it ever clears that.

    What a condition clears now and then is meant to be added up.
    """
    cleared = {root_word(t) for n in walk(unit.functions[0]) if isinstance(n, ast.Assign) for t in n.targets}
    if cleared & {leaf.name for leaf in kept}:
        return []
    ids = {unit.subject.ids[name]: name for name in unit.example[0]}
    parameters = {ids[id(leaf.value)]: leaf for leaf in leaves(replay.roots()) if id(leaf.value) in ids}
    ends = []
    for start in (0.0, 1.0):
        own = copy.deepcopy(given) | {id(leaf.value): np.full_like(leaf.value, start) for leaf in kept}
        result = replay.whole_turn().run(own)
        ends.append({name: np.array(result.left_at(leaf.path)) for name, leaf in parameters.items()})
    return [name for name in parameters if not np.array_equal(*(end[name] for end in ends))]


def _after_a_turn(replay: LoopReplay, buffers: list[Leaf], given: dict[int, Any], start: float) -> list[Any]:
    """Return what a whole turn leaves in the buffers, all of whose entries begin with one number."""
    own = copy.deepcopy(given)
    own |= {id(leaf.value): np.full_like(leaf.value, start) for leaf in buffers}
    result = replay.whole_turn().run(own)
    return [result.left_at(leaf.path) for leaf in buffers]


def _is_kept(bare: Any, full: Any) -> bool:
    """Tell whether all of what a buffer began with is still there, beside what the turn has added."""
    if not all(isinstance(array, np.ndarray) for array in (bare, full)) or np.shape(bare) != np.shape(full):
        return False
    return bool(np.any(bare)) and np.allclose(full - bare, 1.0, rtol=1e-6, atol=0)


def _squares(unit: Unit, given: dict[int, Any], buffers: list[Leaf], bare: list[Any]) -> list[Leaf]:
    """Return the buffers to which a turn adds the square of a gradient, as Adagrad does to its memory."""
    parameters = {name: given[unit.subject.ids[name]] for name in unit.example[0]}
    data = {name: given[unit.subject.ids[name]] for name in unit.example[1] if unit.subject.ids[name] in given}
    with np.errstate(all="ignore"):
        outcome = unit.subject(parameters, data)
    own = [np.square(np.asarray(gradient)) for gradient in outcome.gradients.values()]
    return [leaf for leaf, added in zip(buffers, bare, strict=True) if any(_is_share(added, one) for one in own)]


def _is_share(added: Any, square: np.ndarray) -> bool:
    if np.shape(added) != square.shape or not np.any(square):
        return False
    share = float(np.sum(added) / np.sum(square))
    return share > 0 and np.allclose(added, share * square, rtol=1e-6, atol=0)


def _resetting(unit: Unit, replay: LoopReplay, others: list[Leaf]) -> int | None:
    """Return the last line after the update that writes to one of the buffers which are reset."""
    if replay.statements is None or replay.statements >= len(replay.body):
        return None
    first, names = replay.body[replay.statements].lineno, {leaf.name for leaf in others}
    written = [n for n in walk(unit.functions[0]) if isinstance(n, ast.Assign | ast.AugAssign) and n.lineno >= first]
    lines = [node.lineno for node in written if names & set(map(root_word, _targets(node)))]
    return max(lines, default=None)


def _adding(unit: Unit, kept: list[Leaf]) -> int | None:
    """Return the line that adds to the first of the buffers."""
    added = [node for node in walk(unit.functions[0]) if isinstance(node, ast.AugAssign)]
    return next((node.lineno for node in added if root_word(node.target) == kept[0].name), None)


def _targets(node: ast.Assign | ast.AugAssign) -> list[ast.expr]:
    return [node.target] if isinstance(node, ast.AugAssign) else node.targets
