"""Objects that hold a list of others, and go through it: networks of layers, however they are given these."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crosscheck.recognise.defaults import required
from crosscheck.recognise.objects import PLAINEST, fitting, methods_of, read_of
from crosscheck.source.walking import walk

DENSE = ("dense", "linear", "affine", "fc", "fully")


class Held(NamedTuple):
    """A list of objects, and how it is filled."""

    method: str
    """The qualified name of the constructor that is handed it, or of the method that is handed one after the other"""
    argument: str
    kinds: tuple[type, ...]
    one_by_one: bool = False
    spread: bool = False
    """Whether the constructor takes any number of arguments: `*layers`"""


def held(owner: type, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]) -> list[Held]:
    """Return the lists of objects that objects of a class are given."""
    methods = methods_of(owner, nodes)
    found: list[Held] = []
    for attribute, read in _gone_through(methods, nodes).items():
        kinds = [kind for kind in fitting(read, names, nodes) if not issubclass(owner, kind) and kind is not owner]
        chosen = _chain(kinds, nodes)
        if chosen:
            found += [place._replace(kinds=chosen) for place in list(_fillings(attribute, methods, nodes))[:1]]
    return found


def _chain(kinds: list[type], nodes: Mapping[str, ast.FunctionDef]) -> tuple[type, ...]:
    """Return which of some classes are to follow each other: with weights, without, and with weights again."""
    wants = {kind: _wants(kind, nodes) for kind in kinds}
    weighted = [kind for kind in kinds if wants[kind]]
    others = [kind for kind in kinds if not wants[kind]]
    weighted.sort(key=lambda kind: not any(word in kind.__name__.lower() for word in DENSE))
    others.sort(key=lambda kind: not PLAINEST.search(kind.__name__))
    return tuple(weighted[:1] + others[:1] + (weighted[:1] or others[:1]))


def _wants(kind: type, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    constructor = methods_of(kind, nodes).get("__init__")
    return constructor is not None and bool(required(nodes[constructor]))


def _gone_through(methods: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]) -> dict[str, set[str]]:
    """Return, for each attribute that loops go through, what is read of its elements."""
    found: dict[str, set[str]] = {}
    for name in methods.values():
        for loop in (n for n in walk(nodes[name]) if isinstance(n, ast.For)):
            source, target = _source(loop.iter), loop.target
            if isinstance(target, ast.Tuple):  # enumerate
                target = target.elts[-1]
            if source.startswith("self.") and isinstance(target, ast.Name):
                body = ast.Module(loop.body, [])
                found.setdefault(source, set()).update(read_of(body, target.id, nodes))
    return found


def _source(node: ast.expr) -> str:
    """Return what a loop goes through, backwards perhaps: `self.layers` of `reversed(self.layers)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        return _source(node.args[0]) if node.func.id in ("reversed", "enumerate", "list", "tuple") else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return _source(node.value)
    return ast.unparse(node)


def _fillings(attribute: str, methods: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]) -> Iterator[Held]:
    """Yield how a list comes to be what an object holds: handed to the constructor, or one by one."""
    constructor = methods.get("__init__")
    if constructor is not None:
        node = nodes[constructor]
        for statement in (n for n in walk(node) if isinstance(n, ast.Assign)):
            if attribute in map(ast.unparse, statement.targets):
                source = _source(statement.value)
                if source in required(node):
                    yield Held(constructor, source, ())
                elif node.args.vararg is not None and source == node.args.vararg.arg:
                    yield Held(constructor, source, (), spread=True)
    for name in methods.values():
        for call in (n for n in walk(nodes[name]) if isinstance(n, ast.Call)):
            handed = [ast.unparse(argument) for argument in call.args]
            if ast.unparse(call.func) == f"{attribute}.append" and list(required(nodes[name])) == handed:
                yield Held(name, handed[0], (), one_by_one=True)
