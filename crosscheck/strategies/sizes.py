"""Sizes: ranges of them, draws that are pairwise different where they can be, and the way down to the smallest.

Pairwise different sizes matter because square shapes hide transposes and swapped axes.
"""

from collections.abc import Iterator
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.strategies.randomness import below, word

Range = tuple[int, int]
"""Least and greatest value, both included."""
Sizes = tuple[int, ...]

_ATTEMPTS = 2
"""Draws before equal sizes are accepted: a few cases in a hundred keep them, because sizes may also be equal in use."""


def check_range(name: str, value: Any, least: int) -> Range:
    """Return the range; refuse what is not two integers in order, from `least` upwards."""
    try:
        low, high = value
        low, high = (int(end) if end == int(end) else None for end in (low, high))
    except (TypeError, ValueError):
        low = high = None
    if low is None or high is None or not least <= low <= high:
        raise CrosscheckError(
            f"{name} is {value!r}, expected the least and the greatest size, such as ({max(least, 1)}, 12), "
            f"from {least} upwards.",
            code="bad-sizes",
        )
    return low, high


def pairwise_different(sizes: Sizes) -> bool:
    """Tell whether no two sizes are equal."""
    return len(set(sizes)) == len(sizes)


def smallest_different(ranges: tuple[Range, ...]) -> Sizes | None:
    """Return small pairwise different sizes within the ranges, None where there are none.

    Values are dealt from the smallest upwards, each to the open range that closes first: no other order succeeds where
    this one fails.
    """
    dealt: dict[int, int] = {}
    for value in range(min(low for low, _ in ranges), max(high for _, high in ranges) + 1):
        waiting = [i for i, (low, high) in enumerate(ranges) if i not in dealt and low <= value <= high]
        if waiting:
            dealt[min(waiting, key=lambda i: ranges[i][1])] = value
    return tuple(dealt[i] for i in range(len(ranges))) if len(dealt) == len(ranges) else None


def draw_sizes(ranges: tuple[Range, ...], bits: int) -> Sizes:
    """Draw uniformly within the ranges, again where two sizes came out equal, a few times at most."""
    sizes: Sizes = ()
    for _ in range(_ATTEMPTS):
        drawn = []
        for low, high in ranges:
            bits = word(bits)
            drawn.append(low + below(bits, high - low + 1))
        sizes = tuple(drawn)
        if pairwise_different(sizes):
            break
    return sizes


def fold(size: int, into: Range) -> int:
    """Return the size if it lies in the range, else count it out round and round the range, from 1.

    >>> [fold(size, (4, 6)) for size in range(1, 9)]
    [4, 5, 6, 4, 5, 6, 4, 5]
    """
    low, high = into
    return size if low <= size <= high else low + (size - 1) % (high - low + 1)


def smaller_sizes(sizes: Sizes, ranges: tuple[Range, ...], order: tuple[int, ...]) -> Iterator[Sizes]:
    """Yield the sizes with one of them lowered, in the given order: to its least, to half the way, by one."""
    for i in order:
        low, size = ranges[i][0], sizes[i]
        for candidate in sorted({low, (low + size) // 2, size - 1}):
            if low <= candidate < size:
                yield (*sizes[:i], candidate, *sizes[i + 1 :])


def schedule(weights: dict[str, int]) -> tuple[str, ...]:
    """Return the round in which names take turns: each as often as its weight, and each once before any comes twice.

    >>> schedule({"a": 3, "b": 1, "c": 2})
    ('a', 'b', 'c', 'a', 'c', 'a')
    """
    turns = range(max(weights.values()))
    return tuple(name for turn in turns for name, weight in weights.items() if weight > turn)
