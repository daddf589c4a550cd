"""What an error says about arguments that were made up: NumPy names the sizes that do not fit, and each is a letter."""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from crosscheck.recognise.argument_names import BIAS, TARGET, is_weight
from crosscheck.recognise.broadcasting import as_shapes
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.flattened import BROADCAST
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, SIZE, VALUE, Guess, Key, Slot
from crosscheck.recognise.letters import ONE
from crosscheck.recognise.multiples import divisible, with_gates, with_multiples
from crosscheck.recognise.naming import DATA
from crosscheck.recognise.ranks import of_ranks
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

FEW = 2
"""Symbols in a sequence that must be short"""
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
SAID = re.compile(r"expected[^()]*(\([\d, ]+\)).* (?:got|found|received|but)[^()]*(\([\d, ]+\))", re.IGNORECASE)
"""What programs say themselves of shapes that they check"""
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
    if failure.asserted:
        yield from _as_asserted(guess, failure.asserted, multiples)
    if failure.exceeding:
        yield from _not_exceeding(guess, *failure.exceeding)
    if isinstance(failure.error, AssertionError | ValueError) and (said := SAID.search(message)):
        yield from _as_said(guess, *(tuple(map(int, re.findall(r"\d+", shape))) for shape in said.groups()))
    if isinstance(failure.error, AssertionError) and failure.statement is not None:
        remainders = (isinstance(node, ast.Mod) for node in walk(failure.statement))
        yield from with_multiples(guess, failure.divisors) if any(remainders) else ()
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
        yield from _as_rows(guess, failure)
        yield from _as_sizes(guess)
    if isinstance(failure.error, AttributeError | TypeError) and "'list'" in message:
        for key, slot in guess.slots.items():
            if slot.kind == LIST:
                yield guess.with_slot(key, slot._replace(kind=INTEGERS))
    if isinstance(failure.error, ValueError):
        yield from _as_ones(guess, message)
    if isinstance(failure.error, ValueError | IndexError):
        yield from as_shapes(guess, failure, multiples)
    if "out of bounds for axis" in message or "list index out of range" in message:
        yield from _within(guess, failure, multiples)
    if RANK.search(message):
        yield from of_ranks(guess, failure)
    if "equal division" in message:
        yield from with_gates(guess, multiples)
    if isinstance(failure.error, ValueError) and "reshape" in message:
        yield from divisible(guess, failure)


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
            if guess.of(a + 1) and guess.of(b + 1):  # both of them are one less: without a label, or a bias
                yield from equal(guess, a + 1, b + 1, multiples)
            yield from equal(guess, a, b, multiples)


def _not_exceeding(guess: Guess, large: int, most: int) -> Iterator[Guess]:
    """Let a bound be larger than what it bounds, or that be smaller: other numbers than any size has.

    >>> from crosscheck.recognise.letters import letter
    >>> made = Guess({Key("f", "n"): Slot(SIZE, (letter(1),)), Key("f", "x"): Slot(ARRAY, (letter(2),))}, {1: 7, 2: 11})
    >>> [guess.numbers for guess in _not_exceeding(made, 11, 7)]
    [{1: 12, 2: 11}, {1: 7, 2: 6}]
    """
    taken = {*guess.numbers.values(), *guess.taken}
    larger = next(number for number in itertools.count(large + 1) if number not in taken)
    smaller = next((number for number in range(most - 1, 1, -1) if number not in taken), None)
    for number, changed in ((most, larger), (large, smaller)):
        for size in guess.of(number):
            if changed is not None and size.letter is not None and size.letter not in guess.fixed:
                yield guess.with_number(size.letter, changed)


def _as_said(guess: Guess, wanted: tuple[int, ...], found: tuple[int, ...]) -> Iterator[Guess]:
    """Let what has a shape have the one that a program says it should, or what a loop takes it from row by row.

    >>> from crosscheck.recognise.letters import letter
    >>> slots = {Key("f", "n"): Slot(SIZE, (letter(1),)), Key("f", "xs"): Slot(ARRAY, (letter(2), letter(3)))}
    >>> made = next(_as_said(Guess(slots, {1: 5, 2: 11, 3: 13}), (5, 1), (13,)))
    >>> made.shape(Key("f", "xs"))
    (11, 5, 1)
    """
    for key, slot in guess.slots.items():
        shape = guess.shape(key)
        steps = len(shape) - len(found)
        if slot.kind != ARRAY or steps not in (0, 1) or shape[steps:] != found:
            continue
        known = [ONE if length == 1 else next(iter(guess.of(length)), None) for length in wanted]
        if None not in known:
            sizes = (*slot.sizes[:steps], *(size for size in known if size is not None))
            yield guess.with_slot(key, slot._replace(sizes=sizes, hot=None))


def _with_entry(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Add the entry of a dictionary that was missed; its slot is found by the one who makes slots."""
    missed = failure.error.args[0] if failure.error.args else None
    records = {(key.owner, key.argument) for key in guess.slots if key.entry and key.place is None and not key.is_field}
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


def _as_rows(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Let symbols be rows of numbers, where each of them is indexed in turn: `x[t][j] = words[t][j]`."""
    parts = walk(failure.statement) if failure.statement is not None else ()
    twice = {root_word(n) for n in parts if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Subscript)}
    for key, slot in guess.slots.items():
        if slot.kind in (INTEGERS, LIST) and len(slot.sizes) == 1 and key.name in twice:
            yield guess.with_slot(key, Slot(ARRAY)).with_rank(key, 2)


def _as_ones(guess: Guess, message: str) -> Iterator[Guess]:
    """Let targets be ones among zeros, where they were symbols and are subtracted from a table of as many rows."""
    found = BROADCAST.search(message)
    shapes = [tuple(int(size) for size in re.findall(r"\d+", text)) for text in found.groups()] if found else []
    tables, rows = ([shape for shape in shapes if len(shape) == axes] for axes in (2, 1))
    if not tables or not rows or tables[0][:1] != rows[0]:
        return
    alike = [slot.sizes for key, slot in guess.slots.items() if slot.kind == ARRAY and guess.shape(key) == tables[0]]
    for key, slot in guess.slots.items() if alike else ():
        if slot.kind == INTEGERS and TARGET.match(key.name) and guess.shape(key) == rows[0]:
            yield guess.with_slot(key, slot._replace(kind=ARRAY, sizes=alike[0], hot=-1))


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


def _as_long_as_told(guess: Guess) -> Iterator[Guess]:
    """Yield guesses in which an array has as many rows as a size that is told: an object has a place for each step."""
    told = [slot.sizes[0] for slot in guess.slots.values() if slot.kind == SIZE and len(slot.sizes) == 1]
    for slot in guess.slots.values():
        own = slot.sizes[0].letter if slot.kind == ARRAY and len(slot.sizes) > 1 else None
        if own is not None and own not in guess.fixed:
            yield from (guess.with_letter(own, size) for size in told if size.letter not in (None, own))


def _within(guess: Guess, failure: Failure, multiples: Sequence[int]) -> Iterator[Guess]:
    found = re.search(r"index (\d+) is out of bounds for axis \d+ with size (\d+)", failure.message)
    if found is None:  # of a list: sequences are to be of one length
        lists = [s.sizes[0] for s in guess.slots.values() if s.kind in (LIST, INTEGERS) and s.sizes]
        for first in lists:
            for second in lists:
                if first != second:
                    yield from equal(guess, guess.number(first), guess.number(second))
        yield from _as_long_as_told(guess)
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
