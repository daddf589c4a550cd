"""Shapes that an error names and that do not fit together: two sizes are one, or one of them is 1."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from crosscheck.recognise.argument_names import is_weight
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.guesses import INTEGERS, LIST, SIZE, Guess, Slot
from crosscheck.recognise.letters import ONE, Size
from crosscheck.recognise.ranks import with_ranks

PAIRS = (
    re.compile(r"not aligned: (\d+) \(dim \d\) != (\d+)"),
    re.compile(r"\(size (\d+) is different from (\d+)\)"),
    re.compile(r"index \d+ has size (\d+) and the array at index \d+ has size (\d+)"),
    re.compile(r"size of axis is (\d+) but size of corresponding boolean axis is (\d+)"),
    re.compile(r"but corresponding boolean dimension is (\d+)"),
    re.compile(r"dimension (\d+) .* dimension (\d+)"),
)
SHAPES = re.compile(r"\((\d+(?:,\s*\d+)*),?\)")
OUTPUT = re.compile(r"^(?:n_?|num_?)?(?:o|y|out(?:puts?)?)(?:_?(?:size|dim|len|units?|features?))?$", re.IGNORECASE)
"""What the number of a model's outputs is called"""


def as_shapes(guess: Guess, failure: Failure, multiples: Sequence[int]) -> Iterator[Guess]:
    """Yield guesses in which the shapes that an error names fit together."""
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
                yield from with_ranks(guess, [k for k in guess.slots if guess.shape(k)[1:] == long[1:]], -1)
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
                yield from with_ranks(guess, failure.inside, -1)
            if len(first) != len(second):
                yield from with_ranks(guess, [k for k in failure.inside if guess.shape(k) == longer[1]], +1)
                yield from with_ranks(guess, [k for k in failure.inside if guess.shape(k) == longer[0]], -1)


def _narrower(guess: Guess, failure: Failure, held: tuple[int, ...], made: tuple[int, ...]) -> Iterator[Guess]:
    """Make axes one that an array, to which something was added in place, does not have."""
    for a, b in zip_longest(held[::-1], made[::-1], fillvalue=1):
        if a != b and a == 1:
            yield from ones(guess, b)
    yield from with_ranks(guess, failure.inside, -1)
    for size in made[: len(made) - len(held)]:
        for key in guess.slots:
            if size in guess.shape(key):
                yield from with_ranks(guess, [key], -1)


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
