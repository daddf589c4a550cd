"""What a call updates and leaves where it is: its step is nothing, which may be wrong."""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.losses import functions_in, is_told, stepped_in
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.phases import held_in
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Roles
from crosscheck.recognise.steps import emptied

MEANT = naming.re.compile(
    r"target_?(?:net|model|weight|param|layer|policy|q)|q_?target|froz|freez|fixed|pre_?train|transfer_?learn|best|backup|ema|echo|reservoir|extreme|\belm\b|random.?(?:feature|kitchen)",
    naming.re.IGNORECASE,
)
"""What tells of weights that stay where they are by design"""


def standing_still(tree: ast.Module, roles: Roles, moved: Mapping[str, Leaf], replay: Replay) -> dict[str, Leaf]:
    """Return the arrays that a call updates by a gradient, and that moved by nothing all the same.

    The sum over all outputs of a softmax minus its target is zero, whatever they are; what is written over instead of
    added up may be zero at random. Nor does anything move what has a gradient by its name that nothing is made of.
    Raises what the call raises.
    """
    replay.world.hooks.used.clear()
    result = replay.run({})
    there = {name for name in result.variables if naming.looks_like_gradient(name)}
    pairs = {parameter for parameter, gradient in update_pairs(tree) if gradient in there}
    pairs |= set(_always_updated(tree, replay.world.hooks.used))
    told = {leaf.name for leaf in roles.active.values() if is_told(leaf, there)}
    pairs |= told - set(stepped_in(tree)) if told - pairs else set()
    pairs -= set(emptied(tree))
    owners: dict[str, set[Any]] = {}
    for leaf in moved.values():
        owners.setdefault(leaf.name, set()).add(leaf.path[0] if len(leaf.path) > 1 else leaf.name)
    kinds = {_kind(leaf) for leaf in moved.values()} - {None}
    held = held_in(tree, replay.entry.function)
    alike = set[Any]() if MEANT.search(ast.unparse(tree)) else kinds
    return {
        name: leaf
        for name, leaf in roles.active.items()
        if name not in moved
        and leaf.path[0] not in held
        and ((leaf.name in pairs and not is_state(leaf)) or _kind(leaf) in alike)
        and leaf.path[0] in owners.get(leaf.name, {leaf.path[0]})  # `net.W` is moved, and `target.W` meant to stay
    }


def _kind(leaf: Leaf) -> tuple[Any, Any] | None:
    """Return what neurons in lists have in common, of which each keeps its weights under a name; None of others."""
    steps = list(leaf.path)
    is_kept = len(steps) > 2 and isinstance(steps[-1], str) and isinstance(steps[-2], int)
    return (steps[0], steps[-1]) if is_kept else None


def _always_updated(tree: ast.Module, used: Collection[str]) -> Iterator[str]:
    """Yield what some functions update, whatever they are handed, by what is called its gradient."""
    for name, node in functions_in(tree).items():
        plain = [part for part in node.body if isinstance(part, ast.Assign | ast.AugAssign)] if name in used else []
        pairs = update_pairs(ast.Module(list(plain), []))
        yield from (own for own, gradient in pairs if naming.is_gradient_of(gradient, own) >= 2)
