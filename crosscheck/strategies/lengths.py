"""Which lengths of an example's axes may vary, and which must vary along with them.

Nothing but the shapes is known, so the rules are careful: a length that might depend on another one follows it, and
where that can be read in two ways, all lengths concerned stay as they are. An example whose lengths are pairwise
different, and none the sum or a multiple of others, leaves nothing to guess: primes such as 5, 11, 23.
"""

import itertools
from collections.abc import Collection, Iterable
from typing import NamedTuple

from crosscheck.errors import CrosscheckError
from crosscheck.strategies.sizes import Sizes

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


class Sum(NamedTuple):
    """A length as `constant` plus multiples of lengths that vary."""

    constant: int
    multiples: tuple[tuple[int, int], ...] = ()
    """Pairs of a factor and a length of the example."""


class Lengths(NamedTuple):
    """The lengths of an example that vary, and what the others are in terms of them."""

    names: tuple[str, ...]
    """Where each length that varies occurs first, such as `W axis 0`."""
    given: Sizes
    """The lengths that vary, as they are in the example. Two axes of equal length vary together."""
    rules: dict[int, Sum]
    """What becomes of each length of the example that is not 0 or 1; those stay."""

    def resized(self, sizes: Sizes) -> dict[int, int]:
        """Return what becomes of each length, other than 0 and 1, if those that vary take the given sizes."""
        new = dict(zip(self.given, sizes, strict=True))
        return {
            length: rule.constant + sum(factor * new[other] for factor, other in rule.multiples)
            for length, rule in self.rules.items()
        }

    def reversed_in_order(self) -> Sizes:
        """Return small sizes, pairwise different, in which what was longer is shorter, and none is what it was."""
        sizes: dict[int, int] = {}
        for length in sorted(self.given, reverse=True):
            sizes[length] = next(
                p for p in itertools.chain(_PRIMES, itertools.count(41)) if p not in (length, *sizes.values())
            )
        return tuple(sizes[length] for length in self.given)


def infer(
    shapes: Iterable[tuple[str, tuple[int, ...]]], *, vary: bool | Collection[int], fixed: Collection[int]
) -> Lengths:
    """Read the shapes of an example's arrays, in the order in which the lengths should be named and shrunk.

    `vary` is whether lengths vary, or the lengths that do, the others then following or staying. `fixed` lengths stay.
    Raises CrosscheckError if a length to vary does not occur.
    """
    places: dict[int, str] = {}
    for name, shape in shapes:
        for axis, length in enumerate(shape):
            if length > 1:
                places.setdefault(length, f"{name} axis {axis}")
    chosen = set(places) if vary is True else set() if vary is False else set(vary)
    if strange := sorted(chosen - set(places)):
        raise CrosscheckError(
            f"vary names the length {strange[0]}, which no array of the example has: its lengths are "
            f"{', '.join(map(str, sorted(places)))}, and lengths of 0 and 1 do not vary.",
            code="bad-sizes",
        )
    stay = set(fixed) & set(places)
    if vary is True:
        while ambiguous := _ambiguous(sorted(places), stay):
            stay |= ambiguous
    else:
        stay |= {length for length in set(places) - chosen if len(_readings(length, chosen - stay, stay)) != 1}
    rules: dict[int, Sum] = {}
    for length in sorted(places):
        varying = [shorter for shorter in rules if rules[shorter] == Sum(0, ((1, shorter),))]
        readings = _readings(length, varying, stay) if vary is True or length not in chosen else []
        rules[length] = Sum(length) if length in stay else readings[0] if readings else Sum(0, ((1, length),))
    given = tuple(length for length in places if rules[length] == Sum(0, ((1, length),)))
    return Lengths(tuple(places[length] for length in given), given, rules)


def _readings(length: int, varying: Collection[int], fixed: Collection[int]) -> list[Sum]:
    """Return the ways to read a length as a multiple, a sum or the successor of lengths that vary."""
    shorter = sorted(other for other in varying if other < length)
    multiples = [Sum(0, ((length // a, a),)) for a in shorter if length % a == 0]
    sums = [Sum(0, ((1, a), (1, b))) for a, b in itertools.combinations(shorter, 2) if a + b == length]
    shifted = [Sum(length - a, ((1, a),)) for a in shorter if length - a == 1 or length - a in fixed]
    return multiples + sums + shifted


def _ambiguous(lengths: list[int], fixed: set[int]) -> set[int]:
    """Return the lengths concerned by the first one that can be read in two ways; none if there is no such length."""
    varying: list[int] = []
    for length in lengths:
        if length in fixed:
            continue
        readings = _readings(length, varying, fixed)
        if len(readings) > 1:
            return {length} | {other for reading in readings for _, other in reading.multiples}
        if not readings:
            varying.append(length)
    return set()
