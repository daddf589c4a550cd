"""Whether the file subtracts a gradient from its parameter, or adds it."""

import ast
from collections.abc import Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.places import Place
from crosscheck.recognise.signed_steps import holds_rate, steps_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walked


def signs_of(tree: ast.AST, gradients: Mapping[str, Place]) -> dict[str, int]:
    """Tell of gradients whether the file subtracts them (1) or adds them (-1), where an update says it plainly."""
    found: dict[str, int] = {}
    own_functions = {node.name for node in walked(tree) if isinstance(node, ast.FunctionDef)}
    negative = {root_word(target) for node in walked(tree) for target, value in assigned_in(node) if _is_negated(value)}
    for moved, value, adds in steps_in(tree):
        if any(_is_negated(n) or (isinstance(n, ast.Name) and n.id in negative) for n in walked(value)):
            continue
        calls = (n for n in walked(value) if isinstance(n, ast.Call) and root_word(n.func) in own_functions)
        if any(calls):  # `w += rule.step(dw)`: what comes back may be the other way round
            continue
        words = {n.id for n in walked(value) if isinstance(n, ast.Name)}
        words |= {n.attr for n in walked(value) if isinstance(n, ast.Attribute)}
        for name, place in gradients.items():
            own = name.replace("]", "").replace("'", "").replace("[", ".").rpartition(".")[2]
            if moved == own and words & {place.name, *place.names} and not naming.LOSS.search(moved):
                found[name] = -1 if adds else 1
    entries = [name for name, place in gradients.items() if len(place.path) > 1 and _is_key(place.path[-1])]
    if entries and not found and _adds_by_keys(tree):
        found = dict.fromkeys(entries, -1)
    return found


def _is_key(step: str | int) -> bool:
    """Tell whether a step on a path is a key: neither a position nor the name of an attribute."""
    return isinstance(step, str) and not step.startswith(".")


def _adds_by_keys(tree: ast.AST) -> bool:
    """Tell whether all that is moved by its key, at a rate, is so by adding what has that key, and that is no negative.

    >>> step = "for k in P: v[k] = 0.9 * v[k] {} g[k]; P[k] {}= lr * v[k]"
    >>> [_adds_by_keys(ast.parse(step.format(*signs))) for signs in ("++", "-+", "+-")]
    [True, False, False]
    """
    pairs = [(root_word(target), value) for node in walked(tree) for target, value in assigned_in(node)]
    taken_away = {word for word, value in pairs if any(isinstance(one, ast.Sub | ast.USub) for one in walked(value))}
    rated = {word for word, value in pairs if holds_rate(value)}
    signs: set[bool] = set()
    for node in walked(tree):
        match node:
            case ast.AugAssign(
                target=ast.Subscript(slice=ast.Name(id=key)), op=ast.Sub() | ast.Add() as way, value=step
            ):
                parts = [part for part in walked(step) if isinstance(part, ast.Subscript)]
                words = {root_word(part) for part in parts if isinstance(part.slice, ast.Name) and part.slice.id == key}
                if words & rated or (words and holds_rate(step)):
                    is_plain = not words & taken_away and not any(map(_is_negated, walked(step)))
                    signs.add(isinstance(way, ast.Add) and is_plain)
            case _:
                pass
    return signs == {True}


def _is_negated(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
