"""What functions hand on to others of their module, and how these use it."""

import ast
from collections.abc import Iterator, Mapping

from crosscheck.recognise.uses import Uses, uses_of
from crosscheck.source.walking import walked

DEEPEST = 4
"""Functions through which an argument is followed"""


def passed_on(node: ast.FunctionDef, nodes: Mapping[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> Uses:
    """Return what a function and those that it hands its arguments to do with them."""
    found = uses_of(node)
    if len(seen) > DEEPEST:
        return found
    named: dict[str, list[ast.FunctionDef]] = {}
    for known, other in nodes.items():
        named.setdefault(known.rpartition(".")[2], []).append(other)
    done: set[str] = set()
    usual = dict(_functions_by_default(node))
    for call in (n for n in walked(node) if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        name = usual.get(name, name)
        others = named.get(name, [])
        if len(others) != 1 or others[0] is node or name in seen or name in done:
            continue
        done.add(name)
        inner = passed_on(others[0], nodes, seen | {node.name, name})
        for library in inner.methods.keys() & {"np", "numpy"}:
            found.methods[library] = {*found.methods.get(library, ()), *inner.methods[library]}
        for own, theirs in handed_on(call, others[0]):
            _adopt(found, own, inner, theirs)
    return found


def _functions_by_default(node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield (argument, name) for arguments that are what a name means unless told otherwise: `cost=softmax_cost`."""
    arguments, defaults = node.args.args, node.args.defaults
    for argument, default in zip(reversed(arguments), reversed(defaults), strict=False):
        if isinstance(default, ast.Name):
            yield argument.arg, default.id


def handed_on(call: ast.Call, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the variables that a call hands on, and the arguments that they become."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    for argument, name in zip(call.args, names, strict=False):
        if isinstance(argument, ast.Name):
            yield argument.id, name
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.arg:
            yield keyword.value.id, keyword.arg


def _adopt(found: Uses, own: str, inner: Uses, theirs: str) -> None:
    for facts, others in (
        (found.ranks, inner.ranks),
        (found.shapes, inner.shapes),
        (found.unpacked, inner.unpacked),
        (found.parts, inner.parts),
        (found.strings, inner.strings),
        (found.methods, inner.methods),
        (found.numbered, inner.numbered),
    ):
        if theirs in others:
            facts.setdefault(own, others[theirs])  # pyright: ignore[reportArgumentType, reportCallIssue]
    if theirs in inner.keys:
        found.keys[own] = list(dict.fromkeys([*found.keys.get(own, ()), *inner.keys[theirs]]))
    if theirs in inner.least:
        found.least[own] = max(found.least.get(own, 0), inner.least[theirs])
    for facts_of in ("indices", "single", "arrays", "sizes", "iterated", "numbers"):
        names, others = getattr(found, facts_of), getattr(inner, facts_of)
        if theirs in others:
            names.add(own)
