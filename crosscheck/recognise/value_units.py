"""A function and its gradient as one unit: `f(w, X, y)` and `grad_f(w, X, y)`, whoever calls them, or nobody."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.argument_names import is_weight
from crosscheck.recognise.assembling import assembled
from crosscheck.recognise.backward_passes import reached
from crosscheck.recognise.hooks import Entry, sound
from crosscheck.recognise.kept_chains import through_kept
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.moved_arguments import moved_argument, said_to_belong
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Roles, is_floating
from crosscheck.recognise.targets import foreign, is_defined
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.value_arguments import made_up
from crosscheck.recognise.value_calls import define
from crosscheck.recognise.value_compositions import called, composed
from crosscheck.recognise.value_pairs import DATA, PREDICTED, ValuePair, callers_first, value_pairs
from crosscheck.recognise.value_places import Rows
from crosscheck.recognise.value_readings import Reading, is_named, is_truth, reading_of
from crosscheck.recognise.world import World
from crosscheck.source import Document

SECONDS_IN_ALL = 5.0
"""Of the processor, for the arguments of all pairs of a file"""


def found_in(tree: ast.Module, world: World, nodes: Mapping[str, ast.FunctionDef]) -> list[list[ValuePair]]:
    """Return the pairs of a module that are there once it has been executed, callers of others first."""
    if foreign(tree):
        return []
    there = {name: node for name, node in nodes.items() if is_defined(world, name)}
    pairs = [[through_kept(pair, there) for pair in found] for found in value_pairs(there, said_to_belong(tree))]
    pairs = [[pair._replace(moved=moved_argument(tree, there[pair.gradient])) for pair in found] for found in pairs]
    return list(callers_first(pairs, there))


def composed_in(tree: ast.Module, world: World, nodes: Mapping[str, ast.FunctionDef]) -> list[list[ValuePair]]:
    """Return the pairs of a module whose gradients are handed what another function computed, as they are called."""
    found: list[list[ValuePair]] = []
    for pairs in found_in(tree, world, nodes):
        ways: list[ValuePair] = []
        for one in (one for pair in pairs for one in composed(pair, tree, nodes)):
            if one not in ways:
                ways.append(one)
        found += [ways] if ways else []
    return found


def unit_of(
    document: Document,
    world: World,
    candidates: Sequence[ValuePair],
    nodes: Mapping[str, ast.FunctionDef],
    deadline: float,
) -> Unit:
    """Return the unit that a gradient makes with one of the functions that it may be of. Raises Doubtful."""
    found, doubts = [], []
    for pair in candidates:
        try:
            found.append(_unit_of(document, world, pair, nodes, deadline))
        except Doubtful as doubt:
            doubts.append(doubt)
    right = [unit for unit, is_right in found if is_right]
    if right or len(found) == 1:
        return right[0] if right else found[0][0]
    if found:
        raise Doubtful(f"it may be the gradient of {' or of '.join(pair.value for pair in candidates)}")
    raise doubts[0]


def _unit_of(
    document: Document, world: World, pair: ValuePair, nodes: Mapping[str, ast.FunctionDef], deadline: float
) -> tuple[Unit, bool]:
    """Return the unit that two functions are, and whether any of its gradients is right. Raises Doubtful."""
    node = define(world, pair)
    known = {**nodes, pair.name: node}
    entry, reading = None, None
    is_made_up = any(pair.gradient in known.split("/") for known in world.missing)
    try:
        for entry in _called(world, pair):
            if (reading := reading_of(world, entry, pair, nodes)) is not None:
                break
    except Exception:
        if not is_made_up:
            raise
        reading = None  # what was made up for the gradient alone does not suit both
    told = ()
    if entry is None or reading is None:
        is_elsewhere = pair.before and "." not in pair.gradient
        if is_elsewhere or not world.plan.small_sizes or world.plan.all_equal is not None or world.plan.keep_steps:
            raise Doubtful(f"nothing calls it with what {pair.value} is to be handed")
        entry, reading, told = made_up(world, pair, known, deadline)
    elif is_made_up and len(reading.exact) < len(reading.gradients):
        entry, reading, told = _of_one_output(world, pair, known, deadline, (entry, reading)) or (entry, reading, told)
    if (
        told
        and not reading.exact
        and not any(is_plainly_of(leaf, place, pair) for leaf, place in reading.gradients.values())
    ):
        raise Doubtful(f"called with made-up arguments, nothing says what it is the gradient of {pair.value} by")
    if not reading.exact and is_made_up and isinstance(reading.loss, Rows):  # an axis too many, perhaps
        raise Doubtful(f"called with made-up arguments, {pair.value} returns more than one number")
    if not reading.exact and (doubt := _doubt(document, pair, entry, nodes, is_called=not told)):
        raise Doubtful(f"it is not the gradient of {pair.value}, and {doubt}")
    functions = nodes[pair.value], nodes[pair.gradient]
    gradients = {name: place for name, (_, place) in reading.gradients.items()}
    parameters = {name: leaf for name, (leaf, _) in reading.gradients.items()}
    roles = Roles(reading.loss, gradients, parameters, {}, [], parameters, set())
    replay = Replay(world, entry)
    replay.squashed = reading.squashed
    unit = assembled(document, world, replay, roles, *functions)
    stated = [*told, *([reading.said] if reading.said else [])]
    if not isinstance(reading.loss, Place):
        stated.append(f"the loss was taken to be {reading.loss}")
    stated += [
        f"{name} was taken to be 0: {pair.gradient} is not handed it" for name, v in pair.given[0].items() if v == 0.0
    ]
    return replace(
        unit,
        name=f"{pair.value}/{pair.gradient}",
        assumptions=(*stated, *unit.assumptions),
        editable=_lines_of(document, nodes, pair.gradient) - _lines_of(document, nodes, pair.value),
        covers=frozenset([pair.value, pair.gradient]),
    ), bool(reading.exact)


def _of_one_output(
    world: World,
    pair: ValuePair,
    nodes: Mapping[str, ast.FunctionDef],
    deadline: float,
    before: tuple[Entry, Reading],
) -> tuple[Entry, Reading, tuple[str, ...]] | None:
    """Return a call under which all is right, where the one `before` has several outputs that nothing asks for.

    A mean over examples and outputs is not one over examples, as long as `y` is no vector.
    """
    try:
        entry, reading, told = made_up(world, pair, nodes, deadline)
    except Doubtful:
        return None
    was = before[0].arguments
    is_alike = all(np.ndim(v) == np.ndim(was.get(name, v)) for name, v in entry.arguments.items() if DATA.match(name))
    is_right = len(reading.exact) == len(reading.gradients) >= len(before[1].gradients)
    return (entry, reading, told) if is_right and is_alike else None


def is_plainly_of(leaf: Leaf, place: Any, pair: ValuePair) -> bool:
    """Tell whether more than its shape says that a gradient belongs to an array: its name, or that it comes first.

    So does that there is nothing else beside what predictions are held against.
    """
    is_first = leaf.path[0] in (pair.arguments[0] if pair.arguments else "self", "self")
    others = [name for name in pair.shared if name != leaf.path[0]]
    is_only = bool(others) and all(is_truth(name) or DATA.match(name) for name in others)
    return bool(pair.of) or is_named(leaf, place) or is_weight(leaf.name) or is_first or is_only


def _called(world: World, pair: ValuePair) -> Iterator[Entry]:
    """Yield the calls of both functions that calls of the gradient alone tell, the last one first."""
    if pair.before:
        yield from [entry] if (entry := called(world, pair)) is not None else []
        return
    found = [entry for entry in world.hooks.entries.get(pair.gradient, ()) if entry.finished]
    for entry in reversed(sound(found) if found else []):
        known = {what: entry.arguments[name] for name, what in pair.given[1].items() if isinstance(what, str)}
        if "self" in entry.arguments:
            known["self"] = entry.arguments["self"]
        if all(name in known for name in pair.arguments):
            yield replace(entry, function=pair.name, arguments=known)


def _doubt(
    document: Document, pair: ValuePair, entry: Entry, nodes: Mapping[str, ast.FunctionDef], *, is_called: bool
) -> str:
    """Return why a gradient that is wrong may be meant for something else; nothing if it is not."""
    if pair.by_arguments:
        callers = (node for name, node in nodes.items() if name not in (pair.value, pair.gradient))
        word = pair.value.rpartition(".")[2]
        if any(word in reached(document.tree, [node]) for node in callers):
            return "nothing says that it is meant to be"
    alone = [{one for one in given.values() if isinstance(one, str)} - pair.shared for given in pair.given]
    if all(alone) and not pair.before:
        return (
            f"{pair.value} is handed {', '.join(sorted(alone[0]))}, which may be made of {', '.join(sorted(alone[1]))}"
        )
    computed = [n for n, v in entry.arguments.items() if n not in pair.arguments and n != "self" and is_floating(v)]
    if any(PREDICTED.search(name) for name in computed):  # of what it is handed nobody knows what it was computed from
        return f"{', '.join(computed)} may have been computed from what {pair.value} is handed"
    has_arrays = any(leaf.value.size > 1 for leaf in leaves(entry.arguments) if isinstance(leaf.value, np.ndarray))
    if not has_arrays and not is_called and not pair.of:
        return "of single numbers, it may be a derivative in other terms"
    return ""


def _lines_of(document: Document, nodes: Mapping[str, ast.FunctionDef], function: str) -> frozenset[int]:
    """Return the lines of a function and of all that it calls."""
    inside = {function.rpartition(".")[2], *reached(document.tree, [nodes[function]])}
    found = [node for name, node in nodes.items() if name.rpartition(".")[2] in inside]
    return frozenset(line for node in found for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
