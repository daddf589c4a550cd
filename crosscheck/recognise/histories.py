"""Histories that a forward pass keeps step by step: it is called once for each step, and its backward once for all.

One of its calls alone is a sequence of one step, on which nothing is seen of what goes back in time.
"""

import ast
import types
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from crosscheck.recognise.backward_passes import functions_of, reached
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.instrument import goes_back_in_time
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.world import World
from crosscheck.source.walking import walked

DEEPEST = 4
"""How far from a name a history may lie: `self.layers[0].states`"""
SEVERAL = "it goes through what several calls of {} kept, and one of these alone says nothing of that"


def is_of_several(world: World, forward: Entry, backward: Entry, tree: ast.Module) -> bool:
    """Tell whether a backward call goes through what several calls of a forward function left behind.

    Raises whatever the forward function raises.
    """
    names = _read(tree, backward.function)
    seen = _at_start(backward)
    shared = {name for name, identity in backward.ids.items() if forward.ids.get(name) == identity}
    wanted = {p for p in seen if _word(p) in names and (p[0] in shared or p[0] not in forward.arguments)}
    if not wanted:
        return False
    before, result = _at_start(forward), Replay(world, forward).run({})
    after = _lengths({**result.names, **result.arguments})
    grown = {path: after[path] - before.get(path, 0) for path in wanted & after.keys()}
    grown = {path: steps for path, steps in grown.items() if steps > 0}
    earlier = _since_backward(world, forward, backward)
    if any(seen[path] > after[path] for path in grown):
        return True
    if any(found.get(path, 0) < before.get(path, 0) for found in map(_at_start, earlier) for path in grown):
        return True
    of_loops = _in_loops(tree, forward.function)
    goes_back = any(
        isinstance(n, ast.For) and goes_back_in_time(n) for n in walked(functions_of(tree)[backward.function])
    )
    return goes_back and any(steps == 1 and _word(path) not in of_loops for path, steps in grown.items())


def _since_backward(world: World, forward: Entry, backward: Entry) -> Sequence[Entry]:
    """Return the earlier calls of a forward function for the same object, since its history was gone through last."""
    entries = world.hooks.entries
    orders = [entry.order for entry in entries.get(backward.function, ()) if entry.order < forward.order]
    return [
        entry
        for entry in entries.get(forward.function, ())
        if max(orders, default=-1) < entry.order < forward.order and entry.ids.get("self") == forward.ids.get("self")
    ]


def _in_loops(tree: ast.Module, name: str) -> set[str]:
    """Return the names and attributes that a function mentions in loops, itself or in what it calls there."""
    nodes = functions_of(tree)
    loops = [part for part in walked(nodes[name]) if isinstance(part, ast.For | ast.While | ast.comprehension)]
    bare = reached(tree, [nodes[name]])
    inner = [node for known, node in nodes.items() if known.rpartition(".")[2] in bare]
    parts = [part for node in (*loops, *inner) for part in walked(node)]
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in parts
        if isinstance(part, ast.Name | ast.Attribute)
    }


def _at_start(entry: Entry) -> dict[Path, int]:
    return _lengths({**entry.names, **entry.arguments})


def _lengths(roots: Mapping[str, Any]) -> dict[Path, int]:
    """Return how many steps the lists and dictionaries hold that some named objects have, by the path to each.

    What goes by a word in a dictionary is no step. Modules are not looked into.
    """
    found: dict[Path, int] = {}
    waiting: deque[tuple[Path, Any]] = deque(((name,), value) for name, value in roots.items())
    while waiting:
        path, value = waiting.popleft()
        if isinstance(value, list | dict):
            found[path] = sum(not isinstance(key, str) for key in value) if isinstance(value, dict) else len(value)
        if len(path) >= DEEPEST:
            continue
        if isinstance(value, list | dict):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*path, key), part) for key, part in parts if hasattr(part, "__dict__"))
        elif hasattr(value, "__dict__") and not isinstance(value, type | types.ModuleType) and not callable(value):
            waiting.extend(((*path, f".{name}"), part) for name, part in vars(value).items())
    return found


def _word(path: Path) -> str:
    """Return what the source calls something at the end of a path."""
    return next((str(step).removeprefix(".") for step in reversed(path[1:]) if str(step).startswith(".")), str(path[0]))


def _read(tree: ast.Module, name: str) -> set[str]:
    """Return the names and attributes that a function reads, and those that it calls."""
    nodes = functions_of(tree)
    bare = reached(tree, [nodes[name]])
    parts = [node for known, node in nodes.items() if known == name or known.rpartition(".")[2] in bare]
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for node in parts
        for part in walked(node)
        if isinstance(part, ast.Name | ast.Attribute) and isinstance(part.ctx, ast.Load)
    }
