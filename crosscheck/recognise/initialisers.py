"""Functions of a file that make what others are handed: `initialize_parameters(n_x, n_h)` makes `parameters`.

What its author makes has the shapes that its author means, and all that is left to be found are a few sizes.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import LAYERS, STATE, TARGET, is_weight
from crosscheck.recognise.defaults import required
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.pairing import unpacked_names
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.slots import is_generator
from crosscheck.recognise.uses import MAKES_ARRAYS, uses_of
from crosscheck.recognise.wiring import argument_names
from crosscheck.source.walking import walk

MAKES = re.compile(r"init|create|make|build|setup|random|gen(?:erate)?_|(?:weights?|param\w*|state)$", re.IGNORECASE)
"""What functions are called that make weights and states"""
HOLDS = re.compile(r"^_?(?:p|params?|parameters?|weights?|theta|model|net(?:work)?|wts)$", re.IGNORECASE)
"""What a container of weights is called, whatever it is called where it is made"""
HABITS = re.compile(
    r"_?(?:init(?:ial)?(?:i[sz]e)?|create|make|build|get|setup|random|new|rnn|lstm|gru|nn|model)_?", re.I
)


class Made(NamedTuple):
    """Where an argument comes from."""

    maker: str
    path: Path
    """Into what the maker returns: nothing for all of it"""


def makers_of(nodes: Mapping[str, ast.FunctionDef]) -> list[str]:
    """Return the functions of a module that make arrays out of sizes alone."""
    return [name for name, node in nodes.items() if "." not in name and _makes(node) and _is_told_sizes(node)]


def _makes(node: ast.FunctionDef) -> bool:
    returned = returned_names(node)
    calls = {n.func.attr for n in walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    is_backward = naming.BACKWARD.search(node.name)
    return not is_backward and bool(returned or _returns(node)) and bool(calls & MAKES_ARRAYS)


def _returns(node: ast.FunctionDef) -> bool:
    return any(isinstance(inner, ast.Return) and inner.value is not None for inner in walk(node))


def _is_told_sizes(node: ast.FunctionDef) -> bool:
    """Tell whether a function is handed nothing but numbers: sizes, a scale, a seed, lists of sizes of layers."""
    uses = uses_of(node)
    arrays = uses.arrays | uses.ranks.keys() | uses.keys.keys() | uses.indices | uses.called
    unknown = [name for name in required(node) if name in arrays and not LAYERS.match(name)]
    attributes = [n.value for n in walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    reads = {name.id for name in attributes} & {name for name in required(node) if not is_generator(uses, name)}
    return not unknown and not reads and not any(map(TARGET.match, required(node)))


def made_of(
    node: ast.FunctionDef, wanted: Collection[str], tree: ast.Module, nodes: Mapping[str, ast.FunctionDef]
) -> dict[str, Made]:
    """Return which arguments of a function the module has a maker for."""
    handed = argument_names(tree, node)
    found: dict[str, Made] = {}
    for maker in makers_of(nodes):
        if nodes[maker] is node:
            continue
        parts, called = dict(_parts(maker, tree, nodes)), unpacked_names(tree, maker)
        for name in wanted:
            words = {name, *handed.get(name, ())}
            path = next((path for path, names in parts.items() if words & names), None)
            is_named = bool(MAKES.search(maker))
            is_named = is_named or bool(
                {word for known, words in called.items() if known == path for word in words} & handed.get(name, set())
            )
            if not is_named:
                continue
            if path is None and () in parts and _is_alike(name, nodes[maker], parts[()]):
                path = _of_length(nodes[maker], passed_on(node, nodes).unpacked.get(name, 0))
            if (
                path is not None
                and name not in found
                and _has_keys(node, name, nodes[maker])
                and _may_be(name, path, node)
            ):
                found[name] = Made(maker, path)
    return found


def _of_length(maker: ast.FunctionDef, count: int) -> Path | None:
    """Return where a maker returns as many parts as something is taken apart into: all of it where nothing tells."""
    returned = [n.value for n in walk(maker) if isinstance(n, ast.Return)]
    whole = returned[0] if len(returned) == 1 else None
    if not count or not isinstance(whole, ast.Tuple) or len(whole.elts) == count:
        return ()
    tuples = {n.targets[0].id: n.value for n in walk(maker) if isinstance(n, ast.Assign) and _is_name(n.targets[0])}  # pyright: ignore
    parts = [tuples.get(part.id, part) if isinstance(part, ast.Name) else part for part in whole.elts]
    places = [n for n, part in enumerate(parts) if isinstance(part, ast.Tuple | ast.List) and len(part.elts) == count]
    return (places[0],) if len(places) == 1 else None


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def _parts(maker: str, tree: ast.Module, nodes: Mapping[str, ast.FunctionDef]) -> Iterator[tuple[Path, set[str]]]:
    """Yield what a maker returns, and the names of that where it is made and by those who call it."""
    spoken, called = returned_names(nodes[maker]), unpacked_names(tree, maker)
    for path in {*spoken, *called, ()}:
        if len(path) <= 1:
            yield path, set(spoken.get(path, frozenset())) | called.get(path, set())


def _may_be(name: str, path: Path, node: ast.FunctionDef) -> bool:
    """Tell whether an argument may be what is made: weights, states and containers are, data are not."""
    if is_weight(name) or STATE.match(name):
        return True
    uses = uses_of(node)
    return not path and bool(HOLDS.match(name) or name in {*uses.keys, *uses.numbered, *uses.unpacked})


def _is_alike(name: str, maker: ast.FunctionDef, names: Collection[str]) -> bool:
    """Tell whether an argument is what a maker makes by their names: weights, or the `state` of `state_init`."""
    core = HABITS.sub("", maker.name)
    if HOLDS.match(name) and (any(map(HOLDS.match, names)) or HOLDS.match(core)):
        return True
    return len(core) > 2 and naming.plain(core) == naming.plain(name)


def _has_keys(node: ast.FunctionDef, name: str, maker: ast.FunctionDef) -> bool:
    """Tell whether a dictionary that is made has the entries that are read of it, as far as both are spelt out."""
    parts = list(walk(maker))
    written = {n.value for n in parts if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    is_spelt = not any(isinstance(n, ast.JoinedStr | ast.Mod) or _joins(n) for n in parts)
    read = set(uses_of(node).keys.get(name, ()))
    return not read or not is_spelt or read <= written


def _joins(node: ast.AST) -> bool:
    """Tell whether a text is put together: 'W' + str(l)."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else []
    return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)


def part(returned: Any, path: Path) -> Any:
    """Return a part of what a maker returned. Raises LookupError where there is none."""
    for step in path:
        returned = returned[step]
    return returned
