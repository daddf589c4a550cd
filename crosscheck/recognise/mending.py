"""What an error says about arguments that were made up: NumPy names the sizes that do not fit, and each is a letter."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, zip_longest
from math import gcd
from typing import Any

import numpy as np

from crosscheck.recognise.argument_names import BIAS, STATE, is_weight
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.guesses import (
    ARRAY,
    INTEGERS,
    LIST,
    ONE,
    SIZE,
    VALUE,
    Guess,
    Key,
    Size,
    Slot,
    equal,
    multiplied,
)
from crosscheck.recognise.naming import DATA

MOST_AXES = 4
FEW = 2
"""Symbols in a sequence that must be short"""
PAIRS = (
    re.compile(r"not aligned: (\d+) \(dim \d\) != (\d+)"),
    re.compile(r"\(size (\d+) is different from (\d+)\)"),
    re.compile(r"index \d+ has size (\d+) and the array at index \d+ has size (\d+)"),
    re.compile(r"size of axis is (\d+) but size of corresponding boolean axis is (\d+)"),
    re.compile(r"but corresponding boolean dimension is (\d+)"),
    re.compile(r"dimension (\d+) .* dimension (\d+)"),
)
SHAPES = re.compile(r"\((\d+(?:,\s*\d+)*),?\)")
NO_ROOM = re.compile(
    r"negative dimensions|zero-size array|array of size 0 |window shape cannot be larger|of an empty sequence"
    r"|can only specify one unknown dimension|[(,]\s?0[,)]"
)
"""Complaints that something is longer than what it moves over"""
NOT_INTEGERS = re.compile(
    r"arrays used as indices must be|only integers, slices|list indices must be|unhashable type: 'numpy|indices must be"
)
NOT_A_NUMBER = re.compile(
    r"only integer scalar arrays|cannot be interpreted as an integer|only length-1 arrays|only 0-dim|"
    r"must be an integer|truth value of an array"
)
NOT_A_LIST = re.compile(r"'int' object is not (?:subscriptable|iterable)|object of type 'int' has no len")
OUTPUT = re.compile(r"^(?:n_?|num_?)?(?:o|y|out(?:puts?)?)(?:_?(?:size|dim|len|units?|features?))?$", re.IGNORECASE)
"""What the number of a model's outputs is called"""
LAYERS = 3
"""Sizes in a list of them"""
RANK = re.compile(
    r"too many indices|not enough values to unpack|too many values to unpack|tuple index out of range|is out of bounds"
    r" for array of dimension|same number of dimensions|does not have enough dimensions|setting an array element"
    r"|object too deep|must be at least|cannot unpack|expected \d|axes don't match|too many subscripts"
)


def mended(guess: Guess, failure: Failure, multiples: Sequence[int]) -> Iterator[Guess]:
    """Yield guesses that may not fail where this one did, most plausible first."""
    message = failure.message
    if isinstance(failure.error, AssertionError) and failure.asserted:
        yield from _as_asserted(guess, failure.asserted, multiples)
    if isinstance(failure.error, AssertionError) and failure.statement is not None:
        remainders = (isinstance(node, ast.Mod) for node in ast.walk(failure.statement))
        yield from _multiples(guess, failure.divisors) if any(remainders) else ()
    if isinstance(failure.error, ArithmeticError):
        yield from _shorter(guess)
    if NO_ROOM.search(message):
        yield from _shorter_kernels(guess)
    if isinstance(failure.error, KeyError):
        yield from _with_entry(guess, failure)
    if failure.steps is not None:
        yield from equal(guess, *failure.steps, multiples)
    if isinstance(failure.error, IndexError | TypeError) and NOT_INTEGERS.search(message):
        yield from _as_integers(guess, failure.indexing or failure.inside)
        if "list indices must be" in message:
            yield from _as_symbol(guess, failure.indexing)
    if NOT_A_NUMBER.search(message):
        yield from _as_number(guess, failure.inside)
    if isinstance(failure.error, TypeError) and NOT_A_LIST.search(message):
        yield from _as_sizes(guess)
    if isinstance(failure.error, AttributeError | TypeError) and "'list'" in message:
        for key, slot in guess.slots.items():
            if slot.kind == LIST:
                yield guess.with_slot(key, slot._replace(kind=INTEGERS))
    if isinstance(failure.error, ValueError | IndexError):
        yield from _as_shapes(guess, failure, multiples)
    if "out of bounds for axis" in message or "list index out of range" in message:
        yield from _within(guess, failure, multiples)
    if RANK.search(message):
        yield from _of_ranks(guess, failure)
    if "equal division" in message:
        yield from _gates(guess, multiples)
    if isinstance(failure.error, ValueError) and "reshape" in message:
        yield from _divisible(guess, failure)


def _as_asserted(guess: Guess, asserted: tuple[Any, Any], multiples: Sequence[int]) -> Iterator[Guess]:
    """Let shapes, or sizes, be what an assertion says that they are."""
    one, other = (side if isinstance(side, tuple) else (side,) for side in asserted)
    if len(one) != len(other) or not all(isinstance(size, int) for size in (*one, *other)):
        return
    for a, b in zip(one, other, strict=True):
        if a != b and 1 in (a, b):
            for size in guess.of(max(a, b)):
                if size.letter is not None and size.letter not in guess.fixed:
                    yield guess.with_letter(size.letter, ONE)
        elif a != b:
            yield from equal(guess, a, b, multiples)


def _with_entry(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Add the entry of a dictionary that was missed; its slot is found by the one who makes slots."""
    missed = failure.error.args[0] if failure.error.args else None
    records = {(key.owner, key.argument) for key in guess.slots if key.entry and key.place is None}
    if isinstance(missed, str):
        for owner, argument in sorted(records):
            key = Key(owner, argument, missed)
            if key not in guess.slots:
                yield (
                    guess.with_bias(key, Slot(ARRAY))
                    if BIAS.search(missed)
                    else guess.with_slot(key, Slot(ARRAY)).with_rank(key, 2)
                )


def _as_integers(guess: Guess, keys: Iterable[Key]) -> Iterator[Guess]:
    sequences = [s.sizes for s in guess.slots.values() if s.kind in (INTEGERS, LIST) and len(s.sizes) == 1]
    for key in keys:
        slot = guess.slots[key]
        if slot.kind == ARRAY:
            changed = guess.with_slot(key, slot._replace(kind=INTEGERS, hot=None))
            if sequences:  # symbols and their targets are of one length
                yield changed.with_slot(key, changed.slots[key]._replace(sizes=sequences[0]))
            yield changed if len(slot.sizes) == 1 else changed.with_rank(key, 1)
            if len(slot.sizes) > 1:
                yield changed


def _shorter_kernels(guess: Guess) -> Iterator[Guess]:
    """Make what may be a kernel shorter than what it moves over, which is given first: its last axes, or its first."""
    keys = list(guess.slots)[::-1]
    for key in sorted(keys, key=lambda key: not is_weight(key.name)):
        slot = guess.slots[key]
        spans = len(slot.sizes) - 2
        if slot.kind == ARRAY and spans > 0 and not DATA.match(key.name):
            places = tuple(range(len(slot.sizes)))
            for axes in (places[2:], places[:spans]):
                changed = guess.with_spans(key, axes)
                if changed is not None:
                    yield changed
        elif slot.kind == SIZE and key.entry and (changed := guess.with_spans(key, (0,))) is not None:
            yield changed


def _shorter(guess: Guess) -> Iterator[Guess]:
    """Make sequences of symbols shorter than all else: labels may be more than there are steps for them."""
    for slot in guess.slots.values():
        known = slot.sizes[0].letter if slot.kind in (LIST, INTEGERS) and len(slot.sizes) == 1 else None
        if known is None:
            continue
        others = [s for s in guess.slots.values() if s.kind not in (LIST, INTEGERS) and slot.sizes[0] in s.sizes]
        if not others and guess.numbers[known] != FEW:
            yield guess.with_number(known, FEW)


def _as_symbol(guess: Guess, keys: Iterable[Key]) -> Iterator[Guess]:
    """Make one symbol of several: a list has no entries at those."""
    for key in keys:
        if guess.slots[key].kind in (LIST, INTEGERS):
            yield guess.with_slot(key, Slot(VALUE, value=1))


def _as_number(guess: Guess, keys: Iterable[Key]) -> Iterator[Guess]:
    for key in keys:
        slot = guess.slots[key]
        if slot.kind in (ARRAY, INTEGERS):
            sizes, numbers = guess.fresh(1)
            yield replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)
            yield guess.with_slot(key, Slot(ARRAY))


def _as_sizes(guess: Guess) -> Iterator[Guess]:
    """Make a list of sizes of one: an entry of it is asked for, or how many there are."""
    for key, slot in guess.slots.items():
        if slot.kind == SIZE and len(slot.sizes) == 1 and slot.value is None:
            sizes, numbers = guess.fresh(LAYERS)
            yield replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)


def _as_shapes(guess: Guess, failure: Failure, multiples: Sequence[int]) -> Iterator[Guess]:
    message = failure.message
    for one, other in _pairs(message):
        yield from equal(guess, one, other, multiples)
    for one, other in failure.summed:
        yield from equal(guess, one, other, multiples)
    shapes = [tuple(map(int, re.findall(r"\d+", found))) for found in SHAPES.findall(message)]
    if "non-broadcastable output" in message and len(shapes) == 2:
        yield from _narrower(guess, failure, *shapes)
    elif "not broadcastable to correct shape" in message:  # `np.add.at(g, symbols, d)`: d has a row for each of them
        keys = [key for key in failure.inside if guess.slots[key].kind in (INTEGERS, LIST)]
        for key in (key for key in keys if len(guess.slots[key].sizes) == 1):
            (fresh,), numbers = guess.fresh(1)
            slot = Slot(INTEGERS, (*guess.slots[key].sizes, fresh))
            yield replace(guess, slots={**guess.slots, key: slot}, numbers=numbers)
    elif "broadcast" in message:
        yield from _broadcast(guess, failure, shapes, multiples)


def _pairs(message: str) -> Iterator[tuple[int, int]]:
    for pattern in PAIRS:
        found = pattern.search(message)
        if found and found.lastindex == 2:
            yield int(found[1]), int(found[2])


def _broadcast(
    guess: Guess, failure: Failure, shapes: Sequence[tuple[int, ...]], multiples: Sequence[int]
) -> Iterator[Guess]:
    for place, first in enumerate(shapes):
        for second in shapes[place + 1 :]:
            clashes = [
                (a, b) for a, b in zip_longest(first[::-1], second[::-1], fillvalue=1) if a != b and 1 not in (a, b)
            ]
            short, long = sorted((first, second), key=len)
            if len(short) == 1 and len(long) == 2 and short[0] == long[0]:  # W·h + b, of a vector b and columns h
                yield from _ranks(guess, [k for k in guess.slots if guess.shape(k)[1:] == long[1:]], -1)
            for a, b in clashes:
                yield from equal(guess, a, b, multiples)
            for pair in clashes:
                for number in pair:
                    yield from ones(guess, number)
            if "into shape" in failure.message and len(first) == len(second):
                for number in (a for a, b in zip(first, second, strict=True) if b == 1 < a):
                    yield from ones(guess, number)
            if "into shape" in failure.message and len(first) > len(second) and len({*first, *second}) == 1:
                yield from _of_one_output(guess, first[0])
            longer = (first, second) if len(first) > len(second) else (second, first)
            if "into shape" in failure.message and len(first) > len(second):
                for extra in first[: len(first) - len(second)]:
                    yield from ones(guess, extra)
                yield from _ranks(guess, failure.inside, -1)
            if len(first) != len(second):
                yield from _ranks(guess, [k for k in failure.inside if guess.shape(k) == longer[1]], +1)
                yield from _ranks(guess, [k for k in failure.inside if guess.shape(k) == longer[0]], -1)


def _narrower(guess: Guess, failure: Failure, held: tuple[int, ...], made: tuple[int, ...]) -> Iterator[Guess]:
    """Make axes one that an array, to which something was added in place, does not have."""
    for a, b in zip_longest(held[::-1], made[::-1], fillvalue=1):
        if a != b and a == 1:
            yield from ones(guess, b)
    yield from _ranks(guess, failure.inside, -1)
    for size in made[: len(made) - len(held)]:
        for key in guess.slots:
            if size in guess.shape(key):
                yield from _ranks(guess, [key], -1)


def ones(guess: Guess, number: int) -> Iterator[Guess]:
    """Yield guesses in which what has a number is one."""
    for size in guess.of(number):
        if _is_free(guess, size):
            yield guess.with_letter(size.letter, ONE)  # pyright: ignore[reportArgumentType]


def _of_one_output(guess: Guess, number: int) -> Iterator[Guess]:
    """Let a model have one output: a column was added to what it computes, and a row of as many is kept."""
    for key, slot in guess.slots.items():
        known = slot.sizes[0].letter if slot.kind == SIZE and len(slot.sizes) == 1 else None
        if (
            known is not None
            and known not in guess.fixed
            and guess.numbers[known] == number
            and OUTPUT.search(key.name)
        ):
            yield guess.with_letter(known, ONE)


def _is_free(guess: Guess, size: Size) -> bool:
    """Tell whether a size may turn out to be one: it is no given size, and no weight's."""
    counted = {s for k, slot in guess.slots.items() if slot.kind == SIZE or is_weight(k.name) for s in slot.sizes}
    return size.letter is not None and size.letter not in guess.fixed and size not in counted


def _of_ranks(guess: Guess, failure: Failure) -> Iterator[Guess]:
    message = failure.message
    shaped = [k for k in failure.inside if guess.slots[k].kind in (ARRAY, INTEGERS, LIST)]
    unpacked = re.search(r"expected (\d+)", message)
    if unpacked and failure.statement is not None and ".shape" in ast.unparse(failure.statement):
        for key in shaped:
            more = len(guess.slots[key].sizes) >= int(unpacked[1])  # it is the shape of an entry then
            yield guess.with_rank(key, int(unpacked[1]) + more)
    fewer = re.search(r"too many values|setting an array element|too deep|cannot unpack", message)
    yield from _ranks(guess, shaped, -1 if fewer else +1)
    everything = [k for k, slot in guess.slots.items() if slot.kind in (ARRAY, INTEGERS, LIST) and k not in shaped]
    everything.sort(key=lambda key: key.name[:1] in "WUVb")
    yield from _ranks(guess, everything, -1 if fewer else +1)
    yield from _ranks(guess, shaped, +1 if fewer else -1)


def _ranks(guess: Guess, keys: Iterable[Key], change: int) -> Iterator[Guess]:
    for key in keys:
        slot = guess.slots[key]
        rank = len(slot.sizes) + change
        if BIAS.search(key.name):
            continue
        if change < 0 and ONE in slot.sizes and rank:  # a row of one: its other size is known already
            yield guess.with_slot(key, slot._replace(sizes=tuple(size for size in slot.sizes if size != ONE)))
        if slot.kind in (ARRAY, INTEGERS) and 0 < rank <= (MOST_AXES if slot.kind == ARRAY else 2):
            yield guess.with_rank(key, rank)
        elif slot.kind == LIST and change > 0:
            yield guess.with_slot(key, slot._replace(kind=INTEGERS)).with_rank(key, rank)


def _within(guess: Guess, failure: Failure, multiples: Sequence[int]) -> Iterator[Guess]:
    found = re.search(r"index (\d+) is out of bounds for axis \d+ with size (\d+)", failure.message)
    if found is None:  # of a list: sequences are to be of one length
        lists = [s.sizes[0] for s in guess.slots.values() if s.kind in (LIST, INTEGERS) and s.sizes]
        for first in lists:
            for second in lists:
                if first != second:
                    yield from equal(guess, guess.number(first), guess.number(second))
        return
    index, size = int(found[1]), int(found[2])
    if index < guess.symbols and size < guess.symbols and size > 1:
        yield replace(guess, symbols=size)
    if size == 1:
        for key, slot in guess.slots.items():
            if slot.kind == ARRAY and ONE in slot.sizes and len(slot.sizes) > 1:
                yield guess.with_slot(key, slot._replace(sizes=tuple(s for s in slot.sizes if s != ONE), hot=None))
    if index == size:
        symbols = [slot for slot in guess.slots.values() if slot.kind in (LIST, INTEGERS) and len(slot.sizes) == 1]
        counts = {guess.number(slot.sizes[0]) for slot in symbols}  # what goes through an array is as long as it is
        involved = {guess.number(s) for key in failure.inside or guess.slots for s in guess.slots[key].sizes}
        for other in sorted({*involved, *counts} - {size, 1}, key=lambda number: (number not in counts, number)):
            yield from equal(guess, size, other, multiples)


def _multiples(guess: Guess, divisors: Iterable[int] = ()) -> Iterator[Guess]:
    """Let a size be a multiple of a count that was made up or is given: of the heads, or of the groups."""
    counts = set(divisors) | {
        s.value for s in guess.slots.values() if s.kind == VALUE and type(s.value) is int and 1 < s.value < 8
    }
    for size in sorted(guess.sizes()):
        for count in sorted(counts):
            known = size.letter
            if known is not None and known not in guess.fixed and guess.numbers[known] % count:
                yield replace(guess, numbers={**guess.numbers, known: count * guess.numbers[known]})


def _gates(guess: Guess, multiples: Sequence[int]) -> Iterator[Guess]:
    """Let what weights have most be several times the size of a state: it is split into as many gates."""
    states = [s.sizes[-1] for key, s in guess.slots.items() if s.sizes and STATE.match(key.name)]
    wide = [s.sizes[-1] for key, s in guess.slots.items() if s.sizes and (is_weight(key.name) or len(s.sizes) == 1)]
    counts = Counter(size.letter for size in wide if size.letter is not None)
    for known, _ in counts.most_common():
        for state in dict.fromkeys(states):
            for times in sorted(multiples, reverse=True):
                if known not in guess.fixed and known not in dict(state.terms):
                    yield guess.with_letter(known, multiplied(state, times))


def _divisible(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Let an array have the shape of one that does fit, a size be a multiple of the heads, or two sizes be one."""
    found = re.search(r"array of size (\d+) into shape \(([\d, ]*)\)", failure.message)
    if found:
        held, wanted = int(found[1]), int(np.prod([int(n) for n in re.findall(r"\d+", found[2])]))
        common = gcd(held, wanted)
        likely = list(equal(guess, held // common, wanted // common)) if common > 1 else []
        yield from likely
        yield from equal(guess, held, wanted) if common == 1 and wanted > 0 and guess.of(held) else ()
        letters = [size for slot in guess.slots.values() for size in slot.sizes if size.letter is not None]
        for key in failure.inside:
            for rank in (1, 2, 3):
                for sizes in combinations(dict.fromkeys(letters), rank):
                    if np.prod([guess.number(size) for size in sizes]) == wanted and guess.slots[key].kind != SIZE:
                        kind = INTEGERS if guess.slots[key].kind == LIST else guess.slots[key].kind
                        yield guess.with_slot(key, guess.slots[key]._replace(kind=kind, sizes=sizes))
        if likely:
            return
    yield from _multiples(guess)
    letters = sorted({s.letter for s in guess.sizes() if s.letter is not None})
    own = {size.letter for key in failure.inside for size in guess.slots[key].sizes}
    for first in letters:
        for second in letters:
            if first in own and first != second:
                yield from equal(guess, guess.numbers[first], guess.numbers[second])
