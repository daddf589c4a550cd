"""Sizes that are to be multiples of others: of heads, of groups, of gates, of what an array is reshaped to."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import gcd

import numpy as np

from crosscheck.recognise.argument_names import STATE, is_weight
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.guesses import INTEGERS, LIST, SIZE, VALUE, Guess, Slot
from crosscheck.recognise.letters import ONE, multiplied


def with_multiples(guess: Guess, divisors: Iterable[int] = ()) -> Iterator[Guess]:
    """Let a size be a multiple of a count that was made up or is given: of the heads, or of the groups."""
    counts = set(divisors) | {
        s.value for s in guess.slots.values() if s.kind == VALUE and type(s.value) is int and 1 < s.value < 8
    }
    for size in sorted(guess.sizes()):
        for count in sorted(counts):
            known = size.letter
            if known is not None and known not in guess.fixed and guess.numbers[known] % count:
                yield replace(guess, numbers={**guess.numbers, known: count * guess.numbers[known]})


def with_gates(guess: Guess, multiples: Sequence[int]) -> Iterator[Guess]:
    """Let what weights have most be several times the size of a state: it is split into as many gates."""
    states = [s.sizes[-1] for key, s in guess.slots.items() if s.sizes and STATE.match(key.name)]
    wide = [s.sizes[-1] for key, s in guess.slots.items() if s.sizes and (is_weight(key.name) or len(s.sizes) == 1)]
    counts = Counter(size.letter for size in wide if size.letter is not None)
    for known, _ in counts.most_common():
        for state in dict.fromkeys(states):
            for times in sorted(multiples, reverse=True):
                if known not in guess.fixed and known not in dict(state.terms):
                    yield guess.with_letter(known, multiplied(state, times))


def divisible(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Let an array have the shape of one that does fit, a size be a multiple of the heads, or two sizes be one."""
    found = re.search(r"array of size (\d+) into shape \(([\d, ]*)\)", failure.message)
    if found:
        held, wanted = int(found[1]), int(np.prod([int(n) for n in re.findall(r"\d+", found[2])]))
        if wanted == 1:  # `x[t].reshape(1, 1)`: of one number each, or of one example
            free = (size.letter for size in guess.of(held) if size.letter not in (None, *guess.fixed))
            yield from (guess.with_letter(known, ONE) for known in free)
            indices = (key for key, slot in guess.slots.items() if slot.kind in (LIST, INTEGERS))
            yield from (guess.with_slot(key, Slot(VALUE, value=1)) for key in indices if len(guess.shape(key)) == 1)
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
    yield from _with_rest(guess, failure.message)
    yield from with_multiples(guess)
    letters = sorted({s.letter for s in guess.sizes() if s.letter is not None})
    own = {size.letter for key in failure.inside for size in guess.slots[key].sizes}
    for first in letters:
        for second in letters:
            if first in own and first != second:
                yield from equal(guess, guess.numbers[first], guess.numbers[second])


def _with_rest(guess: Guess, message: str) -> Iterator[Guess]:
    """Let a size that an array cannot be cut by be one that it is made of: `W.reshape(9 * channels, -1)`."""
    found = re.search(r"array of size (\d+) into shape \(((?:\d+,)*)newaxis", message)
    if not found:
        return
    held, wanted = int(found[1]), int(np.prod([int(n) for n in re.findall(r"\d+", found[2])]))
    rest = wanted // gcd(held, wanted)
    numbers = dict.fromkeys(guess.number(size) for size in guess.sizes() if size.letter is not None)
    for number in (n for n in numbers if rest > 1 and guess.of(rest) and held // gcd(held, wanted) % n == 0):
        yield from equal(guess, number, rest)
