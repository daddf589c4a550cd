"""What may be meant where two sizes met that do not fit: both are one, or one is made of others in a certain way."""

import re
from collections.abc import Iterator, Sequence
from math import gcd

from crosscheck.recognise.guesses import ARRAY, INTEGERS, LARGEST, LIST, SIZE, Guess
from crosscheck.recognise.letters import ONE, Size, letter, multiplied

OF_STATE = re.compile(r"^(?:[hcs]_?(?:0|prev|init|last)?|.*(?:hid|state|cell|mem|unit).*|n_?[ah]|[hH])$")
"""What states and their sizes are called"""


def equal(guess: Guess, one: int, other: int, multiples: Sequence[int] = ()) -> Iterator[Guess]:
    """Yield guesses in which two numbers that met are the same, most plausible first."""
    if not guess.of(one) and not guess.of(other):
        yield from _without_common(guess, one, other)
        yield from _without_difference(guess, one, other)
        yield from _areas(guess, one, other)
    if not guess.of(one) or not guess.of(other):
        yield from _terms(guess, one, other)
        yield from _products(guess, one, other)
        yield from _tails(guess, one, other, multiples)
    given = {size for key, slot in guess.slots.items() if slot.kind == SIZE and not key.is_inner for size in slot.sizes}
    merged = [changed for a, b in ((one, other), (other, one)) for changed in _made(guess, guess.of(a), b)]
    are_given = set(guess.of(one)) <= given and set(guess.of(other)) <= given
    yield from () if are_given else merged
    firsts, seconds = guess.of(one), guess.of(other)
    for times in sorted(multiples, reverse=True):
        for few, many in ((firsts, seconds), (seconds, firsts)):
            for size, whole in ((s, w) for s in few for w in many):
                known = whole.letter
                if known is not None and known not in guess.fixed and known not in dict(size.terms):
                    yield guess.with_letter(known, multiplied(size, times))


def _without_common(guess: Guess, one: int, other: int) -> Iterator[Guess]:
    """Yield guesses in which two sizes are one that were multiplied by the same: channels, by the area of a kernel."""
    common = gcd(one, other)
    few, many = sorted((one // common, other // common))
    if common > 1 and guess.of(many) and few == 1:
        yield from (
            guess.with_letter(s.letter, ONE) for s in guess.of(many) if s.letter and s.letter not in guess.fixed
        )
    elif common > 1 and guess.of(few) and guess.of(many):
        yield from equal(guess, few, many)


def _without_difference(guess: Guess, one: int, other: int) -> Iterator[Guess]:
    """Yield guesses in which two sums are one that differ by two sizes alone: n + h + 1 beside m + h + 1."""
    single = sorted((size for size in guess.sizes() if size.letter is not None), key=str)
    for size in single:
        for wanted in single:
            step = guess.number(size) - guess.number(wanted)
            if size.letter is None or size.letter in guess.fixed or not 0 < step == abs(one - other):
                continue
            if max(one, other) > guess.number(size) and min(one, other) > guess.number(wanted):
                yield guess.with_letter(size.letter, wanted)


def _areas(guess: Guess, one: int, other: int) -> Iterator[Guess]:
    """Yield guesses in which pictures are as high and as wide as a size says, of which a kernel leaves a margin out.

    8 filters leave 8 * 11 * 12 numbers of pictures of 12 by 13, and 8 * 5 * 5 are expected of a size of 6.

    >>> from crosscheck.recognise.guesses import Key, Slot
    >>> slots = {Key("f", "n"): Slot(SIZE, (letter(1),)), Key("f", "x"): Slot(ARRAY, tuple(map(letter, (2, 3, 4))))}
    >>> made = next(_areas(Guess(slots, {1: 6, 2: 9, 3: 12, 4: 13}), 8 * 11 * 12, 8 * 5 * 5))
    >>> made.shape(Key("f", "x"))
    (9, 6, 6)
    """
    told = [slot.sizes[0] for slot in guess.slots.values() if slot.kind == SIZE and len(slot.sizes) == 1]
    pictures = [slot.sizes[-2:] for slot in guess.slots.values() if slot.kind == ARRAY and len(slot.sizes) > 2]
    for size, sides in ((size, sides) for size in told for sides in pictures):
        length, (high, wide) = guess.number(size), map(guess.number, sides)
        for margin in range(min(length, high, wide)):
            area, expected = (high - margin) * (wide - margin), (length - margin) ** 2
            is_so = one * expected == other * area or one * area == other * expected
            if is_so and area != expected:
                made = guess
                for side in sides:
                    if side.letter is not None and side.letter not in guess.fixed:
                        made = made.with_letter(side.letter, size)
                yield made


def _made(guess: Guess, sizes: Sequence[Size], number: int) -> Iterator[Guess]:
    """Yield guesses in which sizes are those that a number stands for."""
    others = guess.of(number)
    letters = [size.letter for size in sizes if size.letter is not None]
    for known in letters:
        for other in others:
            if known not in dict(other.terms) and not (known in guess.fixed and other.letter not in guess.fixed):
                changed = guess
                for same in letters:
                    if same not in dict(other.terms):
                        changed = changed.with_letter(same, other)
                yield changed
    if others:
        return
    for known in letters:
        for size in _sums(guess, number, known):
            yield guess.with_letter(known, size)
        changed = guess
        for same in letters:
            changed = changed.with_number(same, number)
        if 0 < number <= LARGEST:
            yield changed
        return
    for size in sizes:  # 4H is to be 20: then H is 5
        if len(size.terms) == 1 and number > size.constant:
            ((known, times),) = size.terms
            if (number - size.constant) % times == 0:
                yield guess.with_number(known, (number - size.constant) // times)


def _terms(guess: Guess, one: int, other: int) -> Iterator[Guess]:
    """Yield guesses for a number that is a sum: of two sizes, as the other is, or of one and what the module fixes."""
    letters = sorted({s.letter for s in guess.sizes() if s.letter is not None} - guess.fixed)
    given = {s.letter for slot in guess.slots.values() if slot.kind == SIZE for s in slot.sizes}
    for made, wanted in ((one, other), (other, one)):
        sums = [(a, b) for a in letters for b in letters if a != b and guess.numbers[a] + guess.numbers[b] == made]
        for a, b in sums:
            pairs = [(c, d) for c in letters for d in letters if guess.numbers[c] + guess.numbers[d] == wanted]
            pairs = [(c, d) for c, d in pairs if c != d and not {a, b} <= given]
            pairs = [(c, d) for c, d in pairs if a == c or b == d or not {a, b} & {c, d}]
            for c, d in sorted(pairs, key=lambda pair: _mixes(guess, a, pair[0]) + _mixes(guess, b, pair[1])):
                changed = guess if a == c else guess.with_letter(a, letter(c))
                yield changed if b == d else changed.with_letter(b, letter(d))
        for known in letters:
            rest = made - guess.numbers[known]
            if rest in guess.taken and 0 < wanted - rest <= LARGEST and known not in given:
                yield guess.with_number(known, wanted - rest)


def _mixes(guess: Guess, one: int, other: int) -> bool:
    """Tell whether, of two letters, one is a size of states by the names that it goes by, and the other is none."""
    names = [[key.name for key, slot in guess.slots.items() if letter(a) in slot.sizes] for a in (one, other)]
    return any(map(OF_STATE.search, names[0])) != any(map(OF_STATE.search, names[1]))


def _products(guess: Guess, one: int, other: int) -> Iterator[Guess]:
    """Yield guesses for a number that is a product: axes were put into one, of one array and not of another."""
    letters = sorted({s.letter for s in guess.sizes() if s.letter is not None} - guess.fixed)
    for part, whole in ((one, other), (other, one)):
        factors = [(a, b) for a in letters for b in letters if guess.numbers[a] * guess.numbers[b] == whole and a != b]
        yield from _in_rows(guess, part, factors)
        for a, b in factors:
            if guess.numbers[a] == part:
                yield guess.with_letter(b, ONE)
            elif a < b and guess.numbers[b] != part:
                for key, slot in guess.slots.items():
                    if len(slot.sizes) == 1 and guess.shape(key) == (part,) and slot.kind in (ARRAY, INTEGERS, LIST):
                        kind = ARRAY if slot.kind == ARRAY else INTEGERS
                        yield guess.with_slot(key, slot._replace(kind=kind, sizes=(letter(a), letter(b))))


def _in_rows(guess: Guess, part: int, factors: Sequence[tuple[int, int]]) -> Iterator[Guess]:
    """Yield guesses in which a table that was put into one axis, `y.reshape(-1, 1)`, is a row as long as the other."""
    for key, slot in guess.slots.items():
        if slot.kind in (ARRAY, INTEGERS) and tuple(size.letter for size in slot.sizes) in factors:
            yield from (guess.with_slot(key, slot._replace(sizes=(size,))) for size in guess.of(part))


def _sums(guess: Guess, number: int, without: int) -> Iterator[Size]:
    """Yield small multiples of letters, and sums of two, that make a number."""
    letters = sorted({s.letter for s in guess.sizes() if s.letter is not None} - {without} - guess.fixed)
    for known in letters:
        for times in (2, 3, 4):
            if times * guess.numbers[known] == number:
                yield Size(((known, times),))
    for place, first in enumerate(letters):
        for second in letters[place + 1 :]:
            if guess.numbers[first] + guess.numbers[second] == number:
                yield Size(((first, 1), (second, 1)))


def _tails(guess: Guess, one: int, other: int, multiples: Sequence[int]) -> Iterator[Guess]:
    """Yield guesses for what a slice to the end left: (k - 1)H were cut off, and it is not H that remains."""
    for part, tail in ((one, other), (other, one)):
        parts = [size for size in guess.of(part) if size.letter is not None] or [Size((), part)]
        for size in sorted(guess.sizes()):
            known = size.letter
            cut = [k for k in (2, 3, 4) if known is not None and guess.numbers[known] - (k - 1) * part == tail]
            for times in sorted({*cut, *multiples} if cut else (), reverse=True):
                if parts[0].letter is None:
                    yield guess.with_number(known, times * part)  # pyright: ignore[reportArgumentType]
                elif parts[0].letter != known:
                    yield guess.with_letter(known, multiplied(parts[0], times))  # pyright: ignore[reportArgumentType]
