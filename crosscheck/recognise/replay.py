"""One call of someone's function, made again and again from the state it once began in, with other numbers."""

import ast
import dis
import random
import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.copying import copied
from crosscheck.recognise.entangled import derived_data
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import Path, follow, is_attribute
from crosscheck.recognise.rebinding import moved_and_returned
from crosscheck.recognise.seeing import Seen, seen
from crosscheck.recognise.world import World
from crosscheck.references.standins import stand_ins

LIBRARIES = (sys.stdlib_module_names | {"numpy", "scipy", "crosscheck"}) - {"__main__"}


StandIns = Sequence[tuple[dict[str, Any], dict[str, Any]]]
"""For each module of a world, its globals and what takes the place of some of them"""
NOTHING = nullcontext()
"""In place of what would change nothing: calls are made thousands of times"""


def seeded() -> None:
    """Make every call draw the same numbers: a dropout mask is part of the function that is differentiated."""
    np.random.seed(7)  # noqa: NPY002 - the generator that the module uses
    random.seed(7)


class Result(NamedTuple):
    """What one call left behind."""

    returned: Any
    variables: Mapping[str, Any]
    """Local variables of the function when it returned"""
    arguments: Mapping[str, Any]
    """The arguments, `self` among them, after the call"""
    names: Mapping[str, Any]
    """The globals that the function uses, after the call"""
    first: str = ""
    """Of a pair, the name of the forward's first argument"""
    starts: Mapping[int, Any] = MappingProxyType({})
    """What was handed over in the place of objects, by their ids, as it was before the call"""

    def left_at(self, path: Path) -> Any:
        """Return what the call left in its arguments or, if none of them has that name, in globals.

        Raises LookupError or AttributeError where the path leads nowhere.
        """
        return follow(self.arguments if path[0] in self.arguments else self.names, path)


class Replay:
    """A function of a world and the state of one of its calls."""

    squashed: Mapping[int, Callable[[Any], Any]] = MappingProxyType({})
    """Predictions that something makes of what they are replaced by, and what makes them (squashed.py)"""

    asked: Collection[str] = ()
    """Arguments of a second call of which a loss is made as well: their names, with HANDED (places.py)"""

    def __init__(self, world: World, entry: Entry, *, clips: bool = False) -> None:
        self.world, self.entry = world, entry
        self.name = entry.function
        self.function = resolve(world.names, entry.function)
        self.clips = clips
        self.zeroed: tuple[np.ndarray, ...] = ()
        """Arrays that gradients are added to: empty at the start of every call"""
        self.silent: Sequence[Path] = ()
        """Where numbers lie in objects that are zero whenever the call is made (decays.py)"""
        self.counts: Mapping[Path, float] = {}
        """What steps are counted with: set to these numbers whenever the call is made (later_steps.py)"""
        used = used_names(world.names, [self.function, *_classes(entry.arguments.values())])
        used |= {name for function, _, name in world.defaults if function.__name__ in {*used, self.function.__name__}}
        self.names = {name: entry.names[name] for name in sorted(used) if name in entry.names}

    @cached_property
    def kept(self) -> frozenset[int]:
        """Identities of data that no other numbers may take the place of, in a world that keeps what is derived."""
        return derived_data(self) if self.world.plan.keep_derived else frozenset()

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Names of arguments that the function moves and returns under the same names."""
        node = functions_of(self.world.document.tree).get(self.entry.function)
        return frozenset() if node is None else moved_and_returned(node)

    def rebuilt(self, tree: ast.Module) -> "Replay":  # noqa: ARG002 - functions get their new code by themselves
        """Return the same call in an edited module."""
        return self

    def loop_variables(self) -> frozenset[str]:
        """Return the variables that a loop of which this is a turn goes through its values with."""
        return frozenset()

    def handed_on(self) -> frozenset[str]:
        """Return the arguments of a second call that the first one returns: none where there is no second one."""
        return frozenset()

    def roots(self) -> dict[str, Any]:
        """Return all that a call starts from, by name: arguments before globals of the same name."""
        return {**self.names, **self.entry.arguments}

    def run(self, replaced: Mapping[int, Any], replaced_modules: StandIns = ()) -> Result:
        """Call the function with other objects in place of those with the given ids.

        Raises whatever the function raises.
        """
        starts = arrays_of(replaced)
        memo = self.starting(replaced)
        arguments = {name: copied(value, memo) for name, value in self.entry.arguments.items()}
        names = {name: copied(value, memo) for name, value in self.names.items()}
        placed({**names, **arguments}, self.silent, 0.0)
        for path, count in self.counts.items():
            placed(arguments if path[0] in arguments else names, [path], count)
        return self.seen(self.call(arguments, names, replaced_modules))._replace(starts=starts)

    def seen(self, result: Result) -> Result:
        """Return what a call left behind as it is read: with arrays in place of lists of numbers, if those count."""
        if self.world.hooks.moved is None:
            return result
        made: dict[int, Any] = {}
        held = (Seen(part, made) for part in (result.variables, result.arguments, result.names))
        return Result(seen(result.returned, made), *held, first=result.first)

    def run_twice(self, replaced: Mapping[int, Any], read: Callable[[Result], Any]) -> tuple[Any, Any]:
        """Call the function twice in one and the same state; return what `read` finds after each."""
        memo = self.starting(replaced)
        arguments = {name: copied(value, memo) for name, value in self.entry.arguments.items()}
        names = {name: copied(value, memo) for name, value in self.names.items()}
        first = self.call(arguments, names)
        before = read(self.seen(first))
        return before, read(self.seen(self.call(arguments, dict(first.names))))

    def starting(self, replaced: Mapping[int, Any]) -> dict[int, Any]:
        """Return what a call starts from in place of objects: their ids, and what they are replaced by."""
        zeros = {id(array): np.zeros_like(array) for array in self.zeroed if id(array) not in replaced}
        return {**zeros, **replaced, **self.squashing(replaced)}

    def squashing(self, replaced: Mapping[int, Any]) -> dict[int, Any]:
        """Return what stands for predictions that are replaced by what makes them: what that makes of it."""
        return {identity: of(replaced[identity]) for identity, of in self.squashed.items() if identity in replaced}

    def cleared(self) -> dict[int, Any]:
        """Return zeros for what gradients are added to."""
        return {id(array): np.zeros_like(array) for array in self.zeroed}

    def call(self, arguments: dict[str, Any], names: dict[str, Any], replaced_modules: StandIns = ()) -> Result:
        """Call the function on these very objects."""
        hooks, module = self.world.hooks, self.world.names
        hooks.clips = self.clips
        hooks.begin(self.entry.function)
        seeded()
        before = {name: module[name] for name in names if name in module}
        module.update(names)
        try:
            others = standing_in(replaced_modules) if replaced_modules else NOTHING
            defaults = with_defaults(self.world, names) if self.world.defaults else NOTHING
            with others, self.world.with_data(), defaults:
                returned = _call(self.function, arguments)
                after = {name: module.get(name) for name in self.names}
        finally:
            module.update(before)
        variables = hooks.left[-1][1] if hooks.left else {}
        moved = {name: variables[name] for name in self.rebound if name in variables}
        return Result(returned, {**hooks.scalars, **variables}, {**arguments, **moved}, after)


def arrays_of(replaced: Mapping[int, Any]) -> dict[int, Any]:
    """Return copies of the arrays that a call is handed in place of some objects: it may change them where they are."""
    return {identity: value.copy() for identity, value in replaced.items() if isinstance(value, np.ndarray)}


def placed(roots: Any, paths: Iterable[Path], number: float) -> None:
    """Set the numbers at some paths, in place."""
    for path in paths:
        *above, last = path
        holder = follow(roots, tuple(above)) if above else roots
        if is_attribute(holder, last):
            setattr(holder, str(last)[1:], number)
        else:
            holder[last] = number


def _call(function: Any, arguments: Mapping[str, Any]) -> Any:
    code = function.__code__
    count = code.co_argcount
    positional = [arguments[name] for name in code.co_varnames[:count]]
    keywords = {name: arguments[name] for name in code.co_varnames[count : count + code.co_kwonlyargcount]}
    rest = count + code.co_kwonlyargcount
    if code.co_flags & 0x04:  # *args
        positional += arguments.get(code.co_varnames[rest], ())
        rest += 1
    if code.co_flags & 0x08:  # **kwargs
        keywords |= arguments.get(code.co_varnames[rest], {})
    return function(*positional, **keywords)


def stand_ins_of(world: World, arithmetic: Any) -> StandIns:
    """Return what lets the modules of a world compute in another arithmetic."""
    return [(namespace, stand_ins(namespace, arithmetic)) for namespace in world.namespaces()]


@contextmanager
def standing_in(replaced: StandIns) -> Iterator[None]:
    """Let the modules of a world see stand-ins for NumPy and math for a while."""
    before = [({name: namespace[name] for name in made if name in namespace}) for namespace, made in replaced]
    for namespace, made in replaced:
        namespace.update(made)
    try:
        yield
    finally:
        for (namespace, made), old in zip(replaced, before, strict=True):
            for name in made.keys() - old.keys():
                namespace.pop(name, None)
            namespace.update(old)


@contextmanager
def with_defaults(world: World, names: Mapping[str, Any]) -> Iterator[None]:
    """Let defaults that are objects of the module be those that go by the same names for a while."""
    before: dict[types.FunctionType, tuple[Any, ...]] = {}
    for function, place, name in world.defaults:
        if name in names:
            given = list(function.__defaults__ or ())
            before.setdefault(function, tuple(given))
            given[place] = names[name]
            function.__defaults__ = tuple(given)
    try:
        yield
    finally:
        for function, defaults in before.items():
            function.__defaults__ = defaults


def resolve(names: Mapping[str, Any], path: str) -> Any:
    """Return the function of a dotted name. Raises LookupError."""
    first, *rest = path.split(".")
    value = names[first]
    if rest and type(value).__name__ == first:  # `Net = Net()`: an object goes by the name of its class
        value = type(value)
    for name in rest:
        value = vars(value)[name]
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    while hasattr(value, "__wrapped__"):
        value = getattr(value, "__wrapped__")  # noqa: B009 - not every function has it
    if not isinstance(value, types.FunctionType):
        raise LookupError(path)
    return value


def used_names(names: Mapping[str, Any], starts: Iterable[Any]) -> set[str]:
    """Return the global names that some functions and classes use, themselves or through others of the module."""
    found: set[str] = set()
    waiting: list[Any] = list(starts)
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        for code in _codes(value):
            for name in _globals_of(code):
                if name in names and name not in found:
                    found.add(name)
                    other = names[name]
                    waiting.append(other if isinstance(other, type | types.FunctionType) else type(other))
    return found


@cache
def _globals_of(code: types.CodeType) -> frozenset[str]:
    """Return the names that code reads or writes and does not ask an object for: `model.W` says nothing of a W."""
    steps = dis.get_instructions(code)
    return frozenset(step.argval for step in steps if step.opname.endswith(("_GLOBAL", "_NAME")))


def _codes(value: Any) -> Iterator[types.CodeType]:
    if isinstance(value, types.FunctionType):
        waiting = [value.__code__]
    elif isinstance(value, type) and value.__module__.partition(".")[0] not in LIBRARIES:
        members = [member for parent in value.__mro__ for member in vars(parent).values()]
        functions = [getattr(member, "__func__", getattr(member, "fget", member)) for member in members]
        waiting = [function.__code__ for function in functions if isinstance(function, types.FunctionType)]
    else:
        return
    while waiting:
        code = waiting.pop()
        yield code
        waiting.extend(constant for constant in code.co_consts if isinstance(constant, types.CodeType))


def _classes(values: Iterable[Any], seen: set[int] | None = None) -> list[type]:
    """Return the classes of some objects and of all that these hold; each may hold the one that holds it."""
    seen = set() if seen is None else seen
    found: list[type] = []
    for value in values:
        if id(value) in seen:
            continue
        seen.add(id(value))
        if hasattr(value, "__dict__") and not isinstance(value, np.ndarray | type | types.FunctionType):
            found.append(type(value))
            found.extend(_classes(vars(value).values(), seen))
        elif isinstance(value, list | tuple):
            found.extend(_classes(value[:50], seen))
        elif isinstance(value, dict):
            found.extend(_classes(list(value.values())[:50], seen))
    return found
