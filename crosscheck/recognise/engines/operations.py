"""The operations of an engine, and with which arguments each of them can be called."""

import ast
import functools
import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.engines.engine import NOT_BACKWARD, Engine, parts

NO_OPERATION = re.compile(
    r"^_|zero|backward|backprop|detach|no_grad|item$|numpy|copy$|clone|tolist|^to$|^to_|cuda|cpu|astype|float$|half$|"
    r"grad|topo|visit|draw|trace|plot|print|show|dot_?graph|rand|ones|zeros|^eye|arange|uniform|train|fit|main|"
    r"predict|accuracy|init|set_|get_|apply$|parameters|step|checkpoint|numerical|test|demo|from_|__"
)
DUNDERS = re.compile(r"^__(r?(add|sub|mul|truediv|div|pow|matmul)|neg|pos|abs|getitem|i(add|sub|mul|truediv))__$")
DATA = re.compile(r"^(targets?|labels?|y|y_?true|idx|ind(ex|ices)|mask|ids?|truth|one_?hot)$|target|label")
"""Arguments that are data, by their names"""
AXES = re.compile(r"^(axis|axes|dim|dims)$")


class Arguments(NamedTuple):
    """How an operation is called: further nodes after the first, plain numbers, and things that stay what they are."""

    shapes: tuple[tuple[int, ...], ...]
    """Of the nodes, the first among them"""
    numbers: tuple[str, ...] = ()
    fixed: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()
    held: Any = None
    """A node of whole numbers after the first: targets, or rows"""
    listed: bool = False
    """Whether the nodes come in one list"""
    unusual: str = ""
    """What is not what every engine is made for: broadcasting"""


@dataclass
class Operation:
    """Something that makes a node of nodes."""

    name: str
    """As the author calls it: `Value.__add__`, `relu`"""
    function: Callable[..., Any]
    argument_names: tuple[str, ...]
    """Of the nodes"""
    described: Any = None
    """What has its signature; nothing where it has a node and nothing else"""
    ways: list[Arguments] = field(default_factory=list)
    problem: str = ""
    """Why it could not be called"""
    is_one: bool = True
    """Whether it computes something, or merely hands on what it is given"""
    line: int = 1

    @property
    def word(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]

    def call(self, way: Arguments, nodes: Sequence[Any], numbers: Sequence[Any]) -> Any:
        """Call it. Raises whatever it raises."""
        given = [list(nodes)] if way.listed else list(nodes)
        held = [] if way.held is None else [type(nodes[0])(way.held)]
        return self.function(*given, *held, *numbers, *way.fixed, **dict(way.keywords))


def operations_of(engine: Engine, tree: ast.Module) -> list[Operation]:
    """Return what may be operations, called in no way as yet."""
    found = list(_methods(engine))
    lines = _lines(tree)
    known = {getattr(operation.described, "__code__", None) for operation in found} - {None}
    found += [one for one in _functions(engine) if getattr(one.described, "__code__", None) not in known]
    for operation in found:
        operation.line = lines.get(operation.name, 1)
    return found


def _lines(tree: ast.Module) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node.lineno
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{n.name}": n.lineno for n in node.body if isinstance(n, ast.FunctionDef)}
    return found


def _methods(engine: Engine) -> Iterator[Operation]:
    seen: set[str] = set()
    members: set[int] = set()
    for cls in engine.cls.__mro__:
        if cls is object:
            continue
        for name, member in list(vars(cls).items()):
            is_operator = bool(DUNDERS.search(name))
            if name in seen or name == engine.backward_name or not (is_operator or not NO_OPERATION.search(name)):
                continue
            seen.add(name)
            if id(member) in members:  # __radd__ = __add__
                continue
            members.add(id(member))
            shown = f"{cls.__name__}.{name}"
            if isinstance(member, property):
                yield Operation(shown, lambda node, name=name: getattr(node, name), ("self",))
            elif isinstance(member, functools.partialmethod):
                yield Operation(shown, _of_class(engine.cls, name), ("self", "other"), getattr(engine.cls, name))
            elif isinstance(member, staticmethod | classmethod):
                bound = getattr(engine.cls, name)
                if list(_positional(bound)):
                    yield Operation(shown, bound, tuple(_positional(bound)), bound)
            elif callable(member) and not isinstance(member, type):
                bound = _of_class(engine.cls, name)
                yield Operation(shown, bound, ("self", *list(_positional(member))[1:]), member)


def _of_class(cls: type, name: str) -> Callable[..., Any]:
    return lambda node, *rest, **named: getattr(node, name)(*rest, **named) if isinstance(node, cls) else None


def _functions(engine: Engine) -> Iterator[Operation]:
    for name, value in list(engine.world.names.items()):
        if NO_OPERATION.search(name) or naming.BACKWARD.search(name) or NOT_BACKWARD.search(name):
            continue
        if isinstance(value, types.FunctionType) and value.__code__.co_filename == "<subject>":
            if list(_positional(value)) and engine.backward_name not in value.__code__.co_names:
                yield Operation(name, value, tuple(_positional(value)), value)
        elif isinstance(value, type) and value.__module__ == "__main__" and not issubclass(value, BaseException):
            if value is engine.cls:
                continue
            if issubclass(value, engine.cls):
                yield Operation(name, value, tuple(_positional(value)), value)
            elif hasattr(value, "forward") and hasattr(value, "backward"):
                names = tuple(n for n in _positional(value.forward) if n not in ("self", "ctx", "context"))
                yield Operation(name, _function_class(value), names or ("self",), value.forward)


def _function_class(cls: type) -> Callable[..., Any]:
    """Return what calls a class with forward and backward in whatever way makes a node."""

    def called(*arguments: Any, **named: Any) -> Any:
        if hasattr(cls, "apply"):
            return getattr(cls, "apply")(*arguments, **named)  # noqa: B009 - not every class has it
        return cls()(*arguments, **named)

    return called


def _positional(function: Any) -> Iterator[str]:
    try:
        known = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return
    for parameter in known:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL):
            yield parameter.name


BROADCAST = "broadcasting"
BATCHES = "vectors and stacks of matrices"
PAIRS: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...] = (
    ((3, 4), (3, 4), ""),
    ((3, 4), (4, 2), ""),
    ((3, 4), (4,), BROADCAST),
    ((3, 4), (3, 1), BROADCAST),
    ((3, 4), (1, 4), BROADCAST),
    ((4,), (3, 4), BROADCAST),
    ((1, 4), (3, 1), BROADCAST),
    ((3, 4), (), BROADCAST),
    ((2, 3, 4), (3, 4), BROADCAST),
    ((3, 4), (4, 2), ""),
    ((2, 3, 4), (4, 2), BATCHES),
    ((2, 3, 4), (2, 4, 5), BATCHES),
)
LABELS = np.array([2, 0, 3])
PLACES: tuple[tuple[Any, ...], ...] = (
    (1,),
    (slice(0, 2),),
    ((slice(None), 2),),
    (np.array([0, 2, 2]),),
    ((np.array([0, 1, 1]), np.array([1, 3, 3])),),
)
TARGETS: tuple[tuple[Any, ...], ...] = ((LABELS,), (np.eye(4)[LABELS],), (LABELS.tolist(),))
FIXED: tuple[tuple[Any, ...], ...] = (((4, 3),), ((1, 0),), (0,), *TARGETS)
PAIRED: tuple[tuple[Any, ...], ...] = ((4, 3), (1, 0), (0, 1), (-0.5, 0.5))
ALONG = ((0, 2), (1, 2))


def possible_ways(engine: Engine, operation: Operation) -> Iterator[list[Arguments]]:
    """Yield groups of ways to call an operation; from the groups before the last, the first that works is enough."""
    needed, gathers = _counts(operation)
    one = (3, 4) if engine.is_array else ()
    listed = operation.word in ("stack", "concat", "concatenate", "cat", "vstack", "hstack")
    if not engine.is_array:
        if needed <= 1 and not operation.word.startswith("__r"):
            yield [Arguments((one,))]
        if needed == 2 or gathers:
            if not operation.word.startswith("__r"):
                yield [Arguments((one, one))]
            yield [Arguments((one,), ("number",)), Arguments((one,), ("whole",))]
        if needed == 3:
            yield [Arguments((one,) * 3)]
            yield [Arguments((one,), fixed=(-0.5, 0.5)), Arguments((one,), fixed=(-1.0, 1.0))]
        if needed == 1:
            yield [Arguments((one, one), listed=True), Arguments((one, one, one), listed=True)]
        return
    if operation.word == "__getitem__":
        yield [Arguments((one,), fixed=place) for place in PLACES]
        return
    axes = [name for name in operation.argument_names if AXES.search(name)]
    keeps = [name for name in _keywords(operation) if "keep" in name]
    if needed <= 1:
        ways = [Arguments((one,))]
        for name in axes:
            ways += [Arguments((one,), keywords=((name, axis),)) for axis in (0, 1)]
            ways += [Arguments(((3, 3),), keywords=((name, 1),))]  # where a missing axis does not show by itself
            ways += [Arguments((one,), keywords=((name, axis), (keep, True))) for axis in (0, 1) for keep in keeps]
        yield ways
    if needed <= 2 and (needed == 2 or gathers) and not axes:
        data = any(DATA.search(name) for name in operation.argument_names[1:2])
        if not operation.word.startswith("__r") and not data:
            yield [Arguments((one, two), unusual=unusual) for one, two, unusual in dict.fromkeys(PAIRS)]
        if not data:
            yield [Arguments((one,), ("number",)), Arguments((one,), ("whole",))]
        held = [Arguments((one,), held=labels) for labels in (LABELS, np.eye(4)[LABELS])]
        yield [*(Arguments((one,), fixed=fixed) for fixed in (TARGETS if data else FIXED)), *held]
    if needed == 2 and axes:
        yield [Arguments(shape, fixed=(axis,)) for shape, axis in (((one,), 0), ((one,), 1), (((3, 3),), 1))]
    if needed == 3 or gathers:
        yield [Arguments((one,), fixed=fixed) for fixed in (ALONG if axes else PAIRED)]
    if needed == 3:
        yield [Arguments(((3, 4), (4, 2), (2,))), Arguments(((3, 4), (4, 2), (1, 2)))]
        yield [Arguments((one,) * 3)]
    if needed == 1 or listed:
        yield [Arguments((one, one), listed=True)]


def _counts(operation: Operation) -> tuple[int, bool]:
    """Return how many arguments are needed, the first included, and whether any number may be given."""
    try:
        known = list(inspect.signature(operation.described).parameters.values())
    except (TypeError, ValueError):
        return 1, False
    known = [p for p in known if p.name not in ("ctx", "context", "cls")]
    if isinstance(operation.described, types.FunctionType) and operation.described.__name__ == "forward":
        known = [p for p in known if p.name != "self"]
    plain = [p for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in plain)
    gathers = any(p.kind is p.VAR_POSITIONAL for p in known)
    return needed, gathers


def _keywords(operation: Operation) -> list[str]:
    try:
        return list(inspect.signature(operation.described).parameters)
    except (TypeError, ValueError):
        return []


def remembers(engine: Engine, out: Any, nodes: Sequence[Any]) -> bool:
    """Tell whether a result refers to what it was made of, itself or through its closures."""
    wanted = {id(node) for node in nodes}
    waiting, seen = [*(holder for holder, _ in engine.state), out], set()  # what the result refers to comes first
    while waiting and len(seen) < 500:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if id(value) in wanted:
            return True
        if isinstance(value, list | tuple | set | frozenset):
            waiting.extend(value)
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, types.FunctionType):
            waiting.extend(cell.cell_contents for cell in value.__closure__ or () if not _is_empty(cell))
            waiting.extend(value.__defaults__ or ())
        elif isinstance(value, types.MethodType):
            waiting += [value.__self__, value.__func__]
        elif isinstance(value, engine.cls) or type(value).__module__ == "__main__":
            waiting.extend(parts(value).values())
    return False


def _is_empty(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return True
    return False
