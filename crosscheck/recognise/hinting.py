"""What the source tells of the names of functions' results."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.pairing import handed_on, unpacked_names
from crosscheck.recognise.places import (
    built_containers,
    nameless_containers,
    returned_names,
)
from crosscheck.recognise.roles import Hints
from crosscheck.recognise.step_factors import gradient_pairs
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walk


def hints_of(document: Document, functions: Mapping[Path, ast.FunctionDef]) -> Hints:
    """Return what the source tells of the names of functions' results; the keys are where a replay puts these."""
    spoken: dict[Path, frozenset[str]] = {}
    for place, node in functions.items():
        for path, names in returned_names(node).items():
            spoken[(*place, *path)] = names
        states = handed_on(document.tree, node.name)
        for path, names in unpacked_names(document.tree, node.name).items():
            spoken[(*place, *path)] = spoken.get((*place, *path), frozenset()) | (names - states)
        if naming.SAYS_GRADIENTS.search(node.name) or writes_gradients(node):
            for path in nameless_containers(node):
                spoken[(*place, *path)] = spoken.get((*place, *path), frozenset()) | {"gradients"}
        if naming.SAYS_GRADIENTS.search(node.name) and returned_names(node).get(()):
            spoken[place] = spoken.get(place, frozenset()) | {"gradients"}
        if naming.SAYS_GRADIENTS.search(node.name):
            for path, names in returned_names(node).items():
                if names & built_containers(node) and not any(map(naming.LOSS.search, names)):
                    spoken[(*place, *path)] = spoken[(*place, *path)] | {"gradients"}
    nodes = functions.values() or [document.tree]
    totals = dict(pair for node in nodes for pair in _totals(node))
    weighted = frozenset(name for name, is_weighted in totals.items() if is_weighted)
    scattered = frozenset(name for node in nodes for name in _scattered(node))
    wholes = frozenset(name for node in nodes for name in _wholes(node))
    return Hints(spoken, frozenset(gradient_pairs(document.tree)), frozenset(totals), weighted, scattered, wholes)


def _with_kept(hints: Hints, world: World, functions: Mapping[str, str]) -> Hints:
    """Return hints in which the results that methods keep in their objects have the names of the attributes."""
    kept = {(place,): world.hooks.kept[name].attribute for place, name in functions.items() if name in world.hooks.kept}
    spoken = {**hints.spoken, **{place: frozenset([attribute]) for place, attribute in kept.items()}}
    return replace(hints, spoken=spoken)


def _totals(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the names that losses are added to, `total += cost`, and whether times something: `cost * len(batch)`."""
    for part in walk(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add) and isinstance(part.target, ast.Name):
            words = [name.id for name in walk(part.value) if isinstance(name, ast.Name)]
            if any(map(naming.LOSS.search, words)) and not any(map(naming.looks_like_gradient, words)):
                yield part.target.id, isinstance(part.value, ast.BinOp) and isinstance(part.value.op, ast.Mult)


def _wholes(node: ast.AST) -> Iterator[str]:
    """Yield the names of sums that a loss is a term of: `total = (ce + penalty) / steps`.

    >>> list(_wholes(ast.parse("total = (ce + reg) / T; e = ce - y; all = losses + [ce]")))
    ['total']
    """
    for part in walk(node):
        target = part.targets[0] if isinstance(part, ast.Assign) else None
        if isinstance(target, ast.Name) and not target.id.startswith("_"):  # what has a name of ours has none else
            value = part.value  # pyright: ignore[reportAttributeAccessIssue] - of an assignment
            while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
                value = value.left
            terms = list(_terms(value))
            is_of_loss = any(isinstance(one, ast.Name) and naming.LOSS.search(one.id) for one in terms)
            if len(terms) > 1 and is_of_loss and not any(isinstance(one, ast.List | ast.Tuple) for one in terms):
                yield target.id


def _terms(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        yield from (*_terms(value.left), *_terms(value.right))
    else:
        yield value


def _scattered(node: ast.AST) -> Iterator[str]:
    """Yield the names of single numbers that are added to entries of arrays as they are: `slopes[i] += l`."""
    for part in walk(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Subscript):
            value = part.value.operand if isinstance(part.value, ast.UnaryOp) else part.value
            if isinstance(value, ast.Name):
                yield value.id


def writes_gradients(node: ast.AST) -> bool:
    """Tell whether a function has variables that are called like gradients."""
    names = (part for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return any(naming.looks_like_gradient(name.id) for name in names)
