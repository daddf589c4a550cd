"""Optimisers that a file defines and does not use: each is called once, on a layer of the file, so that it is judged.

Files that explain optimisers define several and train with the last one. A slip in the others would be passed over.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.copying import copied
from crosscheck.recognise.hooks import EnoughError
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.recognise.wiring import required
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk

MOMENTUM = ("momentum", "mu", "beta", "gamma")
"""Arguments of constructors that are often zero, which would leave a memory out"""
REMEMBERED = 0.9
WIDER = 4
"""How often arrays are repeated: an optimiser treats all entries alike"""
SECONDS = 1.0


def call_unused(world: World, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Call the updates of optimisers that nothing calls, recorded as if the module had made the calls."""
    objects = list(_objects(world))
    for name, node in nodes.items():
        owner, _, word = name.rpartition(".")
        if not owner or not UPDATING.search(word) or name in world.hooks.entries or len(required(node)) != 1:
            continue
        (argument,) = required(node)
        wanted = _read(node, argument)
        layer = next((one for one in objects if wanted and wanted <= vars(one).keys()), None)
        maker = world.names.get(owner)
        if layer is not None and isinstance(maker, type):
            _call(world, maker, word, _wider(copied(layer, {})))


def _call(world: World, maker: type, word: str, layer: Any) -> None:
    hooks = world.hooks
    hooks.begin(None)
    before, hooks.deadline = hooks.deadline, hooks.deadline + SECONDS
    try:
        arguments = inspect.signature(maker).parameters
        made = maker(**{name: REMEMBERED for name in MOMENTUM if name in arguments})
        hooks.start(world.names)
        with np.errstate(all="ignore"):
            getattr(made, word)(layer)
    except (Exception, EnoughError):  # noqa: BLE001 - theirs: it wants more than a layer, or another one
        return
    finally:
        hooks.stop()
        hooks.deadline = before


def _wider(layer: Any) -> Any:
    """Return a layer with more entries, in place: of a few biases no rule is told from another."""
    for name, value in list(vars(layer).items()):
        if isinstance(value, np.ndarray):
            vars(layer)[name] = np.tile(value, WIDER)
    return layer


def _objects(world: World) -> Iterator[Any]:
    """Yield the objects of the file's own classes that its calls had to do with."""
    for known in world.hooks.entries.values():
        for entry in known:
            if entry.finished:
                yield from (value for value in entry.arguments.values() if _is_own(value))


def _is_own(value: Any) -> bool:
    return hasattr(value, "__dict__") and type(value).__module__ == "__main__"


def _read(node: ast.FunctionDef, argument: str) -> set[str]:
    """Return the attributes of an argument that a function reads and does not first write itself."""
    parts = [n for n in walk(node) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == argument]
    first: dict[str, ast.Attribute] = {}
    for part in sorted(parts, key=lambda part: (part.lineno, isinstance(part.ctx, ast.Store), part.col_offset)):
        first.setdefault(part.attr, part)
    return {name for name, part in first.items() if isinstance(part.ctx, ast.Load)}
