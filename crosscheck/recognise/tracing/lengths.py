"""Lengths of axes as polynomials of unknowns, and the equations between them that a program's operations state.

A length is an int as well, with a number that no other unknown has, so that loops over it run.
"""

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

Terms = Mapping[tuple[str, ...], int]
"""Coefficients of products of unknowns: {('H',): 4, (): 1} is 4H + 1"""
NUMBERS = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109)
MOST_TERMS = 12


class ContradictionError(Exception):
    """Two lengths that cannot be one."""


class Length(int):
    """A length: a number for now, and what it is made of."""

    terms: Terms
    equations: "Equations"

    def __add__(self, other: Any) -> Any:
        return self._combined(other, 1, int.__add__)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._combined(other, -1, int.__sub__)

    def __rsub__(self, other: Any) -> Any:
        return (-1 * self) + other if type(other) in (int, Length) else int.__rsub__(self, other)

    def __neg__(self) -> Any:
        return -1 * self

    def __mul__(self, other: Any) -> Any:
        if type(other) not in (int, Length):
            return int.__mul__(self, other)
        return self.equations.length(times(self.terms, terms_of(other)))

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        if type(other) not in (int, Length) or int(other) < 1:
            return int.__floordiv__(self, other)
        return self.equations.divided(self, other)

    def __mod__(self, other: Any) -> Any:
        if type(other) not in (int, Length) or int(other) < 1:
            return int.__mod__(self, other)
        self.equations.divided(self, other)
        return 0

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        return self * self if other == 2 and type(other) is int else int.__pow__(self, other)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Length) and int(self) != int(other):
            self.equations.compared.append((self, other))
        return int.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return int.__hash__(self)

    def _combined(self, other: Any, sign: int, plain: Any) -> Any:
        if type(other) not in (int, Length):
            return plain(self, other)
        return self.equations.length(plus(self.terms, terms_of(other), sign))


def terms_of(number: int) -> Terms:
    """Return what a number is made of."""
    return number.terms if isinstance(number, Length) else {(): int(number)} if number else {}


def plus(one: Terms, other: Terms, sign: int = 1) -> Terms:
    """Return a sum, or a difference."""
    found = dict(one)
    for term, count in other.items():
        found[term] = found.get(term, 0) + sign * count
    return {term: count for term, count in found.items() if count}


def times(one: Terms, other: Terms) -> Terms:
    """Return a product."""
    found: dict[tuple[str, ...], int] = {}
    for a, m in one.items():
        for b, n in other.items():
            term = tuple(sorted((*a, *b)))
            found[term] = found.get(term, 0) + m * n
    return {term: count for term, count in found.items() if count}


def with_terms(terms: Terms, name: str, other: Terms) -> Terms:
    """Put something in an unknown's place."""
    found: Terms = {}
    for term, count in terms.items():
        part: Terms = {tuple(known for known in term if known != name): count}
        for _ in range(term.count(name)):
            part = times(part, other)
        found = plus(found, part)
    return found


class Equations:
    """What is known of the unknowns."""

    def __init__(self, taken: Iterable[int] = ()) -> None:
        self.numbers: dict[str, int] = {}
        self.known: dict[str, Terms] = {}
        """What unknowns were found to be"""
        self.taken = set(taken)
        self.compared: list[tuple[Length, Length]] = []
        """Lengths that a program found to differ"""
        self.beyond: dict[Length, int] = {}
        """The largest index of axes that were too short for it"""

    def unknown(self, name: str) -> Length:
        """Return an unknown by its name; the same one for the same name."""
        if name not in self.numbers:
            used = {*self.numbers.values(), *self.taken}
            self.numbers[name] = next(number for number in (*NUMBERS, *range(113, 999)) if number not in used)
        return self.length({(name,): 1})

    def another(self, what: str) -> Length:
        """Return an unknown that is no argument's; the same one for the same thing."""
        return self.unknown(f"#{what}")

    def length(self, terms: Terms) -> Any:
        """Return a length; a plain number where nothing is unknown of it."""
        terms = self.resolved(terms)
        number = sum(count * prod(self.numbers[name] for name in term) for term, count in terms.items())
        if not any(terms):
            return number
        if len(terms) > MOST_TERMS:
            raise ContradictionError("too long a sum")
        made = Length(number)
        made.terms, made.equations = terms, self
        return made

    def resolved(self, terms: Terms) -> Terms:
        """Return what something is made of, with all that is known put in."""
        for _ in range(len(self.known) + 1):
            names = {name for term in terms for name in term} & self.known.keys()
            if not names:
                return terms
            for name in names:
                terms = with_terms(terms, name, self.known[name])
        raise ContradictionError("a circle")

    def index(self, size: Any, index: int) -> None:
        """Note that an axis is indexed."""
        if isinstance(size, Length) and index >= int(size):
            self.beyond[size] = max(index, self.beyond.get(size, 0))

    def stretch(self) -> None:
        """Let axes that were too short for a loop's indices be as long as what the loop runs over."""
        for size, index in self.beyond.items():
            end = self.of(index + 1)
            if isinstance(end, Length):
                self.equal(size, end)
        self.beyond.clear()

    def of(self, number: Any) -> Any:
        """Return a length for a number: the unknown that has it, unless it is written in the program."""
        if isinstance(number, Length):
            return self.length(number.terms)
        number = int(number)
        if number in self.taken:
            return number
        name = next((name for name, own in self.numbers.items() if own == number), None)
        return number if name is None else self.length({(name,): 1})

    def equal(self, one: Any, other: Any) -> Any:
        """Let two lengths be one, and return it. Raises ContradictionError."""
        difference = plus(self.resolved(terms_of(one)), self.resolved(terms_of(other)), -1)
        if not difference:
            return self.of(one)
        for name, rest in sorted(self._solved(difference), key=lambda pair: _rank(*pair)):
            if sum(count * prod(self.numbers[n] for n in term) for term, count in rest.items()) > 0:
                self.known[name] = rest
                return self.of(one)
        raise ContradictionError(f"{int(one)} and {int(other)}")

    def _solved(self, difference: Terms) -> Iterable[tuple[str, Terms]]:
        """Yield (unknown, what it must be) so that a difference is zero."""
        names = {name for term in difference for name in term}
        for name in names:
            holding = [term for term in difference if name in term]
            factor = difference[(name,)] if holding == [(name,)] else 0
            rest = {term: -count for term, count in difference.items() if term != (name,)}
            if factor and all(count % factor == 0 for count in rest.values()):
                yield name, {term: count // factor for term, count in rest.items()}

    def divided(self, whole: Length, part: Any) -> Any:
        """Return a length by another, which divides it."""
        terms, divisor = self.resolved(terms_of(whole)), self.resolved(terms_of(part))
        if len(divisor) == 1:
            ((factors, count),) = divisor.items()
            found = {}
            for term, own in terms.items():
                left = list(term)
                for name in factors:
                    if name in left:
                        left.remove(name)
                if own % count or len(left) != len(term) - len(factors):
                    break
                found[tuple(left)] = own // count
            else:
                return self.length(found)
        inner = self.another(f"{_spelled(terms)} / {_spelled(divisor)}")
        self.equal(whole, inner * part)
        return self.of(inner)


def _rank(name: str, terms: Terms) -> tuple[bool, bool, int, str]:
    """Rank a solution: unknowns that are no argument's go first, and what is no difference."""
    return any(count < 0 for count in terms.values()), not name.startswith("#"), len(terms), name


def _spelled(terms: Terms) -> str:
    return " + ".join(sorted(f"{count} {' '.join(term)}" for term, count in terms.items()))
