"""A class that differentiates what is computed with its objects: how one is made, read, and gone back through."""

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.carried import PlainDouble
from crosscheck.recognise.replay import StandIns, seeded, stand_ins_of
from crosscheck.recognise.world import World

RECORDS = re.compile(r"^(requires|needs|track|with)_?(grad|gradient)s?$|^autograd$|^requires_gradients?$|^trainable$")
"""Arguments of constructors that ask for a gradient"""
NOTHING = re.compile(r"child|parent|prev|input|creator|source|depend|local|operand|args")
WORDS = re.compile(r"^_?(op|label|name|tag|symbol|creation_op|operation)")
GRADIENT = re.compile(r"grad|^_?(g|d|dv|dx|dval|deriv|derivative|adj|adjoint|bar|delta|error|diff)$", re.IGNORECASE)
NOT_BACKWARD = re.compile(
    r"zero|clear|reset|requires|no_grad|num|check|clip|is_|enable|set_|plot|draw|print|step|update"
)
NUMBERS = (int, float, complex, np.number, np.ndarray)
PROBE = (1.25, -0.75)


class _Bare(np.ndarray):
    """An array without `data`: what reads that of a gradient wants one of its own nodes."""

    @property
    def data(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Refuse."""
        raise AttributeError("data")


@dataclass
class Engine:
    """One such class, with what was found out about it."""

    world: World
    cls: type
    is_array: bool
    given: Mapping[str, Any]
    """Further arguments of its constructor"""
    data_name: str = ""
    gradient_name: str = ""
    """The attribute that holds the gradient; empty where `backward` returns the gradients by node"""
    backward_name: str = ""
    method: bool = True
    """Whether what goes back is a method of the node at the end, or a function of the file"""
    seed: str = ""
    """What it is handed: nothing, the gradient as a `number`, or as a `node`, or what is `set` in the node before"""
    finer: StandIns = ()
    """What lets it compute in float64, where it computes in fewer digits than it is given"""
    state: list[tuple[Any, Any]] = field(default_factory=list)
    """Lists, dictionaries and sets of the module, with what they held at first: a tape, perhaps"""

    @property
    def name(self) -> str:
        """The class's name."""
        return self.cls.__name__

    def fresh(self) -> None:
        """Put the module back into the state in which it was before anything was computed."""
        self.world.hooks.begin(None)
        self.world.hooks.clips = True
        seeded()
        for holder, content in self.state:
            if isinstance(holder, list):
                holder[:] = content
            elif len(holder) != len(content):
                holder.clear()
                holder.update(content)

    def make(self, value: Any) -> Any:
        """Return an object of the class that holds a number or an array."""
        if isinstance(value, np.ndarray) and value.ndim == 0 and not self.is_array and value.dtype == np.float64:
            value = float(value) if type(value) is np.ndarray else value
        return self.cls(value, **self.given)

    def holds(self, value: Any) -> bool:
        """Tell whether something is an object of the class."""
        return isinstance(value, self.cls)

    def read(self, node: Any) -> Any:
        """Return the number or the array that an object holds."""
        value = getattr(node, self.data_name)
        return self.read(value) if self.holds(value) else value

    def back(self, root: Any, upstream: Any = None) -> Any:
        """Go back from the node at the end; return what that returns."""
        handed: tuple[Any, ...] = ()
        if self.seed:
            given = upstream
            if given is None:
                given = np.ones_like(self.read(root)).view(_Bare) if self.is_array and self.seed == "number" else 1.0
                given = np.ones_like(self.read(root)) if self.is_array and self.seed in ("node", "set") else given
            if self.seed == "set":  # `y.grad = np.array(1.0)`, and then `y.backward()`
                names = [self.gradient_name] if self.gradient_name else filter(GRADIENT.search, parts(root))
                setattr(root, next(iter(names)), given)
            else:
                handed = (self.cls(given, **self.given) if self.seed == "node" else given,)
        if self.method:
            return getattr(root, self.backward_name)(*handed)
        return self.world.names[self.backward_name](root, *handed)

    def gradient(self, node: Any, returned: Any) -> Any:
        """Return the gradient of a node once it has been gone back; None where it has none."""
        named = self.gradient_name
        value = getattr(node, named, None) if named else _of_node(returned, node)
        value = self.read(value) if self.holds(value) else value
        if isinstance(value, np.ndarray) and value.dtype == object and all(isinstance(n, NUMBERS) for n in value.flat):
            return value.astype(float)  # of `np.ones_like(node)`, which makes an array of objects
        return value


def engines_in(world: World) -> Iterator[Engine]:
    """Yield the classes of a module that differentiate, those that others are derived from first."""
    classes = [value for value in world.names.values() if isinstance(value, type) and value.__module__ == "__main__"]
    classes = sorted(dict.fromkeys(classes), key=lambda one: len(one.__mro__))
    found: list[type] = []
    for cls in classes:
        if any(issubclass(cls, other) for other in found) or issubclass(cls, BaseException):
            continue
        engine = _engine(world, cls)
        if engine is not None:
            found.append(cls)
            yield engine


def _engine(world: World, cls: type) -> Engine | None:
    state = list(_state(world))
    for value, is_array in ((np.array([[0.5, -1.25, 0.75], [1.5, 0.25, -0.5]]), True), (PROBE[0], False)):
        for given in _constructors(cls):
            engine = Engine(world, cls, is_array, given, state=state)
            engine.fresh()
            node = attempted(engine.make, value)
            name = _holding(node, value) if isinstance(node, cls) else ""
            if not name:
                continue
            engine.data_name = name
            if is_array and np.asarray(engine.read(node)).dtype.itemsize < np.dtype(float).itemsize:
                engine.finer = stand_ins_of(world, PlainDouble)
            if (is_array == _is_of_arrays(engine)) and _finds_its_way_back(engine, value):
                return engine
    return None


FAILED = object()


def attempted(function: Callable[..., Any], *arguments: Any, failing: Any = None) -> Any:
    """Call someone's function; `failing` if it raises."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except (Exception, SystemExit):  # noqa: BLE001 - theirs
        return failing


def _constructors(cls: type) -> Iterator[dict[str, Any]]:
    """Yield what the constructor is handed beside the value."""
    try:
        known = list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return
    plain = [p for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    asked = {p.name: True for p in plain[1:] if RECORDS.search(p.name)}
    needed = {p.name: _usual(p.name) for p in plain[1:] if p.default is p.empty and p.name not in asked}
    yield {**asked, **needed}
    if asked:
        yield needed
    switches = {p.name: True for p in plain[1:] if p.default is False}
    if switches and not asked:
        yield {**needed, **switches}


def _usual(name: str) -> Any:
    return () if NOTHING.search(name) else "" if WORDS.search(name) else None


def parts(node: Any) -> dict[str, Any]:
    """Return the attributes of an object, those in slots as well."""
    found = dict(getattr(node, "__dict__", {}))
    for cls in type(node).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if not name.startswith("__") and hasattr(node, name):
                found[name] = getattr(node, name)
    return found


def _holding(node: Any, value: Any) -> str:
    """Return the attribute in which a new object keeps its number."""
    held = [name for name, item in parts(node).items() if isinstance(item, NUMBERS) and _same(item, value)]
    held.sort(key=lambda name: (GRADIENT.search(name) is not None, name not in ("data", "value", "val", "v", "_data")))
    return held[0] if held else ""


def _same(item: Any, value: Any) -> bool:
    return np.shape(item) == np.shape(value) and bool(np.all(np.asarray(item) == np.asarray(value)))


def _is_of_arrays(engine: Engine) -> bool:
    """Tell whether a class is made for arrays: it makes arrays of numbers, or its code speaks of shapes."""
    node = attempted(engine.cls, 1.5)
    if node is not None and isinstance(getattr(node, engine.data_name, None), np.ndarray):
        return True
    names = {name for function in _methods(engine) for code in _codes(function.__code__) for name in code.co_names}
    words = {"shape", "ones_like", "zeros_like", "ndarray", "dot", "matmul", "transpose", "reshape", "T", "ndim"}
    return bool(names & words) or any(name == "__matmul__" for name in vars(engine.cls))


def _methods(engine: Engine) -> list[types.FunctionType]:
    return [one for one in engine.world.functions() if one.__qualname__.startswith(f"{engine.name}.")]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _state(world: World) -> Iterator[tuple[Any, Any]]:
    """Yield the containers that the module's code may fill while it computes, with what they hold now."""
    owners = [
        world.names,
        *(vars(v) for v in world.names.values() if isinstance(v, type) and v.__module__ == "__main__"),
    ]
    owners += [parts(v) for v in world.names.values() if type(v).__module__ == "__main__" and hasattr(v, "__dict__")]
    seen: set[int] = set()
    for owner in owners:
        for name, value in list(owner.items()):
            if isinstance(value, list | dict | set) and id(value) not in seen and not name.startswith("__"):
                seen.add(id(value))
                yield value, value.copy()


def _finds_its_way_back(engine: Engine, value: Any) -> bool:
    """Find what goes back and where it leaves the gradients; tell whether that was found.

    Names are asked first. Where they say nothing, in whatever language, what is left in a node must be the derivative.
    Gradients that are zero, which is wrong, are believed where nothing else is found and their name says what they are.
    """
    named, others = _backwards(engine)
    for ways, trust in ((named, Trust.NAMES), ([*named, *others], Trust.VALUES), (named, Trust.ZEROS)):
        for combine in _combinations(engine):
            for name, method in ways:
                for seed in _seeds(engine, name, method=method):
                    engine.backward_name, engine.method, engine.seed = name, method, seed
                    if _leaves_a_gradient(engine, combine, value, trust):
                        return True
    return False


class Trust(Enum):
    """What it takes to believe that something in a node is its gradient."""

    NAMES = auto()
    VALUES = auto()
    ZEROS = auto()


def _combinations(engine: Engine) -> Iterator[Callable[[Any, Any], Any]]:
    """Yield ways to combine two nodes, or to compute with one; then the same with a sum at the end."""
    plain = list(_plain_combinations(engine))
    yield from plain
    if engine.is_array:
        for reduce in (lambda out: out.sum(), lambda out: engine.world.names["sum"](out)):
            yield from (lambda a, b, one=one, reduce=reduce: reduce(one(a, b)) for one in plain)


def _plain_combinations(engine: Engine) -> Iterator[Callable[[Any, Any], Any]]:
    yield lambda a, b: a * b
    yield lambda a, b: a + b
    yield lambda a, b: a - b
    for name in ("mul", "add", "multiply", "sub", "mult", "__matmul__", "tanh", "exp", "relu", "sigmoid"):
        if hasattr(engine.cls, name):
            yield lambda a, b, name=name: getattr(a, name)(b)
            yield lambda a, b, name=name: getattr(a, name)()  # noqa: ARG005
    for name, function in engine.world.names.items():
        if isinstance(function, types.FunctionType) and not naming.BACKWARD.search(name):
            count = function.__code__.co_argcount - len(function.__defaults__ or ())
            if count == 2:
                yield lambda a, b, function=function: function(a, b)
        elif isinstance(function, type) and function is not engine.cls and function.__module__ == "__main__":
            yield lambda a, b, function=function: function(a, b)
            if "__call__" in dir(function) and not issubclass(function, engine.cls):
                yield lambda a, b, function=function: function()(a, b)
                yield lambda a, b, function=function: function()(a)  # noqa: ARG005
            for way in ("apply", "forward"):
                if hasattr(function, way) and issubclass(function, engine.cls) is False:
                    yield lambda a, b, function=function, way=way: getattr(function(), way)(a, b)


def _backwards(engine: Engine) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return the names of what goes back as they say, the likeliest first, and of what else might; each with whether it
    is a method.
    """
    methods = [n for n in dir(engine.cls) if callable(getattr(engine.cls, n, None)) and not n.startswith("_")]
    functions = [n for n, v in engine.world.names.items() if isinstance(v, types.FunctionType)]
    found = [(name, True) for name in methods] + [(name, False) for name in functions]
    named = [(n, m) for n, m in found if (naming.BACKWARD.search(n) or "prop" in n) and not NOT_BACKWARD.search(n)]
    named.sort(key=lambda pair: (not pair[1], pair[0] not in ("backward", "backprop"), "back" not in pair[0]))
    return named, [pair for pair in found if pair not in named]


def _seeds(engine: Engine, name: str, *, method: bool) -> Iterator[str]:
    function = getattr(engine.cls, name) if method else engine.world.names[name]
    try:
        known = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return
    plain = [p for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in plain)
    if needed == 0:
        yield ""
        if method:
            yield "set"
    if plain and needed <= 1:
        yield "number"
        yield "node"


def _leaves_a_gradient(engine: Engine, combine: Callable[[Any, Any], Any], value: Any, trust: Trust) -> bool:
    engine.fresh()
    other = value - 2.0
    a, b = attempted(engine.make, value), attempted(engine.make, other)
    root = attempted(combine, a, b)
    if not engine.holds(root) or root is a or root is b:
        return False
    if not isinstance(getattr(root, engine.data_name, None), NUMBERS):
        return False
    before = {name: _copy(item) for name, item in parts(a).items()}
    returned = attempted(engine.back, root, failing=FAILED)
    for name, item in sorted(parts(a).items(), key=lambda pair: GRADIENT.search(pair[0]) is None):
        held = getattr(item, engine.data_name, item) if engine.holds(item) else item
        if name == engine.data_name or not isinstance(held, NUMBERS) or isinstance(held, bool):
            continue
        if trust is Trust.ZEROS and GRADIENT.search(name) and returned is not FAILED:
            engine.gradient_name = name
            return True
        if np.any(held) and not (isinstance(before.get(name), NUMBERS) and _same(before[name], held)):
            engine.gradient_name = name
            if trust is Trust.VALUES and _is_derivative(engine, combine, (value, other), held):
                return True
            if trust is not Trust.VALUES:
                return bool(GRADIENT.search(name)) or engine.backward_name in ("backward", "backprop")
    engine.gradient_name = ""
    return trust is not Trust.VALUES and _of_node(returned, a) is not None


def _is_derivative(engine: Engine, combine: Callable[[Any, Any], Any], numbers: tuple[Any, Any], held: Any) -> bool:
    """Tell whether something is the derivative of what two nodes make, summed, with respect to the first of them."""
    value, other = numbers
    if np.shape(held) != np.shape(value):
        return False

    def made(moved: Any) -> float:
        engine.fresh()
        root = combine(engine.make(moved), engine.make(other))
        return float(np.sum(engine.read(root)))

    step = 2.0**-6
    for index in np.ndindex(np.shape(value)):
        moved = np.zeros(np.shape(value))
        moved[index] = step
        slope = (made(value + moved) - made(value - moved)) / (2 * step)
        if not abs(slope - np.asarray(held)[index]) <= step:
            return False
    return True


def _copy(item: Any) -> Any:
    return item.copy() if isinstance(item, np.ndarray) else item


def _of_node(returned: Any, node: Any) -> Any:
    """Return what a mapping holds for a node, or for its number."""
    if not isinstance(returned, Mapping):
        return None
    for key in (node, id(node)):
        try:
            if key in returned:
                return returned[key]
        except TypeError:
            continue
    return None
