"""Objects of the file's classes, made with made-up arguments and set up as they are to be before their first use."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.copying import copied
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.objects import kept_in, methods_of, objects_held
from crosscheck.recognise.preparing import SHAPE, choices, setups, shape_lengths
from crosscheck.recognise.slots import COUNT, Asked, documentation_of
from crosscheck.recognise.windows import WIDE, WINDOW
from crosscheck.recognise.wiring import handed, required, sizes_of
from crosscheck.recognise.world import World

MOST = 2000
"""Numbers in an object of the file: where it holds more, a smaller one is made"""
DEEPEST = 3
"""Objects within objects"""


class Maker:
    """How objects of a class are made; `starts` are the methods that will be called."""

    def __init__(
        self, world: World, nodes: Mapping[str, ast.FunctionDef], kind: type, starts: Iterable[str] = (), depth: int = 0
    ) -> None:
        self.world, self.nodes, self.kind = world, nodes, kind
        found = [value for value in world.names.values() if type(value) is kind]
        small = [value for value in found if size_of(value) <= MOST]
        self.methods = methods_of(kind, nodes)
        self.constructor = self.methods.get("__init__") if not small else None
        self.instance = small[-1] if small else found[-1] if found and self.constructor is None else None
        """One that the file made"""
        self.setups: list[str] = []
        self.inner: dict[str, dict[str, Maker]] = {}
        """For each method, what makes the arguments that are objects"""
        if self.instance is None:
            words = list(starts) or [word for word in self.methods if not word.startswith("__") or word == "__call__"]
            self.setups = setups(kind, words, self.methods, nodes)
            held = objects_held(kind, world.names, nodes) if depth < DEEPEST else {}
            self.inner = {
                name: {
                    argument: Maker(world, nodes, inner, depth=depth + 1)
                    for argument, inner in held.get(name, {}).items()
                    if argument in required(nodes[name]) or argument in nones(nodes[name])
                }
                for name in self._calls()
            }

    def _calls(self) -> list[str]:
        return [*([self.constructor] if self.constructor else []), *self.setups]

    def asked(self) -> Iterator[Asked]:
        """Yield what has to be made up before an object can be made."""
        for name in self._calls():
            node, inner = self.nodes[name], self.inner.get(name, {})
            wanted = (*required(node), *sizes_of(node), *(n for n in nones(node) if COUNT.match(n) or SHAPE.search(n)))
            others = [self.nodes[other] for other in self.methods.values()]
            kept = kept_in(node)
            yield Asked(
                name,
                node,
                tuple(dict.fromkeys(argument for argument in wanted if argument not in inner)),
                documentation_of(name, self.world.document.tree),
                shape_lengths(node, kept, others),
                choices(node, kept, others, self.world.names),
            )
            for maker in inner.values():
                yield from maker.asked()

    def made(self, values: Mapping[Key, Any]) -> Any:
        """Return an object: a copy of one that the file made, or a new one; it cuts nothing off.

        Raises whatever its class raises.
        """
        if self.instance is not None:
            made = copied(self.instance, {})
        else:
            made = self.kind(**self._given(self.constructor, values)) if self.constructor else self.kind()
            for name in self.setups:
                getattr(made, name.rpartition(".")[2])(**self._given(name, values))
        for name, value in vars(made).items() if hasattr(made, "__dict__") else ():
            if WINDOW.search(name) and type(value) is int:
                setattr(made, name, max(value, WIDE))
        return made

    def _given(self, name: str, values: Mapping[Key, Any]) -> dict[str, Any]:
        inner = {argument: maker.made(values) for argument, maker in self.inner.get(name, {}).items()}
        return {**handed(name, values), **inner}


def nones(node: ast.FunctionDef) -> list[str]:
    """Return the arguments that are None unless they are given."""
    given, defaults = node.args.kwonlyargs, node.args.kw_defaults
    positional = [*node.args.posonlyargs, *node.args.args]
    pairs = [*zip(reversed(positional), reversed(node.args.defaults), strict=False), *zip(given, defaults, strict=True)]
    return [argument.arg for argument, default in pairs if isinstance(default, ast.Constant) and default.value is None]


def size_of(value: Any) -> int:
    """Return how many numbers an object holds."""
    return sum(np.size(leaf.value) for leaf in leaves({"it": value}))
