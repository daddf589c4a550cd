"""Arguments that are objects of the file's own classes: told by the attributes that are read of them."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.annotated import annotations
from crosscheck.recognise.handing import handed_on
from crosscheck.recognise.naming import plain
from crosscheck.source.walking import walk

DEEPEST = 3
"""Functions through which an argument is followed"""
ENTRY = "[]"
"""What follows the name of a list where one of its entries is meant"""
PLAINEST = re.compile(r"sgd|gradient_?descent|^sigmoid|^tanh|^linear", re.IGNORECASE)
"""What the simplest of several classes is called that would all do"""


def objects_of(
    node: ast.FunctionDef, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]
) -> dict[str, type]:
    """Return the class of each argument that is said to be of it, or that can be of one class of the file only.

    An array has a shape and a transpose as well: something must be read of it that no array has. Of several classes
    that would do, the argument is called like the one that it is meant for.
    """
    found: dict[str, type] = {}
    for argument in _given(node):
        kinds = fitting(set(read_of(node, argument, nodes)), names, nodes)
        called = [kind for kind in kinds if plain(kind.__name__) == plain(argument)]
        if len(called or kinds) == 1:
            (found[argument],) = called or kinds
    return found | objects_said(node, names, nodes)


def objects_said(
    node: ast.FunctionDef, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]
) -> dict[str, type]:
    """Return the class of each argument that is annotated as an object of one of the file's."""
    said = {argument: names.get(ast.unparse(annotation)) for argument, annotation in annotations(node)}
    own = {name: kind for name, kind in said.items() if isinstance(kind, type) and kind.__module__ == "__main__"}
    return {name: kind for name, kind in own.items() if not is_abstract(kind, nodes)}


def objects_held(
    owner: type, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]
) -> dict[str, dict[str, type]]:
    """Return, for each method of a class, the class of the arguments that are objects: kept in an attribute, mostly.

    An activation, an optimiser: of several classes that would all do, the plainest is taken.
    """
    methods = methods_of(owner, nodes)
    found: dict[str, dict[str, type]] = {}
    for name in methods.values():
        node = nodes[name]
        kept, said = kept_in(node), objects_said(node, names, nodes)
        for argument in _given(node):
            read = set(read_of(node, argument, nodes, DEEPEST))
            for attribute in kept.get(argument, ()):
                read |= {word for other in methods.values() for word in read_of(nodes[other], attribute, nodes)}
            kinds = [said[argument]] if argument in said else fitting(read, names, nodes)
            kinds = [kind for kind in kinds if not issubclass(owner, kind)]
            if kinds:
                found.setdefault(name, {})[argument] = min(kinds, key=lambda kind: not PLAINEST.search(kind.__name__))
    return found


def methods_of(owner: type, nodes: Mapping[str, ast.FunctionDef]) -> dict[str, str]:
    """Return the methods that objects of a class have, with their qualified names: its own before inherited ones."""
    found: dict[str, str] = {}
    for parent in owner.__mro__:
        for name in nodes:
            prefix, _, word = name.rpartition(".")
            if prefix == parent.__name__:
                found.setdefault(word, name)
    return found


def kept_in(node: ast.FunctionDef) -> dict[str, list[str]]:
    """Return the attributes that a method keeps its arguments in, or copies of them: `self.act = act`."""
    given = set(_given(node))
    found: dict[str, list[str]] = {}
    for statement in (n for n in walk(node) if isinstance(n, ast.Assign)):
        value = statement.value
        if isinstance(value, ast.Call) and re.search(
            r"copy$", getattr(value.func, "attr", getattr(value.func, "id", ""))
        ):
            value = value.args[0] if value.args else value
        if isinstance(value, ast.BoolOp):  # `activation or Tanh()`
            value = value.values[0]
        if isinstance(value, ast.Name) and value.id in given:
            targets = (ast.unparse(target) for target in statement.targets if isinstance(target, ast.Attribute))
            found.setdefault(value.id, []).extend(targets)
    return found


def _given(node: ast.FunctionDef) -> list[str]:
    arguments = (a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    return [argument for argument in arguments if argument not in ("self", "cls")]


def fitting(read: set[str], names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]) -> list[type]:
    """Return the classes of the file that have all that is read of something."""
    if not read - set(dir(np.ndarray)) - set(dir(dict)):
        return []
    classes = dict.fromkeys(v for v in names.values() if isinstance(v, type) and v.__module__ == "__main__")
    return [kind for kind in classes if read <= _members(kind, nodes) and not is_abstract(kind, nodes)]


def is_abstract(kind: type, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a class has methods that are there to be overridden only, or nothing but empty ones."""
    methods = [nodes[name] for word, name in methods_of(kind, nodes).items() if word != "__init__"]
    empty = [is_stub(node) for node in methods]
    return inspect.isabstract(kind) or (bool(empty) and all(empty)) or any(map(_is_refused, methods))


def is_stub(node: ast.FunctionDef) -> bool:
    """Tell whether a function is there to be overridden: it does nothing, or says that it is not implemented."""
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    return all(isinstance(part, ast.Pass) for part in body) or _is_refused(node)


def _is_refused(node: ast.FunctionDef) -> bool:
    """Tell whether a function does nothing but say that it is not implemented, or is marked as abstract."""
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    only = body[0] if len(body) == 1 else None
    is_refused = isinstance(only, ast.Raise) or (isinstance(only, ast.Return) and "NotImplemented" in ast.unparse(only))
    return is_refused or any("abstract" in ast.unparse(mark) for mark in node.decorator_list)


def _members(kind: type, nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    """Return the methods of a class, and what its methods keep in an object."""
    found: set[str] = set()
    for parent in kind.__mro__:
        found |= vars(parent).keys() | vars(parent).get("__annotations__", {}).keys()
        for name, method in nodes.items():
            if name.rpartition(".")[0] == parent.__name__:
                kept = (n for n in walk(method) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
                found |= {n.attr for n in kept if isinstance(n.value, ast.Name) and n.value.id == "self"}
    return found


def read_of(node: ast.AST, spelled: str, nodes: Mapping[str, ast.FunctionDef], depth: int = DEEPEST) -> Iterator[str]:
    """Yield the attributes that a function, and those that it hands something to, read of it: `act`, or `self.act`.

    What is read of the entries of a list is read of what it was made of.

    >>> listed = ast.parse("def f(act): acts = [act for _ in r]; acts[t].forward(z); return acts[t].out")
    >>> list(read_of(listed.body[0], "act", {}))
    ['out', 'forward']
    """
    also = {spelled, *_other_names(node, spelled)}
    for inner in walk(node):
        if isinstance(inner, ast.Attribute) and _spelled(inner.value) in also:
            yield inner.attr
        elif isinstance(inner, ast.Call) and depth and (callee := _called(inner, nodes)) not in (None, node):
            for own, theirs in handed_on(inner, callee):
                for entry in ("", ENTRY):
                    if own + entry in also:
                        yield from read_of(callee, theirs + entry, nodes, depth - 1)


def _spelled(node: ast.expr) -> str:
    """Return how something is written, an entry of a list as any of them."""
    return ast.unparse(node.value) + ENTRY if isinstance(node, ast.Subscript) else ast.unparse(node)


def _called(call: ast.Call, nodes: Mapping[str, ast.FunctionDef]) -> ast.FunctionDef | None:
    """Return the function of the file that a call is of, or the only method of an object's own that it can be of."""
    if isinstance(call.func, ast.Name):
        return nodes.get(call.func.id)
    if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) != "self":
        return None
    methods = [node for name, node in nodes.items() if name.rpartition(".")[2] == call.func.attr]
    return methods[0] if len(methods) == 1 else None


def _other_names(node: ast.AST, spelled: str) -> Iterator[str]:
    """Yield the variables that stand for something as well, or for a list of it: `s = settings`."""
    also = {spelled}
    for part in (n for n in walk(node) if isinstance(n, ast.Assign)):
        value, entry = part.value, ""
        match value:
            case ast.ListComp(elt=made) | ast.BinOp(left=ast.List(elts=[made]), op=ast.Mult()):
                value, entry = made, ENTRY
            case _:
                pass
        if isinstance(value, ast.Name | ast.Attribute) and ast.unparse(value) in also:
            also |= {target.id + entry for target in part.targets if isinstance(target, ast.Name)}
    yield from also - {spelled}
