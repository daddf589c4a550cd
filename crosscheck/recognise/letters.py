"""Sizes that are not known yet: letters, sums and multiples of these, and constants."""

from typing import NamedTuple


class Size(NamedTuple):
    """A sum of letters, each some times, and a constant: 4H, or n_a + n_x, or 1."""

    terms: tuple[tuple[int, int], ...] = ()
    constant: int = 0

    @property
    def letter(self) -> int | None:
        """The letter that it is; None if it is anything else."""
        plain = len(self.terms) == 1 and self.terms[0][1] == 1 and self.constant == 0
        return self.terms[0][0] if plain else None

    def with_letter(self, letter: int, other: "Size") -> "Size":
        """Put a size in a letter's place."""
        times = dict(self.terms).get(letter)
        if times is None:
            return self
        terms = {known: count for known, count in self.terms if known != letter}
        for known, count in other.terms:
            terms[known] = terms.get(known, 0) + times * count
        return Size(tuple(sorted(terms.items())), self.constant + times * other.constant)


ONE = Size((), 1)


def letter(number: int) -> Size:
    """Return the size that is one letter."""
    return Size(((number, 1),))


def multiplied(size: Size, times: int) -> Size:
    """Return a size that is some times as large."""
    return Size(tuple((known, count * times) for known, count in size.terms), size.constant * times)
