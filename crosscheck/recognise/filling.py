"""Data with entries that no forward pass reads: they are longer than they are meant to be.

A network that is told its number of steps reads so many of them from the front; a backward pass that counts from the
end, as it may where both are one, would find others there.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.guesses import ARRAY, INTEGERS, SIZE, Guess, Key
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.naming import is_gradient_argument
from crosscheck.recognise.scenarios import Played
from crosscheck.source.walking import last_word, walked

FAR = 10**6
"""A symbol that no table has: who reads it fails"""
Play = Callable[[Mapping[Key, Any]], Played | Failure]


def filled(guess: Guess, forward: str | None, fits: Callable[[Guess], bool], play: Play) -> Guess:
    """Return the guess in which data are as long as a size that is handed over, where more is never read."""
    told = [size.letter for slot in guess.slots.values() if slot.kind == SIZE for size in slot.sizes]
    for key in [key for key in guess.slots if key.owner == forward and not key.entry and not TARGET.match(key.name)]:
        for axis in range(len(guess.slots[key].sizes)):
            own = guess.slots[key].sizes[axis].letter
            if own is None or own in guess.fixed or own in told or _is_read(guess, key, axis, play):
                continue
            others = (guess.with_letter(own, size) for size in _sizes(guess))
            guess = next((o for o in others if fits(o) and _is_read(o, key, axis, play)), guess)
    return guess


def shortened(guess: Guess, fits: Callable[[Guess], bool], play: Play) -> Guess:
    """Return the guess in which there are as many targets as data, where those beyond are never read."""
    held = [key for key, slot in guess.slots.items() if slot.sizes and not key.entry and _is_held(key)]
    data = [slot for key, slot in guess.slots.items() if key not in held and slot.kind in (ARRAY, INTEGERS)]
    lengths = [slot.sizes[0] for slot in data if slot.sizes]
    for key in held:
        own = guess.slots[key].sizes[0].letter
        if own is None or own in guess.fixed or _is_read(guess, key, 0, play, whole=True):
            continue
        others = (guess.with_letter(own, size) for size in dict.fromkeys(lengths) if size.letter not in (None, own))
        guess = next((o for o in others if fits(o) and _is_read(o, key, 0, play, whole=True)), guess)
    return guess


def alongside(guess: Guess, fits: Callable[[Guess], bool]) -> Guess:
    """Return the guess in which arrays that have one axis in common have as many entries along their others.

    These are steps or examples: no parameter and no size knows them, and a program may count one side's alone.
    """
    places = [size for slot in guess.slots.values() for size in slot.sizes]
    tables = [slot for slot in guess.slots.values() if slot.kind == ARRAY and len(slot.sizes) == 2]
    for one, other in combinations(tables, 2):
        for axis in (0, 1):
            first, second = one.sizes[axis], other.sizes[axis]
            is_free = places.count(first) == places.count(second) == 1 and first != second
            if not is_free or one.sizes[1 - axis] != other.sizes[1 - axis] or second.letter in (None, *guess.fixed):
                continue
            joined = guess.with_letter(second.letter, first)  # pyright: ignore[reportArgumentType]
            if fits(joined):
                return alongside(joined, fits)
    return guess


def counted(guess: Guess, node: ast.AST, fits: Callable[[Guess], bool] = lambda _: True) -> Guess:
    """Return the guess in which an array is as wide as a size that its entries are counted up to."""
    sizes = {key.name: slot.sizes[0] for key, slot in guess.slots.items() if slot.kind == SIZE and slot.sizes}
    for name, array, axis in _counted(node):
        for key in [key for key, slot in guess.slots.items() if key.name == array and slot.kind == ARRAY]:
            own = guess.slots[key].sizes[axis : axis + 1]
            is_free = bool(own) and own[0].letter not in (None, *guess.fixed) and name in sizes
            if is_free and own[0] != sizes[name] and own[0] not in sizes.values():
                other = guess.with_letter(own[0].letter, sizes[name])  # pyright: ignore[reportArgumentType]
                guess = other if fits(other) else guess
    return guess


def _counted(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    r"""Yield sizes with arrays whose axis is gone through that far, as it was handed.

    >>> code = "Q = Q.T\nfor k in range(K): P[i][k] += a * Q[k][j] * B[0, k]"
    >>> list(_counted(ast.parse(code)))
    [('K', 'B', 1), ('K', 'P', 1)]
    """
    bound = {part.id for part in walked(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    found = set[tuple[str, str, int]]()
    for loop in walked(node):
        match loop:
            case ast.For(target=ast.Name(id=counter), iter=ast.Call(func=called, args=[ast.Name(id=size)])):
                entries = (part for part in walked(loop) if isinstance(part, ast.Subscript))
                named = map(_indexed, entries) if last_word(called) in ("range", "xrange") else ()
                found |= {
                    (size, array, names.index(counter))
                    for array, names in named
                    if array and array not in bound and counter in names
                }
    yield from sorted(found)


def _indexed(entry: ast.Subscript) -> tuple[str, list[str]]:
    """Return the array of an entry, and the names that it is indexed by; nothing where there are none."""
    array, names = entry, list[str]()
    while isinstance(array, ast.Subscript):
        indices = array.slice.elts if isinstance(array.slice, ast.Tuple) else [array.slice]
        names[:0] = [index.id if isinstance(index, ast.Name) else "" for index in indices]
        array = array.value
    return array.id if isinstance(array, ast.Name) else "", names


def _is_held(key: Key) -> bool:
    """Tell whether an argument is what outputs are held against, or a gradient of theirs."""
    return bool(TARGET.match(key.name)) or is_gradient_argument(key.name)


def _sizes(guess: Guess) -> list[Any]:
    slots = [slot for slot in guess.slots.values() if slot.kind == SIZE]
    return [size for slot in slots for size in slot.sizes if size.letter is not None]


def _is_read(guess: Guess, key: Key, axis: int, play: Play, *, whole: bool = False) -> bool:
    """Tell whether a forward pass reads the last entries along an axis of an argument; if in doubt, it does.

    As a `whole` the backward pass counts as well.
    """
    slot, values = guess.slots[key], guess.values()
    if slot.kind not in (ARRAY, INTEGERS) or not isinstance(values[key], np.ndarray) or slot.value is not None:
        return True
    values[key] = given = values[key] if slot.kind == INTEGERS else values[key].astype(float)
    given[(slice(None),) * axis + (-1,)] = FAR if slot.kind == INTEGERS else np.nan
    played = play(values)
    if isinstance(played, Failure) or slot.kind == INTEGERS:
        return isinstance(played, Failure)
    kept = {} if played.instance is None else vars(played.instance)
    returned = {"returned": played.returned} if whole else {}
    found = [leaf.value for leaf in leaves({"forward": played.forward, "kept": kept, **returned})]
    return any(
        np.asarray(value).dtype.kind == "f" and np.isnan(value).any() and not np.shares_memory(value, given)
        for value in found
    )
