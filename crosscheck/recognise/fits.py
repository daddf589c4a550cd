"""Where shapes speak against made-up arguments, and what may fit better."""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import STATE, TARGET
from crosscheck.recognise.broadcasting import ones
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, VALUE, Guess, Key, Slot
from crosscheck.recognise.letters import ONE, Size
from crosscheck.recognise.places import entries, named, returned_names
from crosscheck.recognise.scenarios import Played, Scenario
from crosscheck.recognise.wiring import bare, items_of
from crosscheck.source.walking import walked

OF_CELL = re.compile(r"hidden|cell|[hc]", re.IGNORECASE)
"""What tells the two states of a cell apart"""
PICTURES = 4
"""Axes of a batch of pictures: an activation of a layer is called as the one before, and is no state"""


class Misfit(NamedTuple):
    """A gradient that has another shape than what it is the gradient of; or what should be a number and is none."""

    key: Key | None
    shape: tuple[int, ...]
    held: tuple[int, ...] | None = None
    """Of what it is the gradient of, where that is nothing that was made up"""


def misfits(played: Played, scenario: Scenario, *, exactly: bool = False) -> list[Misfit]:
    """Return where shapes speak against a guess; `exactly` where a gradient has axes of length one more or fewer."""
    found: list[Misfit] = [*_states(played, scenario), *_losses(played, scenario), *_counted(played, scenario)]
    found += _targets_of_a_number(played, scenario)
    node = scenario.nodes[scenario.target]
    by_name = {
        key.name: (key, np.shape(value)) for key, value in played.values.items() if isinstance(value, np.ndarray)
    }
    objects = [value for value in (*played.given.values(), played.instance) if hasattr(value, "__dict__")]
    attributes = {name: value for owner in objects for name, value in vars(owner).items()}
    for name, value in named(node, played.returned):
        is_loss = bool(naming.LOSS.search(name)) and name not in by_name and not naming.looks_like_gradient(name)
        if is_loss and name not in attributes and np.size(value) > 1 and not played.upstream:  # `input_error` goes back
            found.append(Misfit(None, np.shape(value)))
        for core in naming.cores(name):
            if core in by_name and not _same(by_name[core][1], np.shape(value), exactly=exactly):
                found.append(Misfit(by_name[core][0], np.shape(value)))
                break
    for name, value in (*entries(played.returned), *entries(tuple(scenario.added.values()))):
        if name in by_name and not _same(by_name[name][1], np.shape(value), exactly=exactly):
            found.append(Misfit(by_name[name][0], np.shape(value)))
    for part in played.returned if isinstance(played.returned, tuple) else (played.returned,):
        if isinstance(part, dict) and part and part.keys() <= attributes.keys():  # by the names of their parameters
            pairs = [(attributes[name], value) for name, value in part.items()]
            pairs = [(own, np.shape(value)) for own, value in pairs if isinstance(own, np.ndarray)]
            found += [Misfit(None, shape) for own, shape in pairs if not _same(own.shape, shape, exactly=exactly)]
    if scenario.forward is None and isinstance(played.returned, np.ndarray) and played.returned.size > 1:
        found += [] if naming.BACKWARD.search(node.name) else [Misfit(None, played.returned.shape)]
    found += _of_several(played)
    found += _of_more_axes(played, node)
    held = dict(vars(played.instance)) if hasattr(played.instance, "__dict__") else {}
    named_so = [value for name, value in (*named(node, played.returned), *held.items()) if naming.cores(name)]
    found += _of_fewer_axes(played, [*named_so, *(value for _, value in entries(played.returned))])
    for name, value in held.items():
        for core in naming.cores(name):
            both = isinstance(value, np.ndarray | np.floating) and isinstance(held.get(core), np.ndarray)
            if both and not _same(held[core].shape, value.shape, exactly=exactly):
                found.append(Misfit(None, value.shape))
    return found


def claimed(played: Played, scenario: Scenario) -> set[Key]:
    """Return the slots that a gradient is returned of, by its name or by the entry that it is of a dictionary."""
    words: set[str] = set()
    for name, _ in named(scenario.nodes[scenario.target], played.returned):
        words |= {name, *naming.cores(name)}
    return {key for key in played.values if key.name in words}


def _of_several(played: Played) -> Iterator[Misfit]:
    """Yield gradients that are one for each example of a batch: returned in a list beside an object's list of weights.

    `nabla_b[-1] = delta` is the gradient of a bias for one example only.
    """
    lists = [part for part in (played.returned if isinstance(played.returned, tuple) else ()) if _is_of_arrays(part)]
    held = [value for value in getattr(played.instance, "__dict__", {}).values() if _is_of_arrays(value)]
    for weights in held:
        alike = [part for part in lists if len(part) == len(weights)]
        shapes = [w.shape for w in weights]
        if not alike or any([g.shape for g in part] == shapes for part in alike):
            continue
        for part in alike:
            if all(_is_spread(w.shape, g.shape) for w, g in zip(weights, part, strict=True)):
                yield Misfit(None, part[0].shape, weights[0].shape)


def _of_more_axes(played: Played, node: ast.FunctionDef) -> Iterator[Misfit]:
    """Yield targets that are tables where a gradient has more axes than any array of its object.

    Of outputs in a row and targets in a table each difference is taken, and `x.T @ (p - y)` has an axis too many.
    """
    held = [np.ndim(value) for value in getattr(played.instance, "__dict__", {}).values() if _is_floating(value)]
    handed = [np.shape(value) for value in played.values.values()]
    gradients = [
        value
        for name, value in named(node, played.returned)
        if isinstance(value, np.ndarray) and naming.looks_like_gradient(name) and value.shape not in handed
    ]
    is_more = bool(held) and any(np.squeeze(value).ndim > max(held) for value in gradients)
    if not played.upstream and (is_more or _has_grown(played)):
        for key, value in played.values.items():
            if isinstance(value, np.ndarray) and value.ndim > 1 and TARGET.match(key.name):
                yield Misfit(key, value.shape[1:])


def _of_fewer_axes(played: Played, gradients: Iterable[Any]) -> Iterator[Misfit]:
    """Yield tables of data that want an axis more, where all rows of the gradient of a weight are one and the same.

    A step of `X[:, t]` has no features then: a vector is added to the gradient, and NumPy spreads it over the rows.
    """
    tables = [value for value in gradients if _is_floating(value) and value.ndim == 2 and len(value) > 1]
    tables = [value for value in tables if np.ptp(value, axis=1).any()]
    if any(not np.ptp(value, axis=0).any() for value in tables):
        for key, value in played.values.items():
            if isinstance(value, np.ndarray) and value.ndim == 2 and naming.DATA.match(key.name):
                yield Misfit(key, (*value.shape, value.shape[1]))


def _has_grown(played: Played) -> bool:
    """Tell whether a call left an array of its object with more axes than it was made with, be it no state."""
    held = getattr(played.instance, "__dict__", {}).items()
    now = {name: value.ndim for name, value in held if isinstance(value, np.ndarray)}
    begun = {name: len(shape) for name, shape in played.begun.items() if shape and not STATE.match(name)}
    return any(now[name] > count for name, count in begun.items() if name in now)


def _is_floating(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f"


def _is_of_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, np.ndarray) for item in value)


def _is_spread(held: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Tell whether a shape is another one with some axes of length one that are longer."""
    both = list(zip(held, shape, strict=False))
    return len(held) == len(shape) and held != shape and all(a in (1, b) for a, b in both)


def _losses(played: Played, scenario: Scenario) -> Iterator[Misfit]:
    """Yield losses of a forward pass that are no single number: each step was given several labels."""
    if scenario.forward is None or played.upstream:
        return
    items = dict(items_of(played.forward))
    for path, names in returned_names(scenario.nodes[scenario.forward]).items():
        value = items.get(path)
        steps = value if isinstance(value, list) else [value] if isinstance(value, np.ndarray) else []
        if any(map(naming.LOSS.search, names)) and sum(map(np.size, steps)) > 1:
            yield Misfit(None, np.shape(value) if isinstance(value, np.ndarray) else (len(steps), *np.shape(steps[0])))


def _counted(played: Played, scenario: Scenario) -> Iterator[Misfit]:
    """Yield rows by themselves whose length is asked for: `len(y)` counts something, and is 1 of such a row."""
    calls = [part for part in walked(scenario.nodes[scenario.target]) if isinstance(part, ast.Call)]
    asked = {getattr(call.args[0], "id", "") for call in calls if getattr(call.func, "id", "") == "len" and call.args}
    for key, value in played.values.items():
        is_row = isinstance(value, np.ndarray) and value.ndim == 2 and value.shape[0] == 1 < value.shape[1]
        if is_row and key.owner == scenario.target and key.name in asked and not key.entry:
            yield Misfit(key, value.shape[1:])


def _targets_of_a_number(played: Played, scenario: Scenario) -> Iterator[Misfit]:
    """Yield targets that are arrays where a forward pass puts out one number, which is no loss."""
    if scenario.forward is None or played.upstream or not _is_floating(played.forward) or np.ndim(played.forward):
        return
    names = returned_names(scenario.nodes[scenario.forward]).get((), frozenset())
    if any(map(naming.LOSS.search, names)):
        return
    for key, value in played.values.items():
        if key.owner == scenario.target and TARGET.match(key.name) and np.size(value) > 1:
            yield Misfit(key, ())


def _states(played: Played, scenario: Scenario) -> Iterator[Misfit]:
    """Yield states that a step returns in another shape than it was handed: prev_h and next_h."""
    items = dict(items_of(played.forward))
    arrays = {key: value for key, value in played.values.items() if isinstance(value, np.ndarray)}
    states = {key: held for key, held in arrays.items() if STATE.match(key.name) and OF_CELL.sub("", key.name)}
    for (key, held), (other, theirs) in combinations(states.items(), 2):  # h_prev and c_prev
        is_one = key.owner == other.owner and OF_CELL.sub("", key.name) == OF_CELL.sub("", other.name)
        if is_one and held.ndim != theirs.ndim:
            yield Misfit(key, theirs.shape) if held.ndim < theirs.ndim else Misfit(other, held.shape)
    node = scenario.nodes[scenario.forward or scenario.target]
    has_steps = any(isinstance(part, ast.For | ast.While) for part in walked(node))
    for path, names in returned_names(node).items():
        value = items.get(path)
        for key, held in arrays.items():
            alike = any(bare(name) == bare(key.name) and name != key.name for name in names)
            is_state = alike and bool(STATE.match(key.name))
            if not is_state or not isinstance(value, np.ndarray) or value.ndim >= PICTURES:
                continue
            if value.ndim != held.ndim and (has_steps or value.ndim < held.ndim):
                continue
            is_of_all = has_steps and _is_spread(held.shape, value.shape)  # one row for each step
            if value.shape != held.shape and not is_of_all:
                yield Misfit(key, value.shape)


def _same(one: tuple[int, ...], other: tuple[int, ...], *, exactly: bool) -> bool:
    if exactly:
        return one == other
    return [size for size in one if size > 1] == [size for size in other if size > 1]


def _sizes_of(guess: Guess, shape: tuple[int, ...]) -> tuple[Size, ...]:
    """Return the sizes of a guess that an array of a shape has; none where it has others."""
    known = {guess.number(size): size for slot in guess.slots.values() for size in slot.sizes} | {1: ONE}
    return tuple(known[number] for number in shape) if all(number in known for number in shape) else ()


def fitted(guess: Guess, misfit: Misfit) -> Iterator[Guess]:
    """Yield guesses that may not have a misfit: an axis of length one, a bias that lies the other way, a number."""
    targets = [key for key, slot in guess.slots.items() if slot.hot is not None and slot.kind == ARRAY and slot.sizes]
    if misfit.held is not None:
        for number in set(misfit.shape) - set(misfit.held):
            yield from ones(guess, number)
        return
    if misfit.key is None:
        for key, slot in guess.slots.items():
            if slot.kind in (LIST, INTEGERS) and TARGET.match(key.name):  # the one label of a whole sequence
                if slot.kind == INTEGERS and len(slot.sizes) > 1:
                    yield guess.with_rank(key, len(slot.sizes) - 1)
                yield guess.with_slot(key, Slot(VALUE, value=1))
        for key in targets:
            yield guess.with_slot(key, guess.slots[key]._replace(sizes=()))
            yield guess.with_rank(key, 1)
        return
    held, sizes = guess.shape(misfit.key), guess.slots[misfit.key].sizes
    if len(misfit.shape) > len(held) and (like := _sizes_of(guess, misfit.shape)):  # a row of numbers that is a column
        yield guess.with_slot(misfit.key, guess.slots[misfit.key]._replace(sizes=like))
    if len(misfit.shape) > len(held) and STATE.match(misfit.key.name):  # another state has an axis too many
        for key, slot in guess.slots.items():
            if STATE.match(key.name) and len(slot.sizes) > len(held):
                yield guess.with_slot(key, slot._replace(sizes=sizes))
    if len(misfit.shape) > len(held) and naming.DATA.match(misfit.key.name):
        yield guess.with_rank(misfit.key, len(misfit.shape))
    if len(misfit.shape) < len(held):  # the sum over examples went over something else: there are several
        for key, slot in guess.slots.items():
            if slot.kind == ARRAY and len(slot.sizes) == 1 and naming.DATA.match(key.name):
                yield guess.with_rank(key, 2)
        if held[len(held) - len(misfit.shape) :] == misfit.shape:  # a bias that is the same for all examples
            yield guess.with_slot(
                misfit.key, guess.slots[misfit.key]._replace(sizes=sizes[-len(misfit.shape) or len(sizes) :])
            )
    if held != misfit.shape and [n for n in held if n > 1] == [n for n in misfit.shape if n > 1]:
        left = iter([size for size in sizes if guess.number(size) > 1])
        turned = tuple(next(left) if number > 1 else ONE for number in misfit.shape)
        yield guess.with_slot(misfit.key, guess.slots[misfit.key]._replace(sizes=turned))
    if len(held) == len(misfit.shape):
        for a, b in zip(held, misfit.shape, strict=True):
            if a != b:
                yield from equal(guess, a, b)
    for number in misfit.shape:
        if number not in held:
            yield from ones(guess, number)
