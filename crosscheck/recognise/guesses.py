"""What may be handed to a function that nobody calls: arrays whose sizes are letters, each letter a number of its own.

No two letters have the same number until something demands it, so that an error message that speaks of 7 and 11 tells
which two letters are one, and a transpose shows.
"""

import copy
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.letters import ONE, Size, letter

PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109)
SMALL = (5, 6, 7, *range(8, 90))
STEPS = 4
"""In a sequence of symbols: windows of truncation are no shorter, as a rule"""
SYMBOLS = 4
"""Different symbols in a sequence: fewer than the smallest size, and some occur twice"""
LONGEST = 40
"""Letters of a text that is told"""
LARGEST = 120
"""Nothing that is made up is longer: a larger number in an error message is a product, or a size of real data"""
MOST = 200_000
"""Numbers in an array that is made up: a batch of pictures has four sizes, all of them primes at first"""
MOST_PLACES = 7
"""Places of one letter that are tried with another"""
SHARES = "between zero and one"
"""The value of an array's slot whose entries are probabilities"""
MASK = "zeros and ones"
ANSWERS = "yes and no"
"""The value of an array's slot that tells what counts"""
LENGTHS = "lengths"
"""The value of a slot of integers that tell how long sequences are: no longer than the shortest that is made up"""
LABELLED = "rows with labels"
"""The value of a slot of rows of which the last number is a class, one of two: lists of plain numbers"""
SHORTEST = 3
SPANS = (3, 2, 4)
"""Lengths of kernels"""
TUPLE = "a tuple"
"""The value of a slot of sizes that is a tuple even where it is a single one"""
PAIRED = "&"
ARRAY, INTEGERS, LIST, SIZE, VALUE = "array", "integers", "list", "size", "value"


class Slot(NamedTuple):
    """One argument, or one entry of a dictionary that is an argument."""

    kind: str
    sizes: tuple[Size, ...] = ()
    value: Any = None
    hot: int | None = None
    """The axis along which a single entry is one and all others are zero"""


class Key(NamedTuple):
    """Where a slot's value goes."""

    owner: str
    """A function's qualified name; nothing for a global of the module"""
    argument: str
    entry: str = ""

    @property
    def is_inner(self) -> bool:
        """Whether it belongs to one of several objects in a list (making.py): what one returns the next is handed."""
        return "#" in self.owner

    @property
    def name(self) -> str:
        """What the author calls it."""
        entry = self.entry.partition(" ")[2] if self.entry.startswith(("#", PAIRED)) else self.entry
        return entry.removeprefix(".") or self.argument

    @property
    def is_field(self) -> bool:
        """Whether it is an attribute of a record: the entry is `.x` then."""
        return self.entry.startswith(".")

    @property
    def place(self) -> int | None:
        """Where it stands in a list that is an argument: the entry is `#0 W` then."""
        return int(self.entry[1:].partition(" ")[0]) if self.entry.startswith("#") else None

    @property
    def is_paired(self) -> bool:
        """Whether it is a part of each entry of a list of tuples: the entry is `&0 x` then, for all of them."""
        return self.entry.startswith(PAIRED)

    def __str__(self) -> str:
        if self.is_paired:
            return f"{self.name} of {self.argument}"
        if self.place is not None:
            return f"{self.argument}[{self.place}]"
        if self.is_field:
            return self.argument + self.entry
        return f"{self.argument}[{self.entry!r}]" if self.entry else self.argument


@dataclass(frozen=True)
class Guess:
    """Values for all slots, by letters."""

    slots: Mapping[Key, Slot]
    numbers: Mapping[int, int]
    """Of the letters"""
    fixed: frozenset[int] = frozenset()
    """Letters whose numbers come from what exists already"""
    symbols: int = SYMBOLS
    taken: frozenset[int] = frozenset()
    """Numbers that mean something in the module already"""

    bias: tuple[int, ...] = (0,)
    """How biases lie where nothing tells: 0 for a size, 1 for an axis of length one"""

    together: tuple[tuple[Key, ...], ...] = ()
    """What has as many entries as each other, however many axes it turns out to have"""

    def identity(self) -> tuple[Any, ...]:
        """Return what tells guesses apart."""
        slots = ((k, s.kind, s.sizes, repr(s.value), s.hot) for k, s in self.slots.items())
        return (*slots, *sorted(self.numbers.items()), self.symbols)

    def number(self, size: Size) -> int:
        """Return the number that a size stands for."""
        return size.constant + sum(times * self.numbers[known] for known, times in size.terms)

    def shape(self, key: Key) -> tuple[int, ...]:
        """Return the shape of a slot's array."""
        return tuple(self.number(size) for size in self.slots[key].sizes)

    def sizes(self) -> set[Size]:
        """Return all sizes in use."""
        return {size for slot in self.slots.values() for size in slot.sizes}

    def of(self, number: int) -> list[Size]:
        """Return the sizes that have a number, single letters first."""
        found = [size for size in self.sizes() if self.number(size) == number and size != ONE]
        return sorted(found, key=lambda size: (size.letter is None, size))

    def fresh(self, rank: int) -> tuple[tuple[Size, ...], dict[int, int]]:
        """Return letters that are not in use yet, and the numbers of all."""
        numbers = dict(self.numbers)
        made = []
        for _ in range(rank):
            new = max(numbers, default=0) + 1
            taken = {*numbers.values(), *self.taken}
            numbers[new] = next((p for p in PRIMES if p not in taken), 113)
            made.append(letter(new))
        return tuple(made), numbers

    def with_rank(self, key: Key, rank: int) -> "Guess":
        """Return the guess in which an array has another number of axes, all of them unknown."""
        sizes, numbers = self.fresh(rank)
        made = replace(self, slots={**self.slots, key: self.slots[key]._replace(sizes=sizes)}, numbers=numbers)
        return made.of_one_length()

    def with_bias(self, key: Key, slot: Slot) -> "Guess":
        """Return the guess with a bias, which lies as biases do."""
        fresh, numbers = self.fresh(len(self.bias))
        sizes = tuple(ONE if one else size for one, size in zip(self.bias, fresh, strict=True))
        return replace(self, slots={**self.slots, key: slot._replace(sizes=sizes)}, numbers=numbers)

    def with_slot(self, key: Key, slot: Slot) -> "Guess":
        """Return the guess with another slot."""
        return replace(self, slots={**self.slots, key: slot})

    def with_letter(self, old: int, size: Size) -> "Guess":
        """Return the guess in which a size stands for a letter."""
        slots = {
            key: slot._replace(sizes=tuple(known.with_letter(old, size) for known in slot.sizes))
            for key, slot in self.slots.items()
        }
        return replace(self, slots=slots)

    def of_one_length(self) -> "Guess":
        """Return the guess in which what is gone through side by side has the same length."""
        for keys in self.together:
            slots = [self.slots[key] for key in keys if key in self.slots]
            long = [slot for slot in slots if slot.kind in (ARRAY, INTEGERS, LIST) and slot.sizes]
            long += [slot for slot in slots if slot.kind == SIZE and len(slot.sizes) == 1]  # of several it is none
            firsts = [slot.sizes[0] for slot in long]
            for other in firsts[1:]:
                if other.letter is not None and other.letter not in self.fixed | dict(firsts[0].terms).keys():
                    return self.with_letter(other.letter, firsts[0]).of_one_length()
        return self

    def split(self) -> Iterator["Guess"]:
        """Yield guesses in which a letter that some array has twice is another letter in some of its places."""
        arrays = {key: slot for key, slot in self.slots.items() if slot.kind == ARRAY}
        twice = {size.letter for slot in arrays.values() for size in slot.sizes if slot.sizes.count(size) > 1}
        for known in sorted(twice - {None} - self.fixed):  # pyright: ignore[reportArgumentType]
            places = [
                (key, axis)
                for key, slot in self.slots.items()
                for axis, size in enumerate(slot.sizes)
                if size.letter == known and slot.kind in (ARRAY, SIZE)
            ]
            (fresh,), numbers = self.fresh(1)
            for count in range(1, min(len(places), MOST_PLACES)):
                for chosen in combinations(places[:MOST_PLACES], count):
                    slots = dict(self.slots)
                    for key, axis in chosen:
                        sizes = (*slots[key].sizes[:axis], fresh, *slots[key].sizes[axis + 1 :])
                        slots[key] = slots[key]._replace(sizes=sizes)
                    yield replace(self, slots=slots, numbers=numbers)

    def with_spans(self, key: Key, axes: Sequence[int]) -> "Guess | None":
        """Return the guess in which some axes of an array are shorter than all else: those of a kernel."""
        letters = [self.slots[key].sizes[axis].letter for axis in axes]
        used = set(self.numbers.values())
        spans = [span for span in SPANS if span not in used]
        found = {known: span for known, span in zip(letters, spans, strict=False) if known is not None}
        if len(found) < len(axes) or found.keys() & self.fixed:
            return None
        return replace(self, numbers={**self.numbers, **found})

    def with_number(self, known: int, number: int) -> "Guess":
        """Return the guess in which a letter has a number that comes from elsewhere."""
        return replace(self, numbers={**self.numbers, known: number}, fixed=self.fixed | {known})

    def smaller(self, choice: Iterable[int] = SMALL, *, in_order: bool = False) -> "Guess":
        """Return the guess with small numbers, still pairwise different; `in_order` what was smaller stays so."""
        used = sorted({known for size in self.sizes() for known, _ in size.terms})
        used = sorted(used, key=lambda known: self.numbers[known]) if in_order else used
        symbols = [slot for slot in self.slots.values() if slot.kind in (LIST, INTEGERS) and len(slot.sizes) == 1]
        steps = [size.letter for slot in symbols for size in slot.sizes]
        numbers = {known: self.numbers[known] for known in used if known in self.fixed}
        numbers |= {known: STEPS for known in used if known in steps and known not in numbers}
        free = (small for small in choice if small not in {*numbers.values(), *self.taken})
        return replace(self, numbers={k: numbers[k] if k in numbers else next(free) for k in used})

    def alike(self) -> "Guess":
        """Return the guess in which all letters are the same small number but those that come from elsewhere."""
        return replace(self, numbers={k: n if k in self.fixed else SMALL[0] for k, n in self.numbers.items()})

    def values(self, keys: Sequence[Key] | None = None) -> dict[Key, Any]:
        """Return the values of slots."""
        return {key: self._value(key) for key in (self.slots if keys is None else keys)}

    def _value(self, key: Key) -> Any:
        slot, shape = self.slots[key], self.shape(key)
        random = np.random.default_rng(zlib.crc32(str(key).encode()))
        if slot.kind == VALUE:  # what is called may write into it
            is_plain = isinstance(slot.value, str | int | float | type | ModuleType | None) or callable(slot.value)
            return slot.value if is_plain else copy.deepcopy(slot.value)
        if slot.kind == SIZE and slot.value == TUPLE:
            return shape
        if slot.kind == SIZE:
            return shape[0] if len(shape) == 1 else list(shape)
        if slot.kind in (INTEGERS, LIST):
            if slot.value == LENGTHS:
                return random.integers(1, SHORTEST + 1, size=shape)
            drawn = random.integers(0, self.symbols, size=shape)
            drawn.flat[: self.symbols] = random.permutation(self.symbols)[: drawn.size]
            return drawn.tolist() if slot.kind == LIST else drawn
        if slot.hot is not None and shape:
            return _hot(shape, slot.hot % len(shape), random)
        if not shape:
            return float(random.normal() * 0.5)
        if slot.value == MASK:  # padding stands at the end
            return (np.arange(shape[-1]) < random.integers(1, shape[-1] + 1, size=(*shape[:-1], 1))).astype(float)
        if slot.value == ANSWERS:  # both of them, where there is room
            return np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3 != 1
        if slot.value == LABELLED:
            rows = random.normal(size=(shape[0], shape[1] - 1)) * 0.5
            return [[*row, place % 2] for place, row in enumerate(rows.tolist())]
        if slot.value == SHARES:
            return 0.05 + 0.9 * random.random(size=shape)
        return random.normal(size=shape) * 0.5

    def is_modest(self) -> bool:
        """Tell whether all of it is small."""
        return self.is_light() and all(0 < number <= LARGEST for number in self.numbers.values())

    def is_light(self) -> bool:
        """Tell whether no array has very many entries."""
        return all(np.prod(self.shape(key), dtype=float) <= MOST for key in self.slots)

    def made_up(self) -> str:
        """Say what a call was made with; nothing of a call without arguments."""
        told = ", ".join(f"{name} {what}" for name, what in self.told().items())
        return f" with made-up {told}" if told else ""

    def told(self) -> dict[str, str]:
        """Return in words what was made up."""
        made = {key: slot for key, slot in self.slots.items() if not isinstance(slot.value, ModuleType)}
        return {str(key): _told(slot, self.shape(key)) for key, slot in made.items()}


def _told(slot: Slot, shape: tuple[int, ...]) -> str:
    if slot.kind == VALUE:
        if isinstance(slot.value, str) and len(slot.value) > LONGEST:
            return "a text"
        if isinstance(slot.value, str | int | float | bool | None) or repr(slot.value).startswith("a "):
            return repr(slot.value)
        if isinstance(slot.value, dict | list | np.ndarray):
            return f"as it is in the file ({type(slot.value).__name__})"
        return f"a {type(slot.value).__name__}"
    if slot.kind == SIZE:
        return str(shape[0]) if len(shape) == 1 else str(list(shape))
    return f"{'integers ' if slot.kind in (INTEGERS, LIST) else ''}{shape}"


def _hot(shape: tuple[int, ...], axis: int, random: np.random.Generator) -> np.ndarray:
    made = np.zeros(shape)
    if shape[axis] == 1:
        return random.integers(0, 2, size=shape).astype(float)
    chosen = random.integers(0, shape[axis], size=shape[:axis] + shape[axis + 1 :])
    np.put_along_axis(made, np.expand_dims(chosen, axis), 1.0, axis)
    return made
