"""Optimisers that a file defines and does not use: each is called once, on a layer of the file, so that it is judged.

Files that explain optimisers define several and train with the last one. A slip in the others would be passed over.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.copying import copied
from crosscheck.recognise.defaults import required
from crosscheck.recognise.hooks import EnoughError
from crosscheck.recognise.training_loops import RATE, UPDATING
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk

MOMENTUM = ("momentum", "mu", "beta", "gamma")
"""Arguments of constructors that are often zero, which would leave a memory out"""
REMEMBERED, RATED = 0.9, 0.1
WIDER = 4
"""How often arrays are repeated: an optimiser treats all entries alike"""
SECONDS = 1.0


def call_unused(world: World, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Call the updates of optimisers that nothing calls, recorded as if the module had made the calls.

    So are those of layers that are handed a rate: they move what a call of the layer has left in it. And those that are
    handed a batch, and hand each example of it to a method that was called; and those that are handed parameters and
    their gradients, in dictionaries or lists that are made up.
    """
    for name, node in nodes.items():
        if UPDATING.search(name.rpartition(".")[2]) and name not in world.hooks.entries:
            _call_with_batch(world, name, node)
            _call_with_gradients(world, name, node)
    objects = list(_objects(world))
    for name, node in nodes.items():
        owner, _, word = name.rpartition(".")
        if not owner or not UPDATING.search(word) or name in world.hooks.entries or len(required(node)) != 1:
            continue
        (argument,) = required(node)
        if RATE.search(argument):
            left = next((one for one in _left(world) if type(one).__name__ == owner), None)
            if left is not None:
                _record(world, getattr(_wider(copied(left, {})), word), RATED)
            continue
        wanted = read_of(node, argument)
        layer = next((one for one in objects if wanted and wanted <= vars(one).keys()), None)
        maker = world.names.get(owner)
        if layer is not None and isinstance(maker, type):
            _record(world, _stepped, maker, word, _wider(copied(layer, {})))


def _call_with_batch(world: World, name: str, node: ast.FunctionDef) -> None:
    """Call a method with a batch of one example, `for x, y in batch: self.backprop(x, y)`, where that was called."""
    owner, wanted = name.rpartition(".")[0], required(node)
    for loop in (part for part in walk(node) if isinstance(part, ast.For) and isinstance(part.target, ast.Tuple)):
        batch, taken = ast.unparse(loop.iter), [ast.unparse(part) for part in loop.target.elts]  # pyright: ignore
        for call in (part for part in walk(loop) if isinstance(part, ast.Call)):
            method = ast.unparse(call.func).removeprefix("self.")
            entries = [one for one in world.hooks.entries.get(f"{owner}.{method}", ()) if one.finished]
            if batch not in wanted or [ast.unparse(part) for part in call.args] != taken or not entries:
                continue
            own, *given = entries[0].arguments.values()
            if _is_own(own) and len(given) == len(taken):
                layer, *example = copied([own, *given], {})
                others = [RATED if argument != batch else [tuple(example)] for argument in wanted]
                _record(world, _called, layer, node.name, *others)
                return


def _call_with_gradients(world: World, name: str, node: ast.FunctionDef) -> None:
    """Call a method of a class with parameters and gradients that are made up, in the way that it takes them."""
    owner, wanted = name.rpartition(".")[0], required(node)
    maker = world.names.get(owner)
    if not isinstance(maker, type) or len(wanted) != 2 or not naming.is_gradient_argument(wanted[1]):
        return
    random = np.random.RandomState(7)
    arrays = [[random.normal(size=shape) for shape in ((5, 4), (7,))] for _ in wanted]
    for held in ([dict(zip("wb", both, strict=True)) for both in arrays], arrays):
        _record(world, partial(_stepped, turns=2), maker, node.name, *held)  # the second has memories
        if any(entry.finished for entry in world.hooks.entries.get(name, ())):
            return
        world.hooks.entries.pop(name, None)


def _stepped(maker: type, word: str, *handed: Any, turns: int = 1) -> None:
    arguments = inspect.signature(maker).parameters
    made = maker(**{name: REMEMBERED for name in MOMENTUM if name in arguments})
    for _ in range(turns):
        getattr(made, word)(*handed)


def _called(layer: Any, word: str, *arguments: Any) -> None:
    getattr(layer, word)(*arguments)


def _record(world: World, function: Callable[..., Any], *arguments: Any) -> None:
    """Make a call, recorded as if the module had made it; whatever it raises, it wanted something else."""
    hooks = world.hooks
    hooks.begin(None)
    before, hooks.deadline = hooks.deadline, hooks.deadline + SECONDS
    hooks.start(world.names)
    try:
        with np.errstate(all="ignore"):
            function(*arguments)
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


def _left(world: World) -> Iterator[Any]:
    """Yield the same objects as the last of their calls left them."""
    for known in world.hooks.entries.values():
        yield from (value for entry in known if entry.finished for value in entry.kept if _is_own(value))


def _is_own(value: Any) -> bool:
    return hasattr(value, "__dict__") and type(value).__module__ == "__main__"


def read_of(node: ast.FunctionDef, argument: str) -> set[str]:
    """Return the attributes of an argument that a function reads and does not first write itself."""
    parts = [n for n in walk(node) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == argument]
    first: dict[str, ast.Attribute] = {}
    for part in sorted(parts, key=lambda part: (part.lineno, isinstance(part.ctx, ast.Store), part.col_offset)):
        first.setdefault(part.attr, part)
    return {name for name, part in first.items() if isinstance(part.ctx, ast.Load)}
