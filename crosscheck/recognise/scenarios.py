"""Calls that nobody makes: a forward and its backward, a loss, a method of an object that is constructed first."""

import ast
import random
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.copying import copied
from crosscheck.recognise.guesses import ARRAY, ONE, VALUE, Guess, Key, Slot, equal
from crosscheck.recognise.leaves import Path, leaves
from crosscheck.recognise.mending import is_free
from crosscheck.recognise.objects import objects_of
from crosscheck.recognise.pairing import unpacked_names
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.replay import resolve, used_names
from crosscheck.recognise.sizes import SMALLEST
from crosscheck.recognise.slots import (
    COUNT,
    STATE,
    TARGET,
    Asked,
    documentation_of,
    first_guess,
    passed_on,
    styles_of,
)
from crosscheck.recognise.uses import uses_of
from crosscheck.recognise.windows import WIDE, WINDOW
from crosscheck.recognise.world import World

CACHE = re.compile(r"cache|ctx|context|memory|saved|tape|stored|intermediate|residual|^fwd|tmp", re.IGNORECASE)


MOST = 2000
"""Numbers in an object of the file: where it holds more, a smaller one is made"""


class Impossible(Exception):  # noqa: N818 - it ends a search, it is no error of anyone
    """What a backward function asks for is nothing that its forward function returns."""


class Played(NamedTuple):
    """What happened when a scenario was played."""

    values: Mapping[Key, Any]
    given: Mapping[str, Any]
    """To the forward function; to the only one where there is one"""
    forward: Any
    """What that returned"""
    returned: Any
    """What the last function returned"""
    instance: Any
    upstream: Mapping[str, Path]
    """The arguments of the backward function that are gradients of what the forward returns, and where that is"""
    is_plain: bool
    """Whether the names leave no doubt of that"""


class Scenario:
    """A function to be called, and what has to be called before."""

    def __init__(
        self,
        world: World,
        nodes: Mapping[str, ast.FunctionDef],
        target: str,
        forward: str | None = None,
        *,
        in_order: bool = False,
    ) -> None:
        self.world, self.nodes, self.target, self.forward = world, nodes, target, forward
        self.in_order = in_order
        """Whether gradients belong to outputs by their order, whatever their names are"""
        self.name = f"{forward}/{target}" if forward else target
        owner = target.rpartition(".")[0]
        self.owner = world.names[owner] if owner else None
        found = [v for v in world.names.values() if self.owner is not None and type(v) is self.owner]
        self.instances = [value for value in found if _size(value) <= MOST]
        self.constructor = self._constructor()
        self.objects = {
            name: objects_of(nodes[name], world.names, nodes) for name in (forward, target) if name and name in nodes
        }
        """For each function, the arguments that are objects of the file's classes"""
        if self.constructor is None and not self.instances:
            self.instances = found
        functions = [resolve(world.names, name) for name in (target, forward) if name]
        used = used_names(world.names, [*functions, *([self.owner] if self.owner else ())])
        self.kept = {n: world.names[n] for n in used if _is_state(world.names[n])}
        self.multiples = sorted({f for node in nodes.values() for f in uses_of(node).multiples if 1 < f < 8})

    def _constructor(self) -> str | None:
        """Return the name of the constructor that an object has to be made by; None if there is none, or an object."""
        if self.owner is None or self.instances:
            return None
        names = (f"{parent.__name__}.__init__" for parent in self.owner.__mro__)
        return next((name for name in names if name in self.nodes), None)

    def guesses(self) -> Iterator[Guess]:
        """Yield what all that is asked for may be at first, in several styles; last what the module has already."""
        asked = list(self._asked())
        taken = numbers_of(self.world)
        styles = styles_of([self.nodes[name] for name in (self.forward, self.target) if name], self.nodes.values())
        for style in styles:
            guess = first_guess(asked, self.nodes, style, taken)
            told = self._neutral()
            if told:
                yield replace(guess, slots={**guess.slots, **told})
            yield guess
        yield first_guess(asked, self.nodes, styles[0], taken, believing=False)
        found = first_guess(asked, self.nodes, styles[0], taken)
        for key in found.slots:
            value = self.world.names.get(key.argument) if not key.entry else None
            if (isinstance(value, np.ndarray) and value.size) or (isinstance(value, dict | list) and value):
                found = found.with_slot(key, Slot(VALUE, value=copied(value, {})))
        yield found

    def _asked(self) -> Iterator[Asked]:
        if self.constructor:
            node = self.nodes[self.constructor]
            yield self._ask(self.constructor, (*required(node), *sizes_of(node)))
        for name in sorted({f"{kind.__name__}.__init__" for found in self.objects.values() for kind in found.values()}):
            if name in self.nodes and name != self.constructor:
                yield self._ask(name, (*required(self.nodes[name]), *sizes_of(self.nodes[name])))
        known: set[str] = set()
        if self.forward:
            node = self.nodes[self.forward]
            yield self._ask(self.forward, tuple(n for n in required(node) if n not in self.objects[self.forward]))
            known |= set(required(node)) | {n for names in returned_names(node).values() for n in names}
            known |= self._results() | self._in_order().keys()
        node = self.nodes[self.target]
        wanted = tuple(
            name
            for name in required(node)
            if name not in known
            and name not in self.objects[self.target]
            and not (
                self.forward and (naming.is_gradient_argument(name) or (CACHE.search(name) and not TARGET.match(name)))
            )
        )
        yield self._ask(self.target, wanted)

    def _neutral(self) -> dict[Key, Slot]:
        """Return other numbers for factors of one and shares of zero that are defaults: they hide what they scale."""
        found: dict[Key, Slot] = {}
        for name in (self.constructor, self.forward):
            node = self.nodes[name].args if name else None
            positional = [*node.posonlyargs, *node.args] if node else []
            for argument, default in zip(reversed(positional), reversed(node.defaults if node else []), strict=False):
                value = default.value if isinstance(default, ast.Constant) else None
                is_above = name != self.constructor and naming.is_gradient_argument(argument.arg)
                if isinstance(value, float) and value in (0.0, 1.0) and not is_above:
                    found[Key(str(name), argument.arg)] = Slot(VALUE, value=0.7 if value else 0.3)
        return found

    def _ask(self, name: str, wanted: tuple[str, ...]) -> Asked:
        return Asked(name, self.nodes[name], wanted, documentation_of(name, self.world.document.tree))

    def _results(self) -> set[str]:
        """Return the arguments of the backward function that are all that the forward function returns."""
        assert self.forward is not None
        spoken = returned_names(self.nodes[self.forward])
        count = sum(len(path) == 1 for path in spoken)
        taken_apart = passed_on(self.nodes[self.target], self.nodes).unpacked
        single = frozenset().union(*spoken.values())  # a cache of two parts is not an output and a cache
        names = set(required(self.nodes[self.target])) - single
        return {name for name in names if count > 1 and taken_apart.get(name) == count}

    def _in_order(self) -> dict[str, Path]:
        """Return the arguments that stand where the forward function returns them, others of them by the same name."""
        assert self.forward is not None
        spoken = returned_names(self.nodes[self.forward])
        wanted = required(self.nodes[self.target])
        named = {place for place, name in enumerate(wanted) if name in spoken.get((place,), frozenset())}
        own = set(required(self.nodes[self.forward]))
        return {
            name: (place,)
            for place, name in enumerate(wanted)
            if named and place < max(named) + 2 and (place,) in spoken and name not in own
            if not TARGET.match(name) and not naming.is_gradient_argument(name)
        }

    def _callers(self) -> dict[str, Path]:
        """Return the arguments that callers hand on from the forward function, and where it returns them."""
        assert self.forward is not None
        tree = self.world.document.tree
        places = {n: p for p, names in unpacked_names(tree, self.forward.rpartition(".")[2]).items() for n in names}
        found: dict[str, Path] = {}
        for name, words in argument_names(tree, self.nodes[self.target]).items():
            for word in sorted(words & places.keys()):
                found[name] = places[word]
        return found

    def play(self, values: Mapping[Key, Any]) -> Played:
        """Make the calls. Raises whatever they raise."""
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002 - the generator that the module uses
        self.world.names.update(copied(self.kept, {}))
        for key, value in values.items():
            if not key.owner:
                self.world.names[key.argument] = value
        with np.errstate(all="ignore"), warnings.catch_warnings(), self.world.with_data():
            warnings.simplefilter("ignore")
            instance = self._instance(values)
            first = self.forward or self.target
            made = {kind: self._made(kind, values) for found in self.objects.values() for kind in found.values()}
            held = {
                function: {name: made[kind] for name, kind in found.items() if name in required(self.nodes[function])}
                for function, found in self.objects.items()
            }
            given = {**handed(first, values), **held[first]}
            forward = self._function(first, instance)(**given)
            if self.forward is None:
                return Played(values, given, forward, forward, instance, {}, True)
            arguments, upstream, is_plain = self._wired(given, forward, values, held[self.target])
            returned = self._function(self.target, instance)(**arguments)
        return Played(values, given, forward, returned, instance, upstream, is_plain)

    def _instance(self, values: Mapping[Key, Any]) -> Any:
        """Return the object whose methods are called: one that the file made, or a new one; it cuts nothing off."""
        if self.owner is None:
            return None
        if self.instances:
            made = copied(self.instances[-1], {})
        else:
            made = self.owner(**handed(self.constructor, values)) if self.constructor else self.owner()
        for name, value in vars(made).items() if hasattr(made, "__dict__") else ():
            if WINDOW.search(name) and type(value) is int:
                setattr(made, name, max(value, WIDE))
        return made

    def _made(self, kind: type, values: Mapping[Key, Any]) -> Any:
        """Return an object that a function is handed: one that the file made, or a new one."""
        found = [value for value in self.world.names.values() if type(value) is kind and _size(value) <= MOST]
        return copied(found[-1], {}) if found else kind(**handed(f"{kind.__name__}.__init__", values))

    def _function(self, name: str, instance: Any) -> Callable[..., Any]:
        word = name.rpartition(".")[2]
        return self.world.names[name] if instance is None else getattr(instance, word)

    def _wired(
        self, given: Mapping[str, Any], forward: Any, values: Mapping[Key, Any], held: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Path], bool]:
        """Return what the backward function is handed."""
        assert self.forward is not None
        spoken = {path: names for path, names in returned_names(self.nodes[self.forward]).items() if len(path) <= 1}
        items = dict(_items(forward))
        own = {**handed(self.target, values), **held}
        arguments: dict[str, Any] = {}
        gradients: list[str] = []
        whole, callers = self._results(), {**self._in_order(), **self._callers()}
        for name in required(self.nodes[self.target]):
            if name in whole:
                arguments[name] = forward
                continue
            path = next((path for path, names in spoken.items() if name in names and path in items), None)
            path = callers[name] if callers.get(name) in items else path
            if name in own:
                arguments[name] = own[name]
            elif name in given:
                arguments[name] = given[name]
            elif path is not None:
                arguments[name] = items[path]
            elif naming.is_gradient_argument(name):
                gradients.append(name)
            else:
                arguments[name] = _cache(forward, name)
        taken = {id(value) for value in (*arguments.values(), *given.values())}
        floating = {path: value for path, value in items.items() if _is_floating(value)}
        outputs = {path: value for path, value in floating.items() if id(value) not in taken or path in ((), (0,))}
        upstream, is_plain = matched(gradients, outputs, {} if self.in_order else spoken)
        for number, (name, path) in enumerate(upstream.items()):
            drawn = np.random.default_rng(50 + number).normal(size=np.shape(outputs[path]))
            arguments[name] = drawn if np.ndim(outputs[path]) else float(drawn)
        return arguments, upstream, is_plain


def matched(
    gradients: Sequence[str], outputs: Mapping[Path, Any], spoken: Mapping[Path, frozenset[str]]
) -> tuple[dict[str, Path], bool]:
    """Say of which output each argument is the gradient, and whether the names leave no doubt.

    Raises Impossible where there are more gradients than outputs.
    """
    if len(gradients) > len(outputs):
        raise Impossible(f"{', '.join(gradients)} cannot all be gradients of what the forward function returns")
    found: dict[str, Path] = {}
    for exact in (True, False):
        for name in gradients:
            for path in outputs:
                if name in found or path in found.values():
                    continue
                words = spoken.get(path, frozenset())
                if any((naming.is_gradient_of(name, word) if exact else _is_alike(name, word)) for word in words):
                    found[name] = path
    is_plain = len(found) == len(gradients)
    for name in gradients:
        if name not in found:
            found[name] = next(path for path in outputs if path not in found.values())
    if len(outputs) == 1 or len(gradients) == 0:
        is_plain = True
    return {name: found[name] for name in gradients}, is_plain


def _is_alike(gradient: str, name: str) -> bool:
    """Tell whether `dh_next` may be that of `h`, or `dout` that of `output`, when habits are put aside."""
    bare = [_bare(core) for core in naming.cores(gradient)]
    return bool(_bare(name)) and _bare(name) in bare


def _bare(name: str) -> str:
    return re.sub(r"_|next|prev|out(?:put)?s?|cur|new|seq|all|\d|(?<=\w)t$|(?<=\w)s$", "", name.lower())


def numbers_of(world: World) -> frozenset[int]:
    """Return the numbers that may be sizes already: literals, and the sizes of the arrays that are there."""
    literals = {n.value for n in ast.walk(world.tree) if isinstance(n, ast.Constant) and type(n.value) is int}
    arrays = {size for v in world.names.values() if isinstance(v, np.ndarray) for size in v.shape}
    plain = {value for value in world.names.values() if type(value) is int}
    return frozenset(number for number in literals | arrays | plain if 2 < number < 200)


def argument_names(tree: ast.AST, node: ast.FunctionDef) -> dict[str, set[str]]:
    """Return the names of what callers hand to a function, by argument."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    found: dict[str, set[str]] = {}
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        if getattr(call.func, "attr", getattr(call.func, "id", "")) != node.name:
            continue
        for name, argument in zip(names, call.args, strict=False):
            if isinstance(argument, ast.Name):
                found.setdefault(name, set()).add(argument.id)
    return found


def _cache(forward: Any, name: str) -> Any:
    """Return what the forward function returned for the backward function."""
    if isinstance(forward, tuple) and forward:
        return forward[-1]
    if forward is None or isinstance(forward, float):
        raise Impossible(f"the forward function returns nothing that {name} may be")
    return forward


def _items(returned: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(returned, tuple):
        yield from (((place,), item) for place, item in enumerate(returned))
    elif returned is not None:
        yield (), returned


def required(node: ast.FunctionDef) -> tuple[str, ...]:
    """Return the arguments that have to be given, and targets, which are often left out for predictions."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(positional) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    return tuple(
        argument.arg
        for argument, default in pairs
        if argument.arg not in ("self", "cls")
        and (
            default is None
            or (TARGET.match(argument.arg) and isinstance(default, ast.Constant) and default.value is None)
        )
    )


def sizes_of(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments that are sizes by their names, and have defaults of the size that their author needs."""
    positional = [*node.args.posonlyargs, *node.args.args]
    for argument, default in zip(reversed(positional), reversed(node.args.defaults), strict=False):
        literals = [n.value for n in ast.walk(default) if isinstance(n, ast.Constant)]
        numbers = [n for n in literals if isinstance(n, int) and not isinstance(n, bool)]
        is_number = isinstance(default, ast.Constant | ast.BinOp) and len(numbers) == len(literals)
        if is_number and max(numbers) >= SMALLEST and COUNT.match(argument.arg):
            yield argument.arg


def handed(owner: str, values: Mapping[Key, Any]) -> dict[str, Any]:
    """Return the arguments of one function: dictionaries put together from their entries."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if key.owner != owner:
            continue
        if key.entry:
            found.setdefault(key.argument, {})[key.entry] = value
        else:
            found[key.argument] = value
    return found


def _is_floating(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _size(value: Any) -> int:
    return sum(np.size(leaf.value) for leaf in leaves({"it": value}))


def _is_state(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | dict | set) or (
        hasattr(value, "__dict__") and not callable(value) and type(value).__module__ == "__main__"
    )


class Misfit(NamedTuple):
    """A gradient that has another shape than what it is the gradient of; or what should be a number and is none."""

    key: Key | None
    shape: tuple[int, ...]


def misfits(played: Played, scenario: Scenario, *, exactly: bool = False) -> list[Misfit]:
    """Return where shapes speak against a guess; `exactly` where a gradient has axes of length one more or fewer."""
    found: list[Misfit] = list(_states(played, scenario))
    node = scenario.nodes[scenario.target]
    by_name = {
        key.name: (key, np.shape(value)) for key, value in played.values.items() if isinstance(value, np.ndarray)
    }
    for name, value in _named(node, played.returned):
        if naming.LOSS.search(name) and not naming.looks_like_gradient(name) and np.size(value) > 1:
            found.append(Misfit(None, np.shape(value)))
        for core in naming.cores(name):
            if core in by_name and not _same(by_name[core][1], np.shape(value), exactly=exactly):
                found.append(Misfit(by_name[core][0], np.shape(value)))
                break
    if scenario.forward is None and isinstance(played.returned, np.ndarray) and played.returned.size > 1:
        found += [] if naming.BACKWARD.search(node.name) else [Misfit(None, played.returned.shape)]
    held = dict(vars(played.instance)) if hasattr(played.instance, "__dict__") else {}
    for name, value in held.items():
        for core in naming.cores(name):
            both = isinstance(value, np.ndarray) and isinstance(held.get(core), np.ndarray)
            if both and not _same(held[core].shape, value.shape, exactly=exactly):
                found.append(Misfit(None, value.shape))
    return found


def _states(played: Played, scenario: Scenario) -> Iterator[Misfit]:
    """Yield states that a step returns in another shape than it was handed: prev_h and next_h."""
    items = dict(_items(played.forward))
    arrays = {key: value for key, value in played.values.items() if isinstance(value, np.ndarray)}
    for path, names in returned_names(scenario.nodes[scenario.forward or scenario.target]).items():
        value = items.get(path)
        for key, held in arrays.items():
            alike = any(_bare(name) == _bare(key.name) and name != key.name for name in names)
            is_state = alike and bool(STATE.match(key.name))
            if is_state and isinstance(value, np.ndarray) and value.ndim == held.ndim and value.shape != held.shape:
                yield Misfit(key, value.shape)


def _named(node: ast.FunctionDef, returned: Any) -> Iterator[tuple[str, Any]]:
    for path, names in returned_names(node).items():
        value = returned
        try:
            for step in path:
                value = value[step]
        except (LookupError, TypeError):
            continue
        if isinstance(value, np.ndarray):
            yield from ((name, value) for name in names)
    parts = returned if isinstance(returned, tuple) else (returned,)
    for part in parts:
        if isinstance(part, dict):
            yield from ((name, value) for name, value in part.items() if isinstance(name, str) and np.ndim(value))


def _same(one: tuple[int, ...], other: tuple[int, ...], *, exactly: bool) -> bool:
    if exactly:
        return one == other
    return [size for size in one if size > 1] == [size for size in other if size > 1]


def fitted(guess: Guess, misfit: Misfit) -> Iterator[Guess]:
    """Yield guesses that may not have a misfit: an axis of length one, a bias that lies the other way, a number."""
    targets = [key for key, slot in guess.slots.items() if slot.hot is not None and slot.kind == ARRAY and slot.sizes]
    if misfit.key is None:
        for key in targets:
            yield guess.with_slot(key, guess.slots[key]._replace(sizes=()))
            yield guess.with_rank(key, 1)
        return
    held, sizes = guess.shape(misfit.key), guess.slots[misfit.key].sizes
    if held != misfit.shape and [n for n in held if n > 1] == [n for n in misfit.shape if n > 1]:
        left = iter([size for size in sizes if guess.number(size) > 1])
        turned = tuple(next(left) if number > 1 else ONE for number in misfit.shape)
        yield guess.with_slot(misfit.key, guess.slots[misfit.key]._replace(sizes=turned))
    if len(held) == len(misfit.shape):
        for a, b in zip(held, misfit.shape, strict=True):
            if a != b:
                yield from equal(guess, a, b)
    for number in misfit.shape:
        if number not in held:
            for size in guess.of(number):
                if is_free(guess, size):
                    yield guess.with_letter(size.letter, ONE)  # pyright: ignore[reportArgumentType]
