"""Objects that others have linked to one: `layer.prev`, `layer.next`. What its class never mentions is no part of it.

A layer that knows its neighbours holds the whole network, and all of its arrays; its own methods need none of them.
"""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.objects import methods_of
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk

DYNAMIC = frozenset({"__dict__", "vars", "getattr", "setattr", "__getattr__", "dir"})
"""What reads attributes without naming them"""


def unlink(world: World, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Take out of the objects whose methods were called, as they were remembered, what their classes never mention."""
    helpers = set().union(*(_words(node) for name, node in nodes.items() if "." not in name))
    for name in world.hooks.entries.keys() & nodes.keys():
        for entry in world.hooks.entries[name]:
            owner = entry.arguments.get("self")
            if owner is None or not hasattr(owner, "__dict__") or isinstance(owner, type):
                continue
            words = helpers.union(*(_words(nodes[method]) for method in methods_of(type(owner), nodes).values()))
            if not words & DYNAMIC:
                for word in [word for word, value in vars(owner).items() if word not in words and _is_object(value)]:
                    delattr(owner, word)


def _words(node: ast.AST) -> set[str]:
    """Return the attributes and names that a function mentions."""
    names = {part.id for part in walk(node) if isinstance(part, ast.Name)}
    return names | {part.attr for part in walk(node) if isinstance(part, ast.Attribute)}


def _is_object(value: Any) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, np.ndarray | type) and not callable(value)
