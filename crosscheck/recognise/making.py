"""Objects of the file's classes, made with made-up arguments and set up as they are to be before their first use."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise import containers
from crosscheck.recognise.argument_names import COUNT
from crosscheck.recognise.containers import Held
from crosscheck.recognise.copying import copied
from crosscheck.recognise.defaults import required
from crosscheck.recognise.documentation import documentation_of
from crosscheck.recognise.fields import fields_of, maker_of, uses_of_fields
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.layer_sizes import layer_counts, layer_sizes
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.objects import is_abstract, kept_in, methods_of, objects_held
from crosscheck.recognise.preparing import SHAPE, choices, nones, setups, shape_lengths
from crosscheck.recognise.records import records
from crosscheck.recognise.slots import Asked
from crosscheck.recognise.styles import usual_depth
from crosscheck.recognise.windows import WIDE, WINDOW
from crosscheck.recognise.wiring import handed, sizes_of
from crosscheck.recognise.world import World

MOST = 2000
"""Numbers in an object of the file: where it holds more, a smaller one is made"""
DEEPEST = 3
"""Objects within objects"""


class Maker:
    """How objects of a class are made; `starts` are the methods that will be called."""

    def __init__(
        self,
        world: World,
        nodes: Mapping[str, ast.FunctionDef],
        kind: type,
        starts: Iterable[str] = (),
        depth: int = 0,
        place: str = "",
    ) -> None:
        self.place = place
        """What tells objects of one class apart that are held by one list"""
        self.world, self.nodes, self.kind = world, nodes, concrete(kind, starts, world, nodes)
        kind = self.kind
        self.depth = usual_depth(nodes)
        self.fields = fields_of(kind) if "__init__" not in methods_of(kind, nodes) else ()
        """What a record holds"""
        found = [value for value in world.names.values() if type(value) is kind]
        small = [value for value in found if size_of(value) <= MOST]
        self.methods = methods_of(kind, nodes)
        self.constructor = self.methods.get("__init__") if not small else None
        self.instance = small[-1] if small else found[-1] if found and self.constructor is None else None
        """One that the file made"""
        self.setups: list[str] = []
        self.inner: dict[str, dict[str, Maker]] = {}
        """For each method, what makes the arguments that are objects"""
        self.lists: list[tuple[Held, list[Maker]]] = []
        """What makes the objects in the lists that it is handed"""
        if self.instance is None:
            words = list(starts) or [word for word in self.methods if not word.startswith("__") or word == "__call__"]
            self.setups = setups(kind, words, self.methods, nodes)
            held = objects_held(kind, world.names, nodes) if depth < DEEPEST else {}
            for found_ in containers.held(kind, world.names, nodes) if depth < DEEPEST else ():
                self.lists.append((found_, list(self._elements(found_, depth))))
            self.inner = {
                name: {
                    argument: Maker(world, nodes, inner, depth=depth + 1)
                    for argument, inner in held.get(name, {}).items()
                    if argument in required(nodes[name]) or argument in nones(nodes[name])
                }
                for name in self._calls()
            }

    def _elements(self, held: Held, depth: int) -> Iterator["Maker"]:
        """Yield what makes the objects in a list, each with sizes of its own."""
        for number, kind in enumerate(held.kinds):
            yield Maker(self.world, self.nodes, kind, depth=depth + 1, place=f"{self.place}#{number}")

    def _calls(self) -> list[str]:
        return [*([self.constructor] if self.constructor else []), *self.setups]

    def asked(self) -> Iterator[Asked]:
        """Yield what has to be made up before an object can be made."""
        if self.instance is None and self.fields:
            node = maker_of(self.kind, self.fields, self.world.document.tree)
            documentation = documentation_of(self.kind.__name__, self.world.document)
            uses = uses_of_fields(self.kind, node, self.world.names, self.nodes)
            yield Asked(self.kind.__name__ + self.place, node, self.fields, documentation, uses=uses)
        for name in self._calls():
            node, inner = self.nodes[name], self.inner.get(name, {})
            others = [self.nodes[other] for other in self.methods.values()]
            kept = kept_in(node)
            layers = layer_sizes(node, kept, others)
            counts = layer_counts(node, kept, others, {n: sizes.length or self.depth for n, sizes in layers.items()})
            wanted = (*required(node), *sizes_of(node), *layers, *counts)
            wanted += tuple(n for n in nones(node) if COUNT.match(n) or SHAPE.search(n))
            given = {*inner, *(held.argument for held, _ in self.lists if held.method == name)}
            yield Asked(
                name + self.place,
                node,
                tuple(dict.fromkeys(argument for argument in wanted if argument not in given)),
                documentation_of(name, self.world.document),
                shape_lengths(node, kept, others),
                {**choices(node, kept, others, self.world.names), **counts},
                layers,
                records(node, kept, others),
            )
            for maker in inner.values():
                yield from maker.asked()
        for _, makers in self.lists:
            for maker in makers:
                yield from maker.asked()

    def made(self, values: Mapping[Key, Any]) -> Any:
        """Return an object: a copy of one that the file made, or a new one; it cuts nothing off.

        Raises whatever its class raises.
        """
        if self.instance is not None:
            made = copied(self.instance, {})
        else:
            made = self._constructed(values)
            for held, makers in self.lists:
                for maker in makers if held.one_by_one else ():
                    getattr(made, held.method.rpartition(".")[2])(maker.made(values))
            for name in self.setups:
                getattr(made, name.rpartition(".")[2])(**self._given(name, values))
        for name, value in vars(made).items() if hasattr(made, "__dict__") else ():
            if WINDOW.search(name) and type(value) is int:
                setattr(made, name, max(value, WIDE))
        return made

    def _constructed(self, values: Mapping[Key, Any]) -> Any:
        if self.constructor is None:
            return self.kind(**handed(self.kind.__name__ + self.place, values))
        given = self._given(self.constructor, values)
        spread = [maker.made(values) for held, makers in self.lists if held.spread for maker in makers]
        first = [given.pop(name) for name in required(self.nodes[self.constructor]) if spread and name in given]
        return self.kind(*first, *spread, **given)

    def _given(self, name: str, values: Mapping[Key, Any]) -> dict[str, Any]:
        inner: dict[str, Any] = {argument: m.made(values) for argument, m in self.inner.get(name, {}).items()}
        for held, makers in self.lists:
            if held.method == name and not held.one_by_one and not held.spread:
                inner[held.argument] = [maker.made(values) for maker in makers]
        return {**handed(name + self.place, values), **inner}


def concrete(kind: type, starts: Iterable[str], world: World, nodes: Mapping[str, ast.FunctionDef]) -> type:
    """Return a class, or one derived from it where it leaves methods to those: others than the wanted ones."""
    if not is_abstract(kind, nodes):
        return kind
    own = methods_of(kind, nodes)
    others = [v for v in world.names.values() if isinstance(v, type) and issubclass(v, kind) and v is not kind]
    for other in others:
        methods = methods_of(other, nodes)
        if not is_abstract(other, nodes) and all(methods.get(word) == own.get(word) for word in starts):
            return other
    return kind


def size_of(value: Any) -> int:
    """Return how many numbers an object holds."""
    return sum(np.size(leaf.value) for leaf in leaves({"it": value}))
